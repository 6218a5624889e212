"""What a teammate reads in the morning: what is open, who waits longest, what was closed yesterday."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import F

from accounts.absence import is_away
from accounts.models import User
from accounts.quiet import zone_of
from conversations.models import Conversation
from conversations.status import Status

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Summary:
    """`waiting`: those of the open ones in which a customer waits, longest first."""

    open: int
    waiting: list[Conversation]
    closed_yesterday: int

    def __bool__(self) -> bool:
        return bool(self.open or self.closed_yesterday)


def day_due(user: User, now: datetime) -> date | None:
    """The day, in the teammate's own time, for which the digest should be there by now; None before its hour, on a
    weekend, or while they are away."""
    local = now.astimezone(zone_of(user))
    if user.digest_at is None or local.time() < user.digest_at or local.weekday() >= 5 or is_away(user, now):
        return None
    return local.date()


def summarise(user: User, day: date) -> Summary:
    mine = Conversation.objects.filter(owner=user, workspace=user.workspace_id, is_unsorted=False, merged_into=None)
    mine = mine.filter(channel__is_sample=False)
    seen = mine.unclosed().filter(snoozed_until=None)
    waiting = seen.exclude(waiting_since=None).select_related("account", "channel").order_by(F("waiting_since"))
    zone = zone_of(user)
    today = datetime.combine(day, time.min, zone)
    # Over a weekend, "yesterday" is the last working day and what came after it.
    yesterday = today - timedelta(days=3 if day.weekday() == 0 else 1)
    closed = mine.filter(status=Status.CLOSED, closed_at__gte=yesterday, closed_at__lt=today)
    return Summary(seen.count(), list(waiting[:SHOWN]), closed.count())
