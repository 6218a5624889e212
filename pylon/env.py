"""Settings come from the environment; each may also be given as NAME_FILE, a path whose content is the value.

A bad value stops the start with one sentence that names the setting.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str = "") -> str:
    """The value of NAME, or the stripped content of the file that NAME_FILE names. Both at once is an error."""
    value, file = os.environ.get(name), os.environ.get(f"{name}_FILE")
    if value and file:
        raise ImproperlyConfigured(f"{name} and {name}_FILE are both set: keep one of them.")
    if file:
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ImproperlyConfigured(f"{name}_FILE names {file}, which can't be read: {error}.") from error
    return value.strip() if value else default


def integer(name: str, default: int, *, least: int = 0, most: int | None = None) -> int:
    raw = text(name, str(default))
    try:
        value = int(raw)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {raw!r}.") from None
    if value < least or (most is not None and value > most):
        upper = "" if most is None else f" and at most {most}"
        raise ImproperlyConfigured(f"{name} must be at least {least}{upper}, not {value}.")
    return value


def boolean(name: str, *, default: bool = False) -> bool:
    raw = text(name, "1" if default else "0").lower()
    if raw in {"1", "true", "yes", "on"}:
        return True
    if raw in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} must be one of 1, true, yes, on, 0, false, no, off, not {raw!r}.")


def listing(name: str) -> list[str]:
    """Comma-separated values, empty ones left out."""
    return [part.strip() for part in text(name).split(",") if part.strip()]


def url(name: str, default: str, *, schemes: tuple[str, ...], ends_in: str = "") -> str:
    value = text(name, default)
    if not value:
        return value
    parts = urlsplit(value)
    if parts.scheme not in schemes or not (parts.netloc or parts.path):
        raise ImproperlyConfigured(
            f"{name} must be an address that starts with {' or '.join(s + '://' for s in schemes)}, not {value!r}."
        )
    if ends_in and not value.endswith(ends_in):
        raise ImproperlyConfigured(f"{name} must end in {ends_in}, not {value!r}.")
    return value


def kept_secret(file: Path) -> str:
    """A random secret made at the first start and kept in `file`, readable by its owner only."""
    with contextlib.suppress(FileExistsError):
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
            handle.write(secrets.token_urlsafe(50))
    return file.read_text(encoding="utf-8").strip()
