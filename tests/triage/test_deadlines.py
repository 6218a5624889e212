"""By when an answer is due, who is reminded, and how a policy would have gone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Channel, Contact, User, Workspace
from conversations.models import Conversation, ConversationEvent, EventKind, Priority
from conversations.recall import read_histories
from integrations.outbox import publish
from tests import cast
from triage.deadlines import Tried, explain, refresh_open, target_of, try_out
from triage.models import Calendar, Reminder, ReminderKind, ResponseTarget
from triage.reminders import remind
from triage.targets import Target, choose, waits

HOUR = timedelta(hours=1)


@pytest.fixture
def conversation(channel: Channel, contact: Contact) -> Conversation:
    """Hank has waited for an hour."""
    return cast.say("How do I export this?", channel=channel, by=contact, ago=HOUR).conversation


def make_target(workspace: Workspace, minutes: int, **fields: Any) -> ResponseTarget:
    return ResponseTarget.objects.create(workspace=workspace, minutes=minutes, **fields)


def tell(conversation: Conversation) -> datetime | None:
    while publish():
        pass
    conversation.refresh_from_db()
    return conversation.response_due_at


def test_the_first_target_that_fits_counts() -> None:
    targets = [Target(10, tier="Enterprise", priority="urgent"), Target(30, tier="Enterprise"), Target(60)]
    for tier, priority, minutes in [
        ("Enterprise", "urgent", 10), ("Enterprise", "low", 30), ("", "urgent", 60), ("Free", "low", 60),
    ]:  # fmt: skip
        found = choose(targets, tier=tier, priority=priority)
        assert found is not None
        assert found.minutes == minutes
    assert choose(targets[:2], tier="", priority="low") is None


def test_it_is_due_while_somebody_waits(conversation: Conversation, channel: Channel, dana: User) -> None:
    make_target(conversation.workspace, 120)
    assert conversation.waiting_since is not None
    assert tell(conversation) == conversation.waiting_since + 2 * HOUR
    first = conversation.messages.get()
    cast.say("Looking into it", channel=channel, by=dana, thread_ts=first.ts)
    assert tell(conversation) is None


def test_priority_tier_and_a_new_target_move_it(conversation: Conversation, dana: User) -> None:
    waiting = conversation.waiting_since
    assert waiting is not None
    assert tell(conversation) is None
    make_target(conversation.workspace, 120)
    assert refresh_open(conversation.workspace_id) == 1
    make_target(conversation.workspace, 5, priority=Priority.URGENT, position=0)
    ResponseTarget.objects.filter(minutes=120).update(position=1)
    conversation.prioritise(Priority.URGENT, by=dana)
    assert tell(conversation) == waiting + timedelta(minutes=5)
    ResponseTarget.objects.all().delete()
    assert refresh_open(conversation.workspace_id) == 1
    assert refresh_open(conversation.workspace_id) == 0


def test_each_reminder_of_a_wait_is_made_once_and_only_the_latest(conversation: Conversation, dana: User) -> None:
    make_target(conversation.workspace, 90, warn_minutes=40, escalate_minutes=60)
    tell(conversation)
    now = timezone.now()
    for ahead, kinds in [
        (timedelta(), [ReminderKind.WARNING]),
        (HOUR, [ReminderKind.WARNING, ReminderKind.DUE]),
        (2 * HOUR, [ReminderKind.WARNING, ReminderKind.DUE, ReminderKind.ESCALATION]),
    ]:
        for _ in range(2):
            remind(now=now + ahead)
        assert list(Reminder.objects.order_by("pk").values_list("kind", flat=True)) == kinds
    events = ConversationEvent.objects.filter(kind=EventKind.REMINDED).order_by("pk")
    assert [event.data["kind"] for event in events] == ["warning", "due", "escalation"]


def test_after_a_pause_only_the_latest_is_said(conversation: Conversation) -> None:
    make_target(conversation.workspace, 30, warn_minutes=10, escalate_minutes=20)
    tell(conversation)
    assert remind() == 1
    assert Reminder.objects.get().kind == ReminderKind.ESCALATION


@pytest.mark.parametrize("how", ["closed", "snoozed", "answered"])
def test_who_acted_is_not_reminded(conversation: Conversation, dana: User, how: str) -> None:
    make_target(conversation.workspace, 30)
    tell(conversation)
    if how == "closed":
        conversation.close(by=dana)
    elif how == "snoozed":
        conversation.snooze(timezone.now() + HOUR, by=dana)
    else:
        Conversation.objects.update(waiting_since=None)
    assert remind() == 0


def test_a_calendar_pauses_it_and_says_why(conversation: Conversation) -> None:
    waiting = conversation.waiting_since
    assert waiting is not None
    today = waiting.date().isoformat()
    calendar = Calendar.objects.create(
        workspace=conversation.workspace, name="Office",
        hours={str(day): [["00:00", "24:00"]] for day in range(7)}, holidays={today: "Founders’ Day"},
    )  # fmt: skip
    make_target(conversation.workspace, 60, calendar=calendar)
    due_at = tell(conversation)
    assert due_at is not None
    assert due_at.date() > waiting.date()
    explained = explain(conversation, now=waiting + timedelta(minutes=10))
    assert explained is not None
    assert [one.reason for one in explained.stretches] == ["holiday: Founders’ Day", ""]
    assert explained.left == HOUR


def test_every_wait_is_found(conversation: Conversation, channel: Channel, contact: Contact, dana: User) -> None:
    first = conversation.messages.get()
    at = first.sent_at
    said: list[tuple[int, User | Contact, str]] = [
        (5, dana, "Looking"),
        (20, contact, "Any news?"),
        (30, contact, "Hello?"),
        (50, dana, "Yes"),
    ]
    for minutes, by, text in said:
        cast.say(text, channel=channel, by=by, at=at + timedelta(minutes=minutes), thread_ts=first.ts)
    found = waits(read_histories([conversation])[conversation.pk])
    assert [(wait.until and round((wait.until - wait.since).total_seconds() / 60)) for wait in found] == [5, 30]


def test_a_draft_is_tried_on_the_last_month(
    workspace: Workspace, conversation: Conversation, channel: Channel, contact: Contact, dana: User
) -> None:
    other = cast.say("Where is the invoice?", channel=channel, by=contact, ago=5 * HOUR, thread_ts=cast.make_ts())
    cast.say("Attached.", channel=channel, by=dana, at=other.sent_at + HOUR, thread_ts=other.thread_ts)
    drafts = {90: Tried(2, 1, 0, 0), 30: Tried(2, 0, 2, 1)}
    for minutes, tried in drafts.items():
        assert try_out(workspace.pk, [target_of(ResponseTarget(workspace=workspace, minutes=minutes))]) == tried
    assert try_out(workspace.pk, []).without == 2
