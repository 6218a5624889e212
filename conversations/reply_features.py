"""What the reply classifier looks at, as named numbers, so that its weights can be read."""

from collections.abc import Sequence
from math import log1p
from typing import Final

from conversations.cues import CONCLUDING, CONTINUING, Cue, Found
from conversations.wording import WORDS, Wording

# Weights by judgement. Their sum is one of the features; what is learnt only corrects it, so that a cue that the
# labelled replies happen not to contain still counts.
JUDGED: Final[dict[Cue, float]] = {
    Cue.LOOKING: -3.0, Cue.FOLLOW_UP: -2.5, Cue.HANDED_ON: -2.0, Cue.UNSURE: -2.5, Cue.ASKS: -2.0,
    Cue.GREETING: -3.0, Cue.NOTED: -1.5, Cue.PENDING: -2.0,
    Cue.DONE: 2.2, Cue.ANSWER: 1.2, Cue.ADVICE: 1.2, Cue.LIMIT: 1.2, Cue.WELCOME: 1.5, Cue.OFFER: 1.0,
}  # fmt: skip
_QUESTION: Final = -2.5
_BOTH: Final = -0.5
_OPENING: Final = -2.0
_STATEMENT: Final = 0.9  # a sentence that neither asks nor promises anything mostly answers
_STATEMENT_WORDS: Final = 4
_OWN_DOING: Final = -0.9  # one about us, without a word of finishing, mostly tells what goes on
_NOBODY: Final = 0.3  # one that speaks of neither
_LIMIT: Final = 3.0


def reply_features(
    text: str, wording: Wording, found: Sequence[Found], questions: Sequence[tuple[int, int]]
) -> dict[str, float]:
    """Describe a reply with at least one word; empty if it says nothing about where the matter stands."""
    cues = {one.cue for one in found}
    judged = _judged(wording, cues, bool(questions))
    if not judged:
        return {}
    features = {f"cue {cue}": 2.0 for cue in cues}
    features["judged"] = max(-_LIMIT, min(_LIMIT, judged))
    features["length"] = min(3.0, log1p(len(wording.words)) / 1.5)
    if questions:
        features["question"] = 2.0
        if text.rstrip().endswith(("?", "？")):
            features["question at the end"] = 2.0
        if len(wording.words) > 25:
            features["question in a long text"] = 2.0
    elif judged > 0 and not cues & CONTINUING:
        features["statement"] = 2.0
    if wording.links:
        features["link"] = 1.5
    if wording.code:
        features["code"] = 1.0
    if found:
        features[f"first {found[0].cue}"] = 1.0
        features[f"last {found[-1].cue}"] = 1.0
    return features


def _judged(wording: Wording, cues: set[Cue], asks: bool) -> float:
    total = sum(JUDGED[cue] for cue in cues)
    if cues & CONTINUING and cues & CONCLUDING:
        total += _BOTH
    if asks:
        return total + _QUESTION
    if cues & CONTINUING:
        return total
    if not cues and len(wording.words) <= 5 and wording.words[0].text in WORDS["opening"]:
        return _OPENING
    says = {word.text for word in wording.words}
    if not cues and says.isdisjoint(WORDS["customer"]):
        return total + (_NOBODY if says.isdisjoint(WORDS["we"]) else _OWN_DOING)
    says_something = len(wording.words) >= _STATEMENT_WORDS or wording.links or wording.code
    return total + _STATEMENT if says_something else total
