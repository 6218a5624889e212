"""What the figures of analytics take from the team's set-up: its working hours and response targets."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils import timezone

from accounts.models import Workspace
from conversations.analytics.counting import Rules, count_anew, count_some
from conversations.analytics.tallies import add_up_months, add_up_some
from conversations.models import Ledger
from triage.deadlines import targets_of
from triage.hours import ALWAYS, WorkingHours, read_holidays, read_hours
from triage.models import Calendar
from triage.targets import choose, deadline
from triage.working_time import WorkingClock


def count_all(*, seconds: float | None = None, say: Callable[[str], None] = lambda _: None) -> bool:
    """Bring the figures of all workspaces up to date. False when the time was over first."""
    ends = None if seconds is None else time.monotonic() + seconds
    done = [count_workspace(workspace, ends=ends, say=say) for workspace in Workspace.objects.order_by("pk")]
    return all(done)


def count_workspace(workspace: Workspace, *, ends: float | None = None, say: Callable[[str], None]) -> bool:
    """The same for one, up to a moment of `time.monotonic`. `say` is told how it goes on, in words."""
    rules, counted, days = rules_of(workspace), 0, 0
    while found := count_some(workspace, rules):
        counted += found
        say(f"{counted:,} conversations counted")
        if ends and time.monotonic() > ends:
            return False
    while add_up_some(workspace):
        days += 1
        say(f"{counted:,} conversations counted, {days} days added up")
        if ends and time.monotonic() > ends:
            return False
    add_up_months(workspace, today=timezone.now().astimezone(rules.zone).date())
    return True


@contextmanager
def only_one() -> Iterator[bool]:
    """Whether nobody else is within: while much is to be counted, sweeps must not take all workers. Ends with the
    connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended('counting', 0))")
        (is_first,) = cursor.fetchone()
        try:
            yield is_first
        finally:
            if is_first:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended('counting', 0))")


def rules_of(workspace: Workspace) -> Rules:
    """As the figures are counted from now on. When the time zone or the working hours changed since, and the first
    time, everything is to be counted anew: working time is told by the hours as they are."""
    calendar = _calendar(workspace)
    stored = _stored(calendar)
    ledger, is_new = Ledger.objects.get_or_create(
        workspace=workspace, defaults={"time_zone": workspace.time_zone, "calendar": stored}
    )
    if is_new or (ledger.time_zone, ledger.calendar) != (workspace.time_zone, stored):
        count_anew(workspace)
        ledger.time_zone, ledger.calendar = workspace.time_zone, stored
        ledger.save(update_fields=["time_zone", "calendar"])
    return ledger_rules(ledger)


def ledger_rules(ledger: Ledger) -> Rules:
    """As the figures were counted. The targets are those of now: a wait is judged when it is first counted."""
    clock = _clock(json.dumps(ledger.calendar, sort_keys=True))
    return Rules(ZoneInfo(ledger.time_zone), clock.between, _due(ledger.workspace_id))


@lru_cache(maxsize=64)
def _clock(calendar: str) -> WorkingClock:
    """By the ledger's JSON. Kept, because a year of hours takes a while to lay out."""
    kept = json.loads(calendar)
    if not kept:
        return WorkingClock(ALWAYS)
    return WorkingClock(
        WorkingHours(ZoneInfo(kept["time_zone"]), read_hours(kept["hours"]), read_holidays(kept["holidays"]))
    )


def _due(workspace_id: int) -> Callable[[str, str, datetime], datetime | None]:
    targets = targets_of([workspace_id])[workspace_id]

    def due(tier: str, priority: str, since: datetime) -> datetime | None:
        target = choose(targets, tier=tier, priority=priority)
        found = deadline(target, since) if target else None
        return found.due_at if found else None

    return due


def _calendar(workspace: Workspace) -> Calendar | None:
    """The workspace's working hours: its oldest calendar. None: all hours count."""
    return Calendar.objects.filter(workspace=workspace).order_by("pk").first()


def _stored(calendar: Calendar | None) -> dict[str, Any]:
    if calendar is None:
        return {}
    return {"time_zone": calendar.time_zone, "hours": calendar.hours, "holidays": calendar.holidays}
