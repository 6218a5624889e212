"""Which offline decisions are unsure enough to ask a language model about. Pure.

The bounds were chosen on the development sets; docs/model.md shows what else they would have cost and caught.
"""

from __future__ import annotations

from typing import Final

from conversations.replies import ReplyKind, Verdict
from conversations.wording import read

PLACE_BELOW: Final = 0.8
"""Below this score the linker is wrong once in three times; between 0.8 and 0.9 once in six, which is about how often a
model would be."""
CONCLUDES_FROM, CONCLUDES_BELOW = 0.3, 0.85
"""Between these probabilities that a reply concludes it was misread once in three times."""


def is_unsure_place(score: float | None) -> bool:
    """`score`: of the place that the linker chose, 0 to 1; None: something surer than the linker decided."""
    return score is not None and score < PLACE_BELOW


def is_unsure_reading(text: str, verdict: Verdict) -> bool:
    """Tell whether a reply of ours may well be misread. One of emoji, code or links alone has no words to read."""
    if not read(text).words:
        return False
    if CONCLUDES_FROM <= verdict.probability < CONCLUDES_BELOW:
        return True
    # The words say one thing and the caution of the rules another: "too short to tell that it concludes".
    return verdict.kind is not ReplyKind.CONCLUDES and verdict.probability >= CONCLUDES_BELOW
