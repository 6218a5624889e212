"""Finds the phrases by which people say where a matter stands; `data/cues.toml` lists them in six languages.

At each place the longest phrase wins and uses up its words, so that "not fixed" is never read as "fixed".
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from pathlib import Path
from typing import Final

from conversations.wording import Wording


class Cue(StrEnum):
    """What a phrase says: that we still owe or need something, that we don't, or a customer's attitude."""

    LOOKING = "looking"
    FOLLOW_UP = "follow_up"
    HANDED_ON = "handed_on"
    UNSURE = "unsure"
    ASKS = "asks"
    GREETING = "greeting"
    NOTED = "noted"
    PENDING = "pending"

    DONE = "done"
    ANSWER = "answer"
    ADVICE = "advice"
    LIMIT = "limit"
    WELCOME = "welcome"
    OFFER = "offer"

    PLEASANTRY = "pleasantry"
    PROTEST = "protest"


CONTINUING: Final = frozenset(
    {Cue.LOOKING, Cue.FOLLOW_UP, Cue.HANDED_ON, Cue.UNSURE, Cue.ASKS, Cue.GREETING, Cue.NOTED, Cue.PENDING}
)
CONCLUDING: Final = frozenset({Cue.DONE, Cue.ANSWER, Cue.ADVICE, Cue.LIMIT, Cue.WELCOME, Cue.OFFER})


@dataclass(frozen=True, slots=True)
class Found:
    """A cue and the part of the text that says it."""

    cue: Cue
    start: int
    end: int


Trie = dict[str, "Trie | Cue"]
_END = ""
_ANY = "*"
_ENDINGS = {"ing": "*ing", "ed": "*ed"}


class Phrases:
    """A set of phrases made ready for the search: a tree by word, and one pattern for Japanese."""

    def __init__(self, phrases: dict[str, str], japanese: dict[str, list[str]]) -> None:
        """Build the tree once, at import."""
        self._tree: Trie = {}
        for cue, listed in phrases.items():
            for phrase in listed.split(";"):
                for row in _rows(phrase.split()):
                    self._add(row, Cue(cue))
        self._japanese = {phrase: Cue(cue) for cue, listed in japanese.items() for phrase in listed}
        longest_first = sorted(self._japanese, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first)))

    def _add(self, row: tuple[str, ...], cue: Cue) -> None:
        node = self._tree
        for word in row:
            step = node.setdefault(word, {})
            assert isinstance(step, dict)  # noqa: S101  the end mark is no word
            node = step
        node.setdefault(_END, cue)

    def find(self, text: str, wording: Wording) -> Iterator[Found]:
        """Yield the cues of a text from left to right, without overlaps."""
        words = wording.words
        at = 0
        while at < len(words):
            cue, length = self._longest(wording, at)
            if cue is None:
                at += 1
                continue
            yield Found(cue, words[at].start, words[at + length - 1].end)
            at += length
        if wording.has_cjk:
            first, last = words[0].start, words[-1].end
            for match in self._pattern.finditer(text, first, min(last, first + 3000)):
                yield Found(self._japanese[match.group()], match.start(), match.end())

    def _longest(self, wording: Wording, at: int) -> tuple[Cue | None, int]:
        words = wording.words
        best: tuple[Cue | None, int] = (None, 0)
        nodes: list[Trie] = [self._tree]
        length = 0
        while nodes and at + length < len(words):
            word = words[at + length].text
            keys = (word, _ENDINGS.get(word[-3:], _ENDINGS.get(word[-2:], _ANY)), _ANY)
            steps = (node.get(key) for node in nodes for key in keys)
            nodes = [step for step in steps if isinstance(step, dict)]
            length += 1
            for node in nodes:
                cue = node.get(_END)
                if isinstance(cue, Cue):
                    best = (cue, length)
                    break
        return best


def _rows(pattern: list[str]) -> Iterator[tuple[str, ...]]:
    choices = [part.rstrip("?").split("/") + [""] * part.endswith("?") for part in pattern]
    for row in product(*choices):
        kept = tuple(word for word in row if word)
        if kept:
            yield kept


_LISTED = tomllib.loads((Path(__file__).parent / "data" / "cues.toml").read_text(encoding="utf-8"))
STAFF: Final = Phrases(**_LISTED["staff"])
CUSTOMER: Final = Phrases(**_LISTED["customer"])
