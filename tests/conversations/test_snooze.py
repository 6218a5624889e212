"""Priority, tags, and what is put out of sight for a time."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import Channel, Contact, User
from conversations.board import columns
from conversations.models import Conversation, ConversationEvent, EventKind, Priority
from conversations.services import wake_snoozed
from tests import cast

HOUR = timedelta(hours=1)


@pytest.fixture
def conversation(channel: Channel, contact: Contact) -> Conversation:
    return cast.say("How do I export this?", channel=channel, by=contact, ago=HOUR).conversation


def kinds(conversation: Conversation) -> list[str]:
    return [event.kind for event in ConversationEvent.objects.filter(conversation=conversation).order_by("pk")][2:]


def test_each_change_is_told_once(conversation: Conversation, dana: User) -> None:
    until = timezone.now() + HOUR
    for _ in range(2):
        conversation.prioritise(Priority.URGENT, by=dana)
        conversation.tag(["Billing", " export ", "Billing"], by=dana)
        conversation.snooze(until, by=dana)
    fresh = Conversation.objects.get(pk=conversation.pk)
    assert (fresh.priority, fresh.tags, fresh.snoozed_until) == ("urgent", ["Billing", "export"], until)
    assert kinds(fresh) == [EventKind.PRIORITY_CHANGED, EventKind.TAGS_CHANGED, EventKind.SNOOZED]


def test_what_is_over_or_too_long_is_refused_in_words(conversation: Conversation, dana: User) -> None:
    with pytest.raises(ValidationError, match="time to come"):
        conversation.snooze(timezone.now(), by=dana)
    with pytest.raises(ValidationError, match="At most 20 tags"):
        conversation.tag(["x" * 41], by=dana)
    with pytest.raises(ValidationError, match="At most 20 tags"):
        conversation.tag([str(n) for n in range(21)], by=dana)


def test_as_many_tags_as_the_boards_index_carries(conversation: Conversation, dana: User) -> None:
    signs = random.Random(1)  # noqa: S311 - which hardly compress
    rare = ["".join(chr(signs.randrange(0x20000, 0x2A000)) for _ in range(40)) for _ in range(20)]
    with pytest.raises(ValidationError, match="too long together"):
        conversation.tag(rare, by=dana)
    conversation.tag(rare[:12], by=dana)
    assert len(conversation.tags) == 12


def test_its_time_comes(conversation: Conversation, dana: User) -> None:
    conversation.snooze(timezone.now() + HOUR, by=dana)
    assert wake_snoozed() == 0
    Conversation.objects.update(snoozed_until=timezone.now() - HOUR)
    assert wake_snoozed() == 1
    assert wake_snoozed() == 0
    conversation.refresh_from_db()
    assert conversation.snoozed_until is None
    assert kinds(conversation)[-1] == EventKind.WOKEN


@pytest.mark.parametrize(("text", "stays"), [("And as PDF?", False), ("thanks!", True)])
def test_what_the_customer_asks_wakes_it_and_thanks_do_not(
    conversation: Conversation, contact: Contact, dana: User, text: str, stays: bool
) -> None:
    conversation.snooze(timezone.now() + HOUR, by=dana)
    first = conversation.messages.get()
    cast.say(text, channel=conversation.channel, by=contact, thread_ts=first.ts)
    conversation.refresh_from_db()
    assert (conversation.snoozed_until is not None) is stays
    assert (EventKind.WOKEN in kinds(conversation)) is not stays


def test_our_own_words_do_not_wake_it(conversation: Conversation, dana: User) -> None:
    conversation.snooze(timezone.now() + HOUR, by=dana)
    first = conversation.messages.get()
    cast.say("Looking into it", channel=conversation.channel, by=dana, thread_ts=first.ts)
    conversation.refresh_from_db()
    assert conversation.snoozed_until is not None


def test_it_is_not_on_the_board_meanwhile(conversation: Conversation, dana: User) -> None:
    def shown() -> list[int]:
        return [row.number for column in columns(conversation.workspace_id) for row in column.rows]

    assert shown() == [conversation.number]
    conversation.snooze(timezone.now() + HOUR, by=dana)
    assert shown() == []
    conversation.wake(by=dana)
    assert shown() == [conversation.number]
