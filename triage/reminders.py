"""Nothing is forgotten: each wait is warned of, called due and escalated at most once.

A reminder is a row and an event; whoever follows the event tells people.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from conversations.announce import announce
from conversations.models import Automatic, Conversation, EventKind
from conversations.status import Status
from triage.deadlines import deadline_of, target_for, targets_of
from triage.models import Reminder, ReminderKind
from triage.targets import Deadline, Target

AHEAD = timedelta(days=7)
"""How long before its end a wait may be warned of."""
AT_ONCE = 200
RULE = "response_target"


def remind(*, now: datetime | None = None) -> int:
    """Make the reminders that are due. Answers how many; safe to run twice, and at the same time."""
    now = now or timezone.now()
    due = Conversation.objects.filter(response_due_at__lte=now + AHEAD, snoozed_until=None, channel__is_sample=False)
    waiting = due.exclude(status=Status.CLOSED).exclude(waiting_since=None).select_related("account")
    conversations = list(waiting.order_by("response_due_at")[: AT_ONCE * 10])
    targets = targets_of({one.workspace_id for one in conversations})
    said = set(
        Reminder.objects.filter(conversation__in=conversations).values_list("conversation_id", "waiting_since", "kind")
    )
    made = 0
    for conversation in conversations:
        target = target_for(conversation, targets[conversation.workspace_id])
        found = deadline_of(conversation, targets[conversation.workspace_id])
        kind = newest_due(found, now) if found else None
        if target and found and kind and (conversation.pk, conversation.waiting_since, kind) not in said:
            made += _make(conversation, kind, found, target)
        if made >= AT_ONCE:
            break
    return made


def newest_due(found: Deadline, now: datetime) -> ReminderKind | None:
    """What there is to be said by now: only the latest, so that a night's pause is not followed by three at once."""
    if found.escalate_at and found.escalate_at <= now:
        return ReminderKind.ESCALATION
    if found.due_at <= now:
        return ReminderKind.DUE
    return ReminderKind.WARNING if found.warn_at and found.warn_at <= now else None


def _make(conversation: Conversation, kind: ReminderKind, found: Deadline, target: Target) -> bool:
    """False when another process was first, or the wait is over meanwhile."""
    with transaction.atomic():
        fresh = Conversation.objects.select_for_update(no_key=True).get(pk=conversation.pk)
        if fresh.waiting_since is None or fresh.waiting_since != conversation.waiting_since or fresh.snoozed_until:
            return False
        reminder, is_new = Reminder.objects.get_or_create(
            conversation=fresh, waiting_since=fresh.waiting_since, kind=kind,
            defaults={"workspace_id": fresh.workspace_id, "due_at": found.due_at},
        )  # fmt: skip
        if is_new:
            event = fresh.event(EventKind.REMINDED, by=Automatic(RULE, _REASONS[kind]), at=timezone.now())
            event.data = {
                "kind": kind, "due_at": found.due_at.isoformat(), "since": fresh.waiting_since.isoformat(),
                "minutes": target.minutes, "reminder": reminder.pk,
            }  # fmt: skip
            if kind == ReminderKind.ESCALATION and target.escalate_to:
                event.data["escalate_to"] = target.escalate_to
            event.data["told"] = list(dict.fromkeys(_names(fresh.owner_id, event.data.get("escalate_to"))))
            event.save()
            announce(fresh.workspace_id, [fresh.pk])
    return is_new


def _names(*people: int | None) -> list[str]:
    """The owner's first, as they are called now: later the owner may be another."""
    found = User.objects.in_bulk([pk for pk in people if pk])
    return [found[pk].name for pk in people if pk in found]


_REASONS = {
    ReminderKind.WARNING: "An answer is due soon",
    ReminderKind.DUE: "An answer is due",
    ReminderKind.ESCALATION: "Nobody has answered in time",
}
