"""Shows where in a text the words are: the text escaped, the words in `<mark>`, cut around the first of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from conversations.excerpts import one_line
from conversations.search.words import Query

LENGTH = 240
BEFORE = 60
"""Characters shown in front of the first word found."""
STEM = 4
"""Letters that two forms of a word have in common at least."""
_WORD = re.compile(r"[^\W_]+")


def marked(text: str, query: Query, *, length: int = LENGTH) -> SafeString:
    """On one line."""
    line = one_line(text, 4_000)
    places = _places(line, query)
    start = max(0, places[0][0] - BEFORE) if places and len(line) > length else 0
    if start:
        start = line.rfind(" ", 0, start) + 1
    end = min(len(line), start + length)
    parts = ["…"] if start else []
    at = start
    for first, last in places:
        if last > end:
            break
        parts += [escape(line[at:first]), "<mark>", escape(line[first:last]), "</mark>"]
        at = last
    parts += [escape(line[at:end]), "…" if end < len(line) else ""]
    return mark_safe("".join(parts))  # noqa: S308 - every piece of the text is escaped above


def _places(line: str, query: Query) -> list[tuple[int, int]]:
    wanted = [
        (word, term.is_open or not term.is_phrase)
        for term in query.terms
        if not term.is_excluded
        for word in _WORD.findall(_folded(term.text))
    ]
    return [match.span() for match in _WORD.finditer(line) if _is_wanted(_folded(match[0]), wanted)]


def _is_wanted(said: str, wanted: Sequence[tuple[str, bool]]) -> bool:
    return any(said == word or (is_loose and _are_akin(said, word)) for word, is_loose in wanted)


def _are_akin(said: str, word: str) -> bool:
    """Forms of one word, roughly: "exports" and "exporting"; or the beginning of one."""
    if said.startswith(word):
        return True
    stem = re.sub(r"(?:ing|ies|ed|es|s|y|e)$", "", word)
    return len(stem) >= STEM and said.startswith(stem) and len(said) - len(stem) <= STEM


def _folded(text: str) -> str:
    """As `search_plain` does, but of the same length where that is possible."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))
