"""Why a message is where it is, in words: what decided, how sure, and what would have been next."""

from __future__ import annotations

from typing import Final

from conversations.decision import BY_PERSON
from conversations.models import Message

RULES: Final = {
    "thread": "Slack thread",
    "correction": "An earlier correction",
    "linked": "By what is said",
    "silence": "A silence before it",
    "pleasantry": "A thank-you or the like",
    "late": "Came late",
    "quiet_period": "Quiet period",
    "open_conversation": "Our answer",
    "after_closed": "After a closed one",
    "other_person": "Another person",
    "first": "First of the channel",
    "each_message": "Every message its own",
    "threads_only": "Threads only",
    "by_hand": "By hand",
    "written_here": "Written on the page",
    "model": "Language model",
    BY_PERSON: "Placed by a person",
}
"""The rules by which messages were placed, as people read them."""
CERTAIN: Final = ("thread", "written_here", "first", "each_message", BY_PERSON)
NEW: Final = ("silence", "after_closed", "other_person")
_WORDS: Final = ((0.95, "almost certain"), (0.8, "quite sure"), (0.6, "fairly sure"), (0.0, "unsure"))


def rule(message: Message) -> str:
    return RULES.get(message.grouping_rule, message.grouping_rule)


def certainty(message: Message) -> str:
    """Empty where the rule leaves nothing to be sure of."""
    if message.grouping_rule in CERTAIN:
        return "certain"
    score = message.grouping_score
    return next((words for least, words in _WORDS if score >= least), "") if score is not None else ""


def why_not(message: Message) -> str:
    """Why it is not at the runner-up."""
    if message.grouping_rule == BY_PERSON:
        return "it was there before"
    if message.grouping_rule in NEW:
        return "it would have gone there, had that not stood against it"
    if message.grouping_rule in {"thread", "each_message"}:
        return "the last that was talked about, but that counts for nothing here"
    score = message.grouping_score
    if message.grouping_rule == "linked" and score is not None:
        return (
            f"at most {max(1, round(100 * (1 - score)))} of 100 by what is said, against {round(100 * score)} for here"
        )
    return "the next best"
