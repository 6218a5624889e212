"""How conversations stand at this moment: what is open, who waits and how long."""

from __future__ import annotations

from datetime import datetime
from statistics import median

from django.utils import timezone

from conversations.analytics.answers import Bar, Now
from conversations.analytics.cells import SECONDS_BOUNDS
from conversations.models import ConversationQuerySet
from conversations.status import Status


def how_it_stands(conversations: ConversationQuerySet, *, now: datetime | None = None) -> Now:
    now = now or timezone.now()
    rows = list(conversations.unclosed().values_list("status", "waiting_since", "response_due_at").order_by())
    waits = [max(0.0, (now - since).total_seconds()) for _, since, _ in rows if since]
    bounds = [0, *SECONDS_BOUNDS]
    return Now(
        open=len(rows),
        todo=sum(status == Status.TODO for status, *_ in rows),
        in_progress=sum(status == Status.IN_PROGRESS for status, *_ in rows),
        waiting=len(waits),
        overdue=sum(bool(since and due_at and due_at < now) for _, since, due_at in rows),
        longest_wait=max(waits, default=None),
        median_wait=median(waits) if waits else None,
        waits=[
            Bar(least, most, sum(least <= wait and (most is None or wait < most) for wait in waits))
            for least, most in zip(bounds, [*bounds[1:], None], strict=True)
        ],
    )
