"""Slack's emoji names as characters. A workspace's own emoji have none: they stay `:name:`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from emoji import emojize

NAME = r":(?P<emoji>[a-z0-9_+'-]{1,100}):(?::skin-tone-(?P<tone>[2-6]):)?"
"""`:wave:` or `:wave::skin-tone-3:`; a pattern to be used within others."""
SHORTCODE = re.compile(NAME)
# What is looked over for shortcodes: code and references are passed by, they hold none.
_PIECE = re.compile(rf"```.*?```|`[^`\n]*`|<[^<>]{{1,2000}}>|{NAME}", re.DOTALL)
_LIGHTEST_TONE = 0x1F3FB
_KEYCAPS = frozenset(map(ord, "#*0123456789"))
_SPOKEN = {"female": "woman", "male": "man"}


def with_characters(text: str, known: Mapping[str, str] | None = None) -> str:
    """The text with characters for its shortcodes.

    `known`: the characters by shortcode, where Slack says which of them the writer meant; otherwise those that stand
    apart from the words around them are taken for emoji.
    """
    if text.count(":") < 2:
        return text
    if known is not None:
        return SHORTCODE.sub(lambda match: known.get(match[0], match[0]), text) if known else text
    return _PIECE.sub(_replaced, text)


def _replaced(match: re.Match[str]) -> str:
    return (stands_apart(match) and match["emoji"] and character(match["emoji"], match["tone"])) or match[0]


def stands_apart(match: re.Match[str]) -> bool:
    """Whether the words around are none of it: `10:on:20` is a reading, not an emoji."""
    text, start, end = match.string, match.start(), match.end()
    return not (start and text[start - 1].isalnum()) and not (end < len(text) and text[end].isalnum())


@lru_cache(maxsize=4096)
def character(name: str, tone: str | None = None) -> str:
    """The emoji that Slack calls by that name, in skin tone "2" to "6" if one is given; empty if there is none."""
    if name.startswith("flag-") and len(name) == 7 and name[5:].isascii() and name[5:].isalpha():
        return "".join(chr(0x1F1E6 + ord(letter) - ord("a")) for letter in name[5:].lower())
    for alias in _aliases(name):
        found = emojize(f":{alias}:", language="alias")
        if found != f":{alias}:":
            return _in_tone(found, int(tone)) if tone else found
    return ""


def from_code_points(unified: str) -> str:
    """Slack's `1f44b-1f3fd` as characters; empty when it is no emoji's."""
    try:
        points = [int(point, 16) for point in unified.split("-")]
    except ValueError:
        return ""
    if len(points) > 16 or not all(_is_of_emoji(point) for point in points):
        return ""
    return "".join(map(chr, points))


def _is_of_emoji(point: int) -> bool:
    """Digits and two signs begin the keycaps; no half of a pair, nothing that could be markup."""
    return point in _KEYCAPS or 0xA9 <= point < 0xD800 or 0xE000 <= point <= 0x10FFFF


def _aliases(name: str) -> list[str]:
    """Unicode's own names part words by a low line, say "woman" for "female", and call no circle large."""
    plain = name.replace("-", "_")
    first, _, rest = plain.partition("_")
    return [name, plain, f"{_SPOKEN.get(first, first)}_{rest}", plain.removeprefix("large_")]


def _in_tone(found: str, tone: int) -> str:
    """The tone belongs right after the person, before what they do."""
    return found[0] + chr(_LIGHTEST_TONE + tone - 2) + found[1:].removeprefix("\ufe0f")
