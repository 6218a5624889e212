"""The figures and what each of them means, as the page and docs/analytics.md print it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Kind(TextChoices):
    """What is counted: each is a row for each time that it happened."""

    NEW = "new"
    REOPENED = "reopened"
    CLOSED = "closed"
    TOUCHES = "touches"
    FIRST_RESPONSE = "first_response"
    NEXT_RESPONSE = "next_response"
    UNANSWERED = "unanswered"
    TIME_TODO = "time_todo"
    TIME_IN_PROGRESS = "time_in_progress"
    TARGET_MET = "target_met"
    TARGET_MISSED = "target_missed"
    AUTO_CHANGE = "auto_change"
    AUTO_CORRECTED = "auto_corrected"
    CORRECTION = "correction"
    BACKLOG_IN = "backlog_in"
    BACKLOG_OUT = "backlog_out"


class Unit(TextChoices):
    """Of a figure's value. `SHARE` is from 0 to 1; `SECONDS` and `REPLIES` are medians."""

    COUNT = "count"
    SECONDS = "seconds"
    REPLIES = "replies"
    SHARE = "share"


@dataclass(frozen=True, slots=True)
class Figure:
    """`kinds`: whose facts are counted; `whole`: of a share, of which facts they are a part.

    `less_is_better`: how a change reads; None: neither way. `by_hour`: has a heat map.
    """

    key: str
    label: str | Promise
    meaning: str | Promise
    unit: Unit
    kinds: tuple[Kind, ...]
    whole: tuple[Kind, ...] = ()
    less_is_better: bool | None = None
    by_hour: bool = False


FIGURES: Final[dict[str, Figure]] = {
    figure.key: figure
    for figure in (
        Figure(
            "new", _("New"),
            _("Conversations that began, on the day of their first message."),
            Unit.COUNT, (Kind.NEW,), by_hour=True,
        ),
        Figure(
            "reopened", _("Reopened"),
            _("How often a closed conversation was opened again, by the customer’s message or by hand. "
              "A change that only followed from a correction of the grouping is none."),
            Unit.COUNT, (Kind.REOPENED,), less_is_better=True, by_hour=True,
        ),
        Figure(
            "closed", _("Closed"),
            _("How often a conversation was closed. One that was reopened counts again. "
              "One that nobody had to answer (we wrote first, or a mere thank-you) never was open and does not count."),
            Unit.COUNT, (Kind.CLOSED,), by_hour=True,
        ),
        Figure(
            "first_response", _("First response"),
            _("From the message with which the customer began to wait to our first reply, on the day of the reply."),
            Unit.SECONDS, (Kind.FIRST_RESPONSE,), less_is_better=True, by_hour=True,
        ),
        Figure(
            "next_response", _("Next response"),
            _("The same for every later wait of the customer in a conversation that ended with our reply."),
            Unit.SECONDS, (Kind.NEXT_RESPONSE,), less_is_better=True, by_hour=True,
        ),
        Figure(
            "unanswered", _("Waits without a reply"),
            _("Waits that ended because the conversation was closed, without a reply from us."),
            Unit.COUNT, (Kind.UNANSWERED,), less_is_better=True,
        ),
        Figure(
            "resolution", _("Resolution time"),
            _("From opened to closed, on the day of the closing. "
              "What was reopened counts again, from the reopening to the next closing."),
            Unit.SECONDS, (Kind.CLOSED,), less_is_better=True,
        ),
        Figure(
            "time_todo", _("Time in To Do"),
            _("How long each stay in To Do lasted, on the day it ended."),
            Unit.SECONDS, (Kind.TIME_TODO,), less_is_better=True,
        ),
        Figure(
            "time_in_progress", _("Time in In Progress"),
            _("How long each stay in In Progress lasted, on the day it ended."),
            Unit.SECONDS, (Kind.TIME_IN_PROGRESS,), less_is_better=True,
        ),
        Figure(
            "touches", _("Touches"),
            _("Our replies between opening (or reopening) and closing, on the day of the closing."),
            Unit.REPLIES, (Kind.TOUCHES,), less_is_better=True,
        ),
        Figure(
            "target_rate", _("Answered within target"),
            _("Of the waits with a response target that ended, the share that we answered in time. "
              "One that was closed without a reply before its end counts for neither."),
            Unit.SHARE, (Kind.TARGET_MET,), (Kind.TARGET_MET, Kind.TARGET_MISSED), less_is_better=False,
        ),
        Figure(
            "target_missed", _("Targets missed"),
            _("Waits that ended, by our reply or otherwise, after their response target."),
            Unit.COUNT, (Kind.TARGET_MISSED,), less_is_better=True,
        ),
        Figure(
            "auto_changes", _("Automatic status changes"),
            _("Changes of the status that a rule or the model made after reading a message."),
            Unit.COUNT, (Kind.AUTO_CHANGE,),
        ),
        Figure(
            "auto_corrected_rate", _("Automatic changes put right"),
            _("The share of them that a person changed soon after, before anything else was said. "
              "Taking up what a rule put to To Do is no correction."),
            Unit.SHARE, (Kind.AUTO_CORRECTED,), (Kind.AUTO_CHANGE,), less_is_better=True,
        ),
        Figure(
            "corrections", _("Grouping corrections"),
            _("Moves, splits and merges by people that were not taken back, on the day they were made."),
            Unit.COUNT, (Kind.CORRECTION,), less_is_better=True,
        ),
    )
}  # fmt: skip
"""In the order in which they are shown."""
