"""A text as the linker sees it: its words, whom it may call by name, and what kind of message it is."""

import re
from dataclasses import dataclass
from functools import lru_cache
from math import log1p
from typing import Final

from conversations.wording import WORDS

TEXT_LIMIT: Final = 2000  # characters looked at

# The marks of a message, in the order of `Reading.marks`.
MARKS: Final = (
    "asks", "thanks", "greets", "agrees", "question_word", "goes_on", "anyone", "you", "me", "link", "command",
    "lower_case", "characters",
)  # fmt: skip
ASKS, THANKS, GREETS, AGREES, GOES_ON = 0, 1, 2, 3, 5

_WORD = re.compile(r"<[@#!]([A-Za-z0-9]+)[^>\n]{0,80}>|[^\W_][\w'’`^\[\]{}|\\-]*")
_LEADING_NAME = re.compile(r"\s*@?<?@?([^\s:,>]{1,40}?)>?\s*[:,]\s")
_LINK = re.compile(r"https?://|www\.")
_QUESTION: Final = WORDS["question"]
_THANKS: Final = WORDS["thanks"]
_GREETING: Final = WORDS["greeting"]
_AGREES: Final = WORDS["agrees"]
_GOES_ON: Final = WORDS["goes_on"]
_ANYONE: Final = WORDS["anyone"]
_YOU: Final = WORDS["you"]
_ME: Final = WORDS["me"]


@dataclass(frozen=True, slots=True)
class Reading:
    """`called` are the words that may be names, `topical` those that may tell the matter; `marks`: see MARKS."""

    called: frozenset[str]
    topical: frozenset[str]
    leading_name: str
    length: float
    marks: tuple[float, ...]


def read(text: str) -> Reading:
    """Read the beginning of a text; what was read lately is remembered."""
    return _read(text[:TEXT_LIMIT])


def without_leading_name(text: str, names: frozenset[str]) -> str:
    """Drop "omar: " from the front of a text if it is one of the (lower-case) names and something follows."""
    found = _LEADING_NAME.match(text)
    return (text[found.end() :] or text) if found and found.group(1).lower() in names else text


@lru_cache(maxsize=4096)
def _read(text: str) -> Reading:
    leading = _LEADING_NAME.match(text)
    words = [(match.group(1) or match.group()).lower() for match in _WORD.finditer(text)]
    plain = [word.replace("'", "").replace("’", "") for word in words]
    body = plain[1:] if leading and len(plain) > 1 else plain
    first = body[0] if body else ""
    bag = frozenset(plain)
    has_link = bool(_LINK.search(text))
    marks = (
        "?" in text[-200:] or ("?" in text and not has_link),
        not bag.isdisjoint(_THANKS),
        first in _GREETING,
        first in _AGREES,
        first in _QUESTION,
        first in _GOES_ON,
        not bag.isdisjoint(_ANYONE),
        not bag.isdisjoint(_YOU),
        not bag.isdisjoint(_ME),
        has_link,
        text.startswith("!"),
        text[:1].islower(),
        log1p(len(text)),
    )
    return Reading(
        called=frozenset(words),
        topical=frozenset(word for word in bag if len(word) > 2 or word.isdigit()),
        leading_name=leading.group(1).lower() if leading else "",
        length=log1p(len(plain)),
        marks=tuple(map(float, marks)),
    )
