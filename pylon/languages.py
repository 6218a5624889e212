"""The languages of the pages. People translate `locale/<language>/LC_MESSAGES/*.po`; Python reads the compiled form,
which is made at start and kept with the data: a compiled file in the repository would be out of step one day."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from accounts.models import User

SOURCE = settings.BASE_DIR / "locale"
TO_PROGRAMS = ("/api/", "/integrations/", "/slack/events", "/slack/interactivity", "/slack/commands")
"""What is answered here is read by programs, or shown in Slack."""


def compile_catalogues(report: Callable[[str], None] = lambda _text: None) -> None:
    """Compile what was changed since the last time."""
    for source in sorted(SOURCE.glob("*/LC_MESSAGES/*.po")):
        target = settings.COMPILED_LOCALE / source.relative_to(SOURCE).with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns == source.stat().st_mtime_ns:
            continue
        report(f"Compiling the translation {source.parts[-3]}")
        compile_catalogue(source, target)


def compile_catalogue(source: Path, target: Path) -> None:
    """Another process that compiles the same, or reads it, sees the old file or the new one."""
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f".{target.name}.new")
    with source.open("rb") as said, beside.open("wb") as compiled:
        write_mo(compiled, read_po(said, locale=source.parts[-3]))
    _same_age(beside, source)
    beside.replace(target)


class ReadersLanguage:
    """Pages are in the language that the reader chose, or else in the browser's; what programs read is in English."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.user.language if isinstance(request.user, User) else ""
        if request.path.startswith(TO_PROGRAMS):
            chosen = settings.LANGUAGE_CODE
        known = dict(settings.LANGUAGES)
        with translation.override(chosen if chosen in known else translation.get_language_from_request(request)):
            request.LANGUAGE_CODE = translation.get_language()
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", request.LANGUAGE_CODE or settings.LANGUAGE_CODE)
        if not chosen:
            patch_vary_headers(response, ["Accept-Language"])
        return response


def _same_age(file: Path, other: Path) -> None:
    times = other.stat()
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
