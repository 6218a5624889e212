"""Reads a teammate's reply: does it conclude the matter, or do we still owe or need something?

The rule, as for a person who labels: a reply concludes when, if the customer said nothing more, we would owe
nothing. A wrong "concludes" hides a waiting customer, so a doubtful reply counts as going on.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal

from conversations.cues import CONCLUDING, CONTINUING, CUSTOMER, STAFF, Cue, Found
from conversations.reply_features import JUDGED, reply_features
from conversations.wording import WORDS, Wording, read

NUMBERS: Final = Path(__file__).parent / "data" / "replies.json"
_FINISHED: Final = frozenset("✅☑✔")
_ONGOING: Final = frozenset("👀⏳⌛🔍🔎🛠🚧🤔")
_ALARMING: Final = frozenset("❌⚠👎❓❔❗🆘🚨🤔😡😠😢😭")
_PLEASANT_WORDS: Final = 20  # a longer message says more than thanks
_PLAIN_WORDS: Final = 5  # a shorter statement without any cue is no evidence: a wrong Closed hides a waiting customer


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


def classify_reply(text: str, context: Sequence[Turn] = ()) -> Verdict:  # noqa: ARG001
    """Read one reply of a teammate.

    `context`, the messages before it (oldest first), is for readers that can use it: on the labelled replies it
    told nothing that the reply did not, so this one judges the words alone.
    """
    wording = read(text)
    if not wording.words:
        return _without_words(text, wording)
    found, questions = cues_and_questions(text, wording)
    features = reply_features(text, wording, found, questions)
    if not features:
        return Verdict(ReplyKind.UNRELATED, 0.5, (), "says nothing about where the matter stands")
    numbers = _shipped()
    logit = numbers["intercept"] + sum(numbers["weights"].get(name, 0.0) * n for name, n in features.items())
    probability = round(1 / (1 + math.exp(-logit)), 3)
    kind = ReplyKind.CONCLUDES if probability >= numbers["concludes_from"] else ReplyKind.CONTINUES
    spans = _evidence(kind, found, questions)
    if kind is ReplyKind.CONCLUDES and not spans and len(wording.words) < _PLAIN_WORDS:
        return Verdict(ReplyKind.CONTINUES, probability, (), "too short to tell that it concludes")
    return Verdict(kind, probability, spans, _reason(kind, text, spans, questions))


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


def _reason(kind: ReplyKind, text: str, spans: Sequence[tuple[int, int]], questions: Sequence[tuple[int, int]]) -> str:
    if not spans:
        plain = "a plain statement: nothing is promised or asked"
        return plain if kind is ReplyKind.CONCLUDES else "nothing says that the matter is finished"
    if spans[0] in questions:
        return "asks something back"
    start, end = spans[0]
    return f"says “{' '.join(text[start:end].split())[:60]}”"
