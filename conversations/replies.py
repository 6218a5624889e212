"""Reads a teammate's reply: does it conclude the matter, or do we still owe or need something?

The rule, as for a person who labels: a reply concludes when, if the customer said nothing more, we would owe
nothing. A wrong "concludes" hides a waiting customer, so a doubtful reply counts as going on.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal

from conversations.cues import CONCLUDING, CONTINUING, CUSTOMER, STAFF, Cue, Found
from conversations.reply_features import JUDGED, reply_features
from conversations.reply_grams import grams, pairs
from conversations.wording import WORDS, Wording, read

NUMBERS: Final = Path(__file__).parent / "data" / "replies.json"
_FINISHED: Final = frozenset("✅☑✔")
_ONGOING: Final = frozenset("👀⏳⌛🔍🔎🛠🚧🤔")
_ALARMING: Final = frozenset("❌⚠👎❓❔❗🆘🚨🤔😡😠😢😭")
_PLEASANT_WORDS: Final = 20  # a longer message says more than thanks
_PLAIN_WORDS: Final = 5  # of a shorter statement without any phrase we must be surer: a wrong Closed hides a customer
_SHORT_PLAIN: Final = 0.9
_LONG_PAIR: Final = 8  # letters
_TELLING: Final = 0.25  # the weight from which a pair of words is worth showing as a reason


class ReplyKind(StrEnum):
    """What a reply does to the matter."""

    CONCLUDES = "concludes"
    CONTINUES = "continues"
    UNRELATED = "unrelated"


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier message of the conversation."""

    role: Literal["customer", "staff"]
    text: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a reply was read. `probability` is that of concluding; `evidence` are spans of the text."""

    kind: ReplyKind
    probability: float
    evidence: tuple[tuple[int, int], ...]
    reason: str


def classify_reply(
    text: str,
    context: Sequence[Turn] = (),  # noqa: ARG001
    *,
    numbers: Mapping[str, Any] | None = None,
) -> Verdict:
    """Read one reply of a teammate, by the shipped numbers or others.

    `context`, the messages before it (oldest first), is for readers that can use it: on the labelled replies it
    told nothing that the reply did not, so this one judges the words alone.
    """
    wording = read(text)
    if not wording.words:
        return _without_words(text, wording)
    found, questions = cues_and_questions(text, wording)
    features = reply_features(text, wording, found, questions)
    numbers = numbers or _shipped()
    probability = round(probability_of(features, wording, numbers), 3)
    if not features and numbers["plain_continues_to"] < probability < numbers["plain_concludes_from"]:
        return Verdict(ReplyKind.UNRELATED, probability, (), "says nothing about where the matter stands")
    concluding_cue = any(one.cue in CONCLUDING for one in found)
    needed = numbers["concludes_from"] if concluding_cue else numbers["plain_concludes_from"]
    kind = ReplyKind.CONCLUDES if probability >= needed else ReplyKind.CONTINUES
    spans = _evidence(kind, found, questions) or _telling_pair(kind, wording, numbers)
    is_bare = not spans and len(wording.words) < _PLAIN_WORDS
    if kind is ReplyKind.CONCLUDES and is_bare and probability < _SHORT_PLAIN:
        return Verdict(ReplyKind.CONTINUES, probability, (), "too short to tell that it concludes")
    return Verdict(kind, probability, spans, _reason(kind, text, spans, questions))


def probability_of(features: Mapping[str, float], wording: Wording, numbers: Mapping[str, Any]) -> float:
    """That the reply concludes, by the trained numbers."""
    weights, learnt = numbers["weights"], numbers["grams"]
    logit = numbers["intercept"] + sum(weights.get(name, 0.0) * n for name, n in features.items())
    logit += sum(learnt.get(key, 0.0) for key in grams(wording))
    return 1 / (1 + math.exp(-logit))


def is_pleasantry(text: str) -> bool:
    """Tell whether a customer's message only thanks, agrees or says goodbye, so that nothing opens or reopens."""
    wording = read(text)
    if wording.questions or wording.code or wording.links or len(wording.words) > _PLEASANT_WORDS:
        return False
    if any(sign.text in _ALARMING for sign in wording.emoji):
        return False
    if not wording.words:
        return bool(wording.emoji)
    found = list(CUSTOMER.find(text, wording))
    if not found or any(one.cue is Cue.PROTEST for one in found):
        return False
    rest = [w for w in wording.words if not any(one.start < w.end and w.start < one.end for one in found)]
    return sum(word.text not in WORDS["filler"] for word in rest) <= 1  # a name, mostly


def cues_and_questions(text: str, wording: Wording) -> tuple[list[Found], list[tuple[int, int]]]:
    """Find the cues, and the questions other than those that only round off: "does that help?"."""
    found = list(STAFF.find(text, wording))
    closing = [one for one in found if one.cue is Cue.OFFER]
    questions = [
        (start, end)
        for start, end in wording.questions
        if not any(start <= one.start and one.end <= end for one in closing)
    ]
    return found, questions


@lru_cache(maxsize=1)
def _shipped() -> dict[str, Any]:
    numbers: dict[str, Any] = json.loads(NUMBERS.read_text(encoding="utf-8"))
    return numbers


def _without_words(text: str, wording: Wording) -> Verdict:
    signs = {sign.text for sign in wording.emoji}
    spans = tuple((sign.start, sign.end) for sign in wording.emoji)
    if signs & _ONGOING:
        return Verdict(ReplyKind.CONTINUES, 0.1, spans, f"says “{text.strip()[:40]}”")
    if signs & _FINISHED:
        return Verdict(ReplyKind.CONCLUDES, 0.8, spans, f"says “{text.strip()[:40]}”")
    if wording.questions:
        return Verdict(ReplyKind.CONTINUES, 0.1, wording.questions, "asks something back")
    what = "code" if wording.code else "a link" if wording.links else "emoji" if wording.emoji else "no words"
    return Verdict(ReplyKind.UNRELATED, 0.5, (), f"only {what}: where the matter stands is left as it was")


def _evidence(
    kind: ReplyKind, found: Sequence[Found], questions: Sequence[tuple[int, int]]
) -> tuple[tuple[int, int], ...]:
    wanted = CONCLUDING if kind is ReplyKind.CONCLUDES else CONTINUING
    matching = [one for one in found if one.cue in wanted]
    strongest = sorted(matching, key=lambda one: -abs(JUDGED[one.cue]))[:3]
    spans = [(one.start, one.end) for one in strongest]
    if kind is ReplyKind.CONTINUES:
        spans += questions[:2]
    return tuple(spans)


def _telling_pair(kind: ReplyKind, wording: Wording, numbers: Mapping[str, Any]) -> tuple[tuple[int, int], ...]:
    """Of a reply without a listed phrase: the pair of words that says most of all."""
    sign, learnt = (1 if kind is ReplyKind.CONCLUDES else -1), numbers["grams"]
    told = [
        (sign * learnt.get(key, 0.0), one.start, other.end)
        for key, one, other in pairs(wording)
        if len(key) >= _LONG_PAIR  # "is in" may weigh much, but tells a reader nothing
    ]
    most, start, end = max(told, default=(0.0, 0, 0))
    return ((start, end),) if most >= _TELLING else ()


def _reason(kind: ReplyKind, text: str, spans: Sequence[tuple[int, int]], questions: Sequence[tuple[int, int]]) -> str:
    if not spans:
        plain = "a plain statement: nothing is promised or asked"
        return plain if kind is ReplyKind.CONCLUDES else "nothing says that the matter is finished"
    if spans[0] in questions:
        return "asks something back"
    start, end = spans[0]
    return f"says “{' '.join(text[start:end].split())[:60]}”"
