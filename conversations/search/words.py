"""What somebody typed, taken apart: texts to find, and words that name a filter (`owner:dana`). Pure: no database."""

from __future__ import annotations

import re
from dataclasses import dataclass

KEYS = (
    "owner", "status", "account", "channel", "tag", "priority", "tier", "is", "has", "from", "in",
    "before", "after", "during",
)  # fmt: skip
TERMS = 10
"""Texts of a query, the first; more are left out."""
LENGTH = 400
"""Characters of a query."""
_PART = re.compile(
    rf'(?P<minus>-)?(?:(?P<key>{"|".join(KEYS)}):)?(?:"(?P<quoted>[^"]*)(?P<end>"?)|(?P<bare>\S+))', re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Term:
    """A text to find. `is_phrase`: its words one after the other; `is_open`: its last word may go on."""

    text: str
    is_phrase: bool = False
    is_excluded: bool = False
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    key: str
    value: str
    is_excluded: bool = False

    def __str__(self) -> str:
        return f"{'-' * self.is_excluded}{self.key}:{quoted(self.value)}"


@dataclass(frozen=True, slots=True)
class Query:
    terms: tuple[Term, ...] = ()
    filters: tuple[Filter, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.terms or self.filters)

    def __str__(self) -> str:
        """The same query, written anew."""
        said = [f"{'-' * t.is_excluded}{f'“{t.text}”' if t.is_phrase else t.text}" for t in self.terms]
        return " ".join([*map(str, self.filters), *said]).replace("“", '"').replace("”", '"')

    def without(self, filter_: Filter) -> Query:
        return Query(self.terms, tuple(f for f in self.filters if f != filter_))


def parse(typed: str) -> Query:
    """The last word is open while nothing follows it: somebody may still be typing it."""
    typed = typed.replace("\x00", "").replace("“", '"').replace("”", '"').replace("„", '"')[:LENGTH]
    terms: list[Term] = []
    filters: list[Filter] = []
    for part in _PART.finditer(typed):
        is_phrase = part["quoted"] is not None
        text = (part["quoted"] if is_phrase else part["bare"]).strip()
        if not text:
            continue
        if part["key"]:
            filters.append(Filter(part["key"].lower(), text, bool(part["minus"])))
        elif len(terms) < TERMS:
            is_open = part.end() == len(typed) and not part["end"]
            terms.append(Term(text, is_phrase, bool(part["minus"]), is_open))
    return Query(tuple(terms), tuple(filters))


def quoted(value: str) -> str:
    return f'"{value}"' if re.search(r"\s", value) else value
