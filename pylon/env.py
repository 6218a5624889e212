"""Settings come from the environment; each may also be given as NAME_FILE, a path whose content is the value.

A bad value stops the start with one sentence that names the setting.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
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


def choice(name: str, default: str, *, among: tuple[str, ...]) -> str:
    """One of `among`, in any case."""
    value = text(name, default).upper()
    if value not in among:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(among)}, not {value!r}.")
    return value


def listing(name: str) -> list[str]:
    """Comma-separated values, empty ones left out."""
    return [part.strip() for part in text(name).split(",") if part.strip()]


def url(name: str, default: str, *, schemes: tuple[str, ...], ends_in: str = "") -> str:
    """What is wrong is said without the value, which may hold a password."""
    value = text(name, default)
    if not value:
        return value
    try:
        parts = urlsplit(value)
        _ = parts.port  # read for its check
    except ValueError:
        raise ImproperlyConfigured(f"{name} is no address: its host or port can't be read.") from None
    has_place = parts.hostname or (parts.path and not parts.scheme.startswith("http"))
    if parts.scheme not in schemes or not has_place:
        wanted = " or ".join(f"{scheme}://" for scheme in schemes)
        raise ImproperlyConfigured(f"{name} must be an address that starts with {wanted} and names a place.")
    if ends_in and not value.endswith(ends_in):
        raise ImproperlyConfigured(f"{name} must end in {ends_in}.")
    return value


def kept_secret(file: Path) -> str:
    """A random secret made at the first start and kept in `file`, readable by its owner only."""
    try:
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            _keep(secrets.token_urlsafe(50), file)
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(f"SECRET_KEY is not set, and {file} can't keep one: {error.strerror}.") from error


def _keep(secret: str, file: Path) -> None:
    # Written beside it and then linked: two processes that start together agree on one, and nobody reads half of it.
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
            handle.write(secret)
        with contextlib.suppress(FileExistsError):
            os.link(name, file)
    finally:
        Path(name).unlink()
