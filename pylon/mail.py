"""The mail server, named by one address: `smtp://user:password@host:port`."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

SMTP, SECURE, CONSOLE = "smtp", "smtps", "console"
TIMEOUT = 10
NONE = "django.core.mail.backends.dummy.EmailBackend"


def settings_of(url: str) -> dict[str, Any]:
    """Django's settings for it. `smtp`: STARTTLS, unless `?tls=off`; `smtps`: TLS from the start; `console`: e-mails
    are printed; empty: none are sent. What is wrong is said without the address, which may hold a password."""
    if not url:
        return {"EMAIL_BACKEND": NONE}
    parts = urlsplit(url)
    if parts.scheme == CONSOLE:
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    try:
        port = parts.port
    except ValueError:
        port = -1
    if parts.scheme not in {SMTP, SECURE} or not parts.hostname or port == -1:
        raise ImproperlyConfigured("EMAIL_URL must be like smtp://user:password@host:587, or console://.")
    is_secure = parts.scheme == SECURE
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port or (465 if is_secure else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": is_secure,
        "EMAIL_USE_TLS": not is_secure and "tls=off" not in parts.query,
        "EMAIL_TIMEOUT": TIMEOUT,
    }
