"""Why a message is where it is, in words: what decided, how sure, and what would have been next."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.decision import BY_PERSON
from conversations.models import Message
from conversations.reasons import REASONS

RULES: Final = {
    "thread": gettext_lazy("Slack thread"),
    "correction": gettext_lazy("An earlier correction"),
    "linked": gettext_lazy("By what is said"),
    "silence": gettext_lazy("A silence before it"),
    "pleasantry": gettext_lazy("A thank-you or the like"),
    "late": gettext_lazy("Came late"),
    "quiet_period": gettext_lazy("Quiet period"),
    "open_conversation": gettext_lazy("Our answer"),
    "after_closed": gettext_lazy("After a closed one"),
    "other_person": gettext_lazy("Another person"),
    "first": gettext_lazy("First of the channel"),
    "each_message": gettext_lazy("Every message its own"),
    "threads_only": gettext_lazy("Threads only"),
    "by_hand": gettext_lazy("By hand"),
    "written_here": gettext_lazy("Written on the page"),
    "model": gettext_lazy("Language model"),
    BY_PERSON: gettext_lazy("Placed by a person"),
}
"""The rules by which messages were placed, as people read them."""
CERTAIN: Final = ("thread", "written_here", "first", "each_message", BY_PERSON)
NEW: Final = ("silence", "after_closed", "other_person")
_WORDS: Final = (
    (0.95, gettext_lazy("almost certain")),
    (0.8, gettext_lazy("quite sure")),
    (0.6, gettext_lazy("fairly sure")),
    (0.0, gettext_lazy("unsure")),
)


def rule(message: Message) -> str:
    return str(RULES.get(message.grouping_rule, message.grouping_rule))


def because(message: Message) -> str:
    return REASONS.told(message.grouping_reason)


def certainty(message: Message) -> str:
    """Empty where the rule leaves nothing to be sure of."""
    if message.grouping_rule in CERTAIN:
        return _("certain")
    score = message.grouping_score
    return str(next((words for least, words in _WORDS if score >= least), "")) if score is not None else ""


def why_not(message: Message) -> str:
    """Why it is not at the runner-up."""
    if message.grouping_rule == BY_PERSON:
        return _("it was there before")
    if message.grouping_rule in NEW:
        return _("it would have gone there, had that not stood against it")
    if message.grouping_rule in {"thread", "each_message"}:
        return _("the last that was talked about, but that counts for nothing here")
    score = message.grouping_score
    if message.grouping_rule == "linked" and score is not None:
        words = _("at most %(there)d of 100 by what is said, against %(here)d for here")
        return words % {"there": max(1, round(100 * (1 - score))), "here": round(100 * score)}
    return _("the next best")
