"""Where a conversation stands after what was said and decided. Pure: no database, no network.

To Do: we have not answered. In Progress: we answered without concluding. Closed: we concluded.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from conversations.replies import ReplyKind, Verdict, classify_reply, is_pleasantry


class Status(TextChoices):
    TODO = "todo", _("To Do")
    IN_PROGRESS = "in_progress", _("In Progress")
    CLOSED = "closed", _("Closed")


@dataclass(frozen=True, slots=True)
class Change:
    status: Status
    rule: str
    reason: str


@dataclass(frozen=True)
class Said:
    """A message as far as the status is concerned. It is read once, however often it is folded."""

    at: datetime
    inbound: bool
    text: str
    has_files: bool = False

    @cached_property
    def asks_nothing(self) -> bool:
        return not self.has_files and is_pleasantry(self.text)

    @cached_property
    def verdict(self) -> Verdict:
        return classify_reply(self.text)


@dataclass(frozen=True, slots=True)
class Decided:
    """What was set without a message: by a person, as a rule.

    `seen`: when the newest message was sent that was known then. What is newer than that may change the status
    again, whatever the clocks say; what is older, however late it comes, may not.
    """

    at: datetime
    seen: datetime
    status: Status
    by_person: bool = True


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a conversation stands. `status` None: nothing was said yet.

    `waiting_since` is when the customer began to wait for us, None while nobody waits.
    """

    status: Status | None = None
    waiting_since: datetime | None = None
    first_response_at: datetime | None = None
    changed_at: datetime | None = None
    by_person: bool = False


def after(standing: Standing, said: Said) -> tuple[Standing, Change | None]:
    """The standing after one more message, and why the status changed if it did."""
    return _after_inbound(standing, said) if said.inbound else _after_outbound(standing, said)


def fold(history: Iterable[Said | Decided]) -> tuple[Standing, Change | None]:
    """The standing after all of it, given in any order, and the last change of status if a message made it."""
    standing, last = Standing(), None
    for step in ordered(history):
        if isinstance(step, Decided):
            standing, last = moved(standing, step.status, step.at, by_person=step.by_person), None
        else:
            standing, change = after(standing, step)
            last = change or last
    return standing, last


def ordered(history: Iterable[Said | Decided]) -> list[Said | Decided]:
    """As it happened: a decision comes after all that was known when it was made."""
    return sorted(history, key=_order)


def moved(standing: Standing, status: Status, at: datetime, *, by_person: bool = False) -> Standing:
    """Put to a status. Nobody waits in a closed one; in one that is to do, somebody does.

    One change comes after the other, also where two clocks (Slack's and ours) say otherwise.
    """
    waiting = standing.waiting_since
    if status == Status.CLOSED:
        waiting = None
    elif status == Status.TODO:
        waiting = waiting or at
    changed_at = max(at, standing.changed_at or at)
    return replace(standing, status=status, waiting_since=waiting, changed_at=changed_at, by_person=by_person)


def _order(step: Said | Decided) -> tuple[datetime, int, datetime]:
    return (step.seen, 1, step.at) if isinstance(step, Decided) else (step.at, 0, step.at)


def _after_inbound(standing: Standing, said: Said) -> tuple[Standing, Change | None]:
    if said.asks_nothing:
        if standing.status is not None:
            return standing, None
        change = Change(Status.CLOSED, "pleasantry", "Nothing is asked: a thank-you or the like")
        return moved(standing, Status.CLOSED, said.at), change
    if standing.status is None:
        return moved(standing, Status.TODO, said.at), None
    if standing.status == Status.CLOSED:
        change = Change(Status.TODO, "customer_wrote", "The customer wrote after it was closed")
        return moved(standing, Status.TODO, said.at), change
    return replace(standing, waiting_since=standing.waiting_since or said.at), None


def _after_outbound(standing: Standing, said: Said) -> tuple[Standing, Change | None]:
    if standing.status is None:
        change = Change(Status.CLOSED, "we_wrote_first", "We wrote first: nobody waits for an answer")
        return moved(standing, Status.CLOSED, said.at), change
    # Only who waited is answered: what we write on after our own beginning is no response.
    first = standing.first_response_at or (said.at if standing.waiting_since else None)
    answered = replace(standing, waiting_since=None, first_response_at=first)
    kind, reason = said.verdict.kind, said.verdict.reason
    if kind is ReplyKind.CONCLUDES and standing.status != Status.CLOSED:
        change = Change(Status.CLOSED, "reply_concludes", f"Our reply concludes: {reason}"[:300])
    elif kind is ReplyKind.CONTINUES and standing.status != Status.IN_PROGRESS:
        change = Change(Status.IN_PROGRESS, "reply_continues", f"We answered without concluding: {reason}"[:300])
    else:
        return answered, None
    return moved(answered, change.status, said.at), change
