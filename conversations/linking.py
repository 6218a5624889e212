"""Decides offline to which conversation a message belongs: a score for each candidate and for "a new one".

Boosted trees compare the message with the conversations lately active (`linking_features`); the softmax of their
totals is the score, so the scores of one message add up to one and mean the same in every channel. The numbers are in
`data/linking.json`; `manage.py train_grouping` makes them.
"""

import json
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import exp
from pathlib import Path
from typing import Any, Final

from conversations.linking_features import (
    COMMON_FEATURES,
    FEATURES,
    PAIR_FEATURES,
    WINDOW,
    Candidates,
    Rarity,
    Utterance,
    candidates,
)
from conversations.linking_reading import ASKS, read
from conversations.trees import Forest
from conversations.wording import WORDS

__all__ = ["Candidate", "Linker", "Linking", "Utterance", "link", "shipped_linker"]

NUMBERS: Final = Path(__file__).parent / "data" / "linking.json"
# The first trees tell clear cases; the others are asked only about candidates that are still within reach, one in
# seven. No decision on the development sets changes by it.
FIRST_TREES: Final = 60
OUT_OF_REACH: Final = 3.5
_TELLING: Final = 4.5  # rarity from which a shared word is worth naming


@dataclass(frozen=True, slots=True)
class Candidate:
    """A conversation the message may belong to (None: a new one), and the message it would answer there."""

    conversation: Hashable | None
    score: float
    message: Hashable | None


@dataclass(frozen=True, slots=True)
class Linking:
    """The candidates, best first, and why the first one leads, in words for people.

    `shared`: the telling words that the message has in common with it.
    """

    ranked: tuple[Candidate, ...]
    reason: str
    shared: tuple[str, ...]


def link(
    utterance: Utterance, recent: Sequence[Utterance], odds: Callable[[Hashable | None], float] | None = None
) -> Linking:
    """Rank the conversations of the earlier messages (oldest first; the last 100 count) for a new message.

    `odds` of each (None: a new one) weigh in what the linker was not trained on.
    """
    recent = recent[-WINDOW:]
    found, scores = shipped_linker().scores(utterance, recent)
    if odds:
        weighed = [score * odds(one) for score, one in zip(scores, found.conversations, strict=True)]
        scores = [score / sum(weighed) for score in weighed]
    order = sorted(range(len(scores)), key=lambda index: -scores[index])
    ranked = []
    for index in order:
        answered = found.answers[index]
        message = None if answered is None else recent[answered].key
        ranked.append(Candidate(found.conversations[index], scores[index], message))
    words = _shared_words(utterance, recent, ranked[0].conversation)
    return Linking(tuple(ranked), _reason(utterance, recent, found, order[0], words), words)


class Linker:
    """The trained numbers made ready."""

    def __init__(self, numbers: Mapping[str, Any]) -> None:
        """Take what `train_grouping` wrote; raise ValueError if it was written for other features."""
        if tuple(numbers["features"]) != FEATURES:
            raise ValueError("These linking numbers were trained for other features; run train_grouping again.")
        self.rarity = Rarity(numbers["rarity"]["words"], numbers["rarity"]["unknown"])
        self._first = Forest(numbers["trees"][:FIRST_TREES], len(FEATURES))
        self._rest = Forest(numbers["trees"][FIRST_TREES:], len(FEATURES))

    def scores(self, new: Utterance, earlier: Sequence[Utterance]) -> tuple[Candidates, list[float]]:
        """Compare a message with those before it; the scores, one per candidate, add up to 1."""
        found = candidates(new, earlier, self.rarity)
        totals = _totals(self._first, found, range(len(found.rows)))
        close = [index for index, total in enumerate(totals) if total > max(totals) - OUT_OF_REACH]
        if len(close) > 1:
            for index, more in zip(close, _totals(self._rest, found, close), strict=True):
                totals[index] += more
        top = max(totals)
        powers = [exp(total - top) for total in totals]
        return found, [power / sum(powers) for power in powers]


def _totals(forest: Forest, found: Candidates, chosen: Iterable[int]) -> list[float]:
    shared = forest.narrow(found.common, first=len(PAIR_FEATURES))
    return [forest.total(forest.narrow(found.rows[index], start=shared)) for index in chosen]


@lru_cache(maxsize=1)
def shipped_linker() -> Linker:
    """Load the shipped numbers once per process."""
    return Linker(json.loads(NUMBERS.read_text(encoding="utf-8")))


def _reason(new: Utterance, recent: Sequence[Utterance], found: Candidates, best: int, words: Sequence[str]) -> str:
    circumstances = dict(zip(COMMON_FEATURES, found.common, strict=True))
    answered = found.answers[best]
    if answered is None:
        parts = ["looks like a new matter"]
        if not circumstances["my_messages_in_channel"]:
            parts.append(f"nothing by {new.name} in the last {len(recent)} messages" if recent else "first message")
        if circumstances["greets"]:
            parts.append("begins with a greeting")
        if recent:
            parts.append(f"the last message was {_ago(new.at - recent[-1].at)}")
        return ", ".join(parts)
    compared = dict(zip(PAIR_FEATURES, found.rows[best], strict=True))
    before = recent[answered]
    if before.author == new.author:
        parts = [f"goes on from the same person's message {_ago(new.at - before.at)}"]
    else:
        what = "question" if read(before.text).marks[ASKS] else "message"
        parts = [f"follows {before.name}'s {what} {_ago(new.at - before.at)}"]
        if compared["addressed_since_me"]:
            parts.append(f"which addresses {new.name}")
        elif compared["my_messages"]:
            parts.append("same person wrote here before")
    if compared["addressees_in_it"]:
        parts.append("calls someone of it by name")
    if words:
        parts.append("shares " + " and ".join(f"“{word}”" for word in words))
    return ", ".join(parts)


def _shared_words(new: Utterance, recent: Sequence[Utterance], conversation: Hashable | None) -> tuple[str, ...]:
    if conversation is None:
        return ()
    rarity = shipped_linker().rarity
    said = (read(one.text).topical for one in recent if one.conversation == conversation)
    names = {one.author.lower() for one in recent}
    shared = read(new.text).topical.intersection(frozenset().union(*said)) - names - WORDS["everyday"]
    telling = [word for word in shared if rarity.of(word) >= _TELLING]
    return tuple(sorted(telling, key=lambda word: (-rarity.of(word), -len(word), word))[:2])


def _ago(seconds: float) -> str:
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        count = round(seconds / length)
        if seconds >= length:
            return f"{count} {unit}{'s' if count != 1 else ''} before"
    return "just before"
