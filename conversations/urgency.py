"""The priority that a customer's own words name, without a model. Pure.

Few and plain cues: a false alarm costs more trust than a missed one costs time, for the card is on the board anyway.
"""

from __future__ import annotations

import re
from typing import Final

LOOKED_AT: Final = 1_000
"""Characters of a message in which a cue counts: further on it is a pasted log's."""
_RANKS: Final = ("", "low", "normal", "high", "urgent")

_URGENT = re.compile(
    r"\b(?:production|prod|site|system|service|platform|api|checkout|everything) (?:is|are) "
    r"(?:completely |totally |all )?(?:down|offline)\b"
    r"|\b(?:complete|total|major|full) outage\b|\bdata (?:loss|breach|leak)\b"
    r"|\bsev(?:erity)?[- ]?[01]\b|\bp[01] (?:incident|issue|outage)\b"
    r"|\bproduktion (?:steht|ist down)\b|\bproducción (?:está )?ca[ií]da\b|\bproduction est (?:en panne|down)\b"
    r"|\bprodução (?:está )?(?:fora do ar|caiu)\b|本番(?:環境)?が?(?:停止|落ち)",
    re.IGNORECASE,
)
_HIGH = re.compile(
    r"\b(?:urgent|urgently|asap|as soon as possible|time[- ]critical|dringend|urgente|urgemment)\b|至急|緊急",
    re.IGNORECASE,
)
_TAKEN_BACK = re.compile(
    r"\b(?:not|isn.?t|aren.?t|no longer|nothing|no|if|when|whenever|whether|in case|unless|nicht|wenn|falls|pas|si|se"
    r"|não)\b[^.!?\n]{0,20}$",
    re.IGNORECASE,
)
"""Before a cue: "not urgent", "what happens if the API is down"."""


def cued_priority(text: str) -> str:
    """`urgent`, `high` or, where no word says so, nothing."""
    text = text[:LOOKED_AT]
    for cues, priority in ((_URGENT, "urgent"), (_HIGH, "high")):
        if any(not _TAKEN_BACK.search(text[: cue.start()]) for cue in cues.finditer(text)):
            return priority
    return ""


def raised(priority: str, text: str) -> str:
    """The higher of a suggested priority and what one more message of the customer names."""
    return max(priority, cued_priority(text), key=_RANKS.index)
