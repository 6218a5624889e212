"""When an answer to a conversation is due, kept on its row, and why: always computed from what happened."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import F, Q
from django.utils import timezone

from conversations.announce import announce
from conversations.models import Conversation
from conversations.recall import read_histories
from conversations.status import Status
from triage.hours import ALWAYS, Stretch, WorkingHours, read_holidays, read_hours
from triage.models import Calendar, ResponseTarget
from triage.targets import Deadline, Target, choose, deadline, waits

LAST = timedelta(days=30)
MOST = 2_000
"""Conversations over which a draft is tried; of more the newest."""


def targets_of(workspaces: Collection[int]) -> dict[int, list[Target]]:
    """By workspace, in their order. One query."""
    found: dict[int, list[Target]] = {pk: [] for pk in workspaces}
    for row in ResponseTarget.objects.filter(workspace__in=workspaces).select_related("calendar"):
        found[row.workspace_id].append(target_of(row))
    return found


def target_of(row: ResponseTarget) -> Target:
    hours = working_hours(row.calendar) if row.calendar else ALWAYS
    return Target(
        row.minutes, row.warn_minutes, row.escalate_minutes, hours, row.tier, row.priority, row.escalate_to_id
    )


def working_hours(calendar: Calendar) -> WorkingHours:
    return WorkingHours(
        ZoneInfo(calendar.time_zone), read_hours(calendar.hours), read_holidays(calendar.holidays)
    )  # fmt: skip


def refresh(conversations: Iterable[Conversation]) -> list[int]:
    """Bring `response_due_at` up to date. Answers the ids of those that changed. `account` is best read along."""
    conversations = sorted(conversations, key=_id)  # the order in which all lock them
    targets = targets_of({one.workspace_id for one in conversations})
    changed: dict[int, list[int]] = {}
    for conversation in conversations:
        found = deadline_of(conversation, targets[conversation.workspace_id])
        due_at = found.due_at if found else None
        if due_at != conversation.response_due_at:
            conversation.response_due_at = due_at
            conversation.version += 1
            Conversation.objects.filter(pk=conversation.pk).update(response_due_at=due_at, version=F("version") + 1)
            changed.setdefault(conversation.workspace_id, []).append(conversation.pk)
    for workspace_id, ids in changed.items():
        announce(workspace_id, ids)
    return [pk for ids in changed.values() for pk in ids]


def refresh_open(workspace_id: int) -> int:
    """All that wait, because the targets or a calendar changed. Answers how many are due at another time."""
    waiting = Q(waiting_since__isnull=False) | Q(response_due_at__isnull=False)
    return len(refresh(Conversation.objects.filter(waiting, workspace=workspace_id).select_related("account")))


def deadline_of(conversation: Conversation, targets: Iterable[Target]) -> Deadline | None:
    """None while nobody waits, or where no target fits."""
    target = target_for(conversation, targets)
    if target is None or conversation.waiting_since is None or conversation.status == Status.CLOSED:
        return None
    return deadline(target, conversation.waiting_since)


def target_for(conversation: Conversation, targets: Iterable[Target]) -> Target | None:
    if conversation.is_unsorted or conversation.merged_into_id:
        return None
    tier = conversation.account.tier if conversation.account else ""
    return choose(targets, tier=tier, priority=conversation.priority)


@dataclass(frozen=True, slots=True)
class Explained:
    """The wait as it counts: stretches that run, and those that don't with the reason, up to now or to the end."""

    target: Target
    deadline: Deadline
    stretches: list[Stretch]
    used: timedelta

    @property
    def left(self) -> timedelta:
        """Of working time; below zero when it is overdue."""
        return timedelta(minutes=self.target.minutes) - self.used


def explain(conversation: Conversation, *, now: datetime | None = None) -> Explained | None:
    """Why the answer is due when it is; None while nothing runs."""
    targets = targets_of([conversation.workspace_id])[conversation.workspace_id]
    target, found = target_for(conversation, targets), deadline_of(conversation, targets)
    if target is None or found is None or conversation.waiting_since is None:
        return None
    now = now or timezone.now()
    stretches = target.hours.stretches(conversation.waiting_since, max(now, found.due_at))
    return Explained(target, found, stretches, target.hours.between(conversation.waiting_since, now))


def _id(conversation: Conversation) -> int:
    return conversation.pk


@dataclass(frozen=True, slots=True)
class Tried:
    """What a policy makes of the last month's waits."""

    waits: int
    met: int
    missed: int
    overdue_now: int
    """Of the missed: those whom nobody has answered yet."""

    @property
    def without(self) -> int:
        """Waits for which no target fits."""
        return self.waits - self.met - self.missed


def try_out(workspace_id: int, targets: Collection[Target], *, now: datetime | None = None) -> Tried:
    """How the last month would have gone with these targets. Reads, and changes nothing."""
    now = now or timezone.now()
    recent = Conversation.objects.filter(
        workspace=workspace_id, is_unsorted=False, merged_into=None, last_message_at__gte=now - LAST
    )
    conversations = list(recent.select_related("account").order_by("-last_message_at")[:MOST])
    histories = read_histories(conversations)
    total = met = missed = overdue = 0
    for conversation in conversations:
        target = target_for(conversation, targets)
        for wait in waits(histories[conversation.pk]):
            total += 1
            found = deadline(target, wait.since) if target else None
            if found is None:
                continue
            late = (wait.until or now) > found.due_at
            missed, met = missed + late, met + (not late and wait.until is not None)
            overdue += late and wait.until is None
    return Tried(total, met, missed, overdue)
