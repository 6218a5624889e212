"""Text as it is kept, and as it is cut for cards and titles."""

from __future__ import annotations

import re
from typing import Any

# What turns the direction of the text around it, and control characters: on a card they would disturb the rest of
# the line. Marks that only help a neighbour (U+200E, U+200F) stay, as does the joiner inside an emoji.
_DISTURBING = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\s]+")
_GREETING = re.compile(
    r"(hi|hello|hey|good (morning|afternoon|evening)|hallo|hola|bonjour)\b[^,.!?\n]{0,30}[,.!?\n]+\s*", re.IGNORECASE
)
# A "sentence" of one or two words ("Help!", "e.g.") says too little for a title: go on to the next end.
_SENTENCE = re.compile(r"[^\n]{12,}?[.!?。？！](?=\s)|[^\n]+")
_LOOKED_AT = 4_000
"""Of a pasted log the beginning is enough, in characters."""


def clean(value: Any) -> Any:
    """The same text, list or dict without what PostgreSQL can't hold: NUL and halves of surrogate pairs."""
    if isinstance(value, str):
        text = value.replace("\x00", "")
        return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [clean(item) for item in value]
    if isinstance(value, dict):
        return {clean(key): clean(item) for key, item in value.items()}
    return value


def one_line(text: str, length: int) -> str:
    """The text on one line of at most `length` characters, cut at a word where one ends near."""
    text = text[: _LOOKED_AT * 2].strip()[:_LOOKED_AT]
    line = _DISTURBING.sub(" ", text).strip()
    if len(line) <= length:
        return line
    cut = line[: length - 1]
    at_word = cut.rsplit(" ", 1)[0]
    return (at_word if len(at_word) >= length * 0.6 else cut).rstrip(" ,.;:\u200d") + "…"


def title_of(text: str) -> str:
    """The first telling sentence, without a greeting, as a title of at most 120 characters."""
    text = text[: _LOOKED_AT * 2].strip()[:_LOOKED_AT]
    lines = [line for line in text.splitlines() if re.search(r"\w", line)] or [text]
    told = "\n".join(lines)
    sentence = _SENTENCE.match(_GREETING.sub("", told, count=1).strip() if _GREETING.match(told) else told)
    return one_line(sentence.group() if sentence else told, 120)
