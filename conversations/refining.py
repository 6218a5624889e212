"""Which offline decisions are unsure enough to ask a language model about. Pure.

The bounds were chosen on the development sets; docs/model.md shows what else they would have cost and caught.
"""

from __future__ import annotations

from typing import Final

from conversations.replies import ReplyKind, Verdict
from conversations.wording import read

LINKED: Final = frozenset({"linked", "silence", "pleasantry"})
"""The rules of `grouping` whose score says how sure the linker is, or which decide against it."""
PLACE_BELOW: Final = 0.8
"""Below this score the linker is wrong once in three times; between 0.8 and 0.9 once in six, which is about how often a
model would be."""
CONCLUDES_FROM: Final = 0.2
CONCLUDES_BELOW: Final = 0.9
"""Between these probabilities that a reply concludes it was misread once in three to four times. The upper one is high
because a wrong Closed, which hides a waiting customer, is read with confidence."""


def is_unsure_place(rule: str, score: float | None) -> bool:
    """`rule` and `score` as grouping gave them. What a person, a thread or a channel's own setting decided is sure."""
    return rule in LINKED and score is not None and score < PLACE_BELOW


def is_unsure_reading(text: str, verdict: Verdict) -> bool:
    """Tell whether a reply of ours may well be misread. One of emoji, code or links alone has no words to read."""
    if not read(text).words:
        return False
    if CONCLUDES_FROM <= verdict.probability < CONCLUDES_BELOW:
        return True
    # The words say one thing and the caution of the rules another: "too short to tell that it concludes".
    return verdict.kind is not ReplyKind.CONCLUDES and verdict.probability >= CONCLUDES_BELOW
