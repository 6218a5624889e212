"""What templates say is marked for translation."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.base import Lexer, TokenType

ROOT = settings.BASE_DIR / "templates"
TEMPLATES = sorted(ROOT.rglob("*.html"))
SAME_EVERYWHERE = {"Pylon", "· Pylon", "Slack", "CSV", "API", "Ctrl", "Enter", "ms", "ms)", "(UTC)."}
IN_ENGLISH = ("api/",)
"""Folders whose pages are read by programmers, in English."""

SILENT = re.compile(r"<!--.*?-->|<(script|style|code|kbd)\b[^>]*>.*?</\1>", re.DOTALL)
SPOKEN = re.compile(r'\b(?:title|aria-label|placeholder|alt|data-label)="([^"]*)"')
TAG = re.compile(r"<[^>]*>")
GAP = "\x00"
"""Stands for what Django fills in, and for what is marked."""


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_what_a_template_says_is_marked(file: Path) -> None:
    name = file.relative_to(ROOT).as_posix()
    if name.startswith(IN_ENGLISH):
        return
    assert unmarked(file.read_text("utf-8")) == []


def test_unmarked_text_is_found() -> None:
    assert unmarked('<p>{% if a %}Some {{ b }} text{% endif %}</p><a title="Go">✓</a>') == ["Go", "Some", "text"]
    assert (
        unmarked('{% blocktranslate %}Some <b>{{ b }}</b>{% endblocktranslate %}<a title="{% translate "Go" %}">') == []
    )


def unmarked(template: str) -> list[str]:
    """Pieces of text and of attributes that are neither filled in nor translated."""
    plain = SILENT.sub("", _without_marked(template))
    pieces = [piece for said in SPOKEN.findall(plain) for piece in said.split(GAP)] + re.split(
        f"{GAP}|\x01", TAG.sub("\x01", plain)
    )
    said = (re.sub(r"&\w+;", "", piece).strip() for piece in pieces)
    return [piece for piece in said if re.search(r"[A-Za-z]{2}", piece) and piece not in SAME_EVERYWHERE]


def _without_marked(template: str) -> str:
    left, depth = [], 0
    for token in Lexer(template).tokenize():
        if token.token_type == TokenType.BLOCK and re.match(r"(end)?(blocktrans|comment)", token.contents):
            depth += -1 if token.contents.startswith("end") else 1
        left.append(token.contents if token.token_type == TokenType.TEXT and not depth else GAP)
    return "".join(left)
