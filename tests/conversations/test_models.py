"""What people and rules do to a conversation: each verb once, with one event, told after the commit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.models import Channel, ChannelKind, Contact, User, Workspace
from conversations.announce import announce, conversations_changed
from conversations.models import Automatic, Conversation, ConversationEvent, EventKind, Message, MessageKind
from conversations.status import Status
from tests import cast

pytestmark = pytest.mark.django_db

QUESTION = "The export is empty since this morning, can you have a look?"


@pytest.fixture
def conversation(channel: Channel, contact: Contact) -> Conversation:
    return cast.say(QUESTION, channel=channel, by=contact).conversation


@pytest.fixture
def heard() -> Iterator[list[tuple[int, list[int]]]]:
    """What is announced."""
    told: list[tuple[int, list[int]]] = []

    def listen(*, workspace_id: int, conversation_ids: list[int], **_: Any) -> None:
        told.append((workspace_id, conversation_ids))

    conversations_changed.connect(listen)
    yield told
    conversations_changed.disconnect(listen)


Verb = Callable[[Conversation, User], object]
VERBS: dict[str, Verb] = {
    "close": lambda conversation, user: conversation.close(by=user),
    "start": lambda conversation, user: conversation.start(by=user),
    "assign": lambda conversation, user: conversation.assign(user, by=user),
}


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS.keys())
def test_a_verb_records_one_event_and_counts_the_version_up(conversation: Conversation, omar: User, verb: Verb) -> None:
    verb(conversation, omar)
    event = conversation.events.latest("pk")
    assert event.by_user == omar
    assert conversation.events.filter(pk__gt=event.pk - 1).count() == 1
    stored = Conversation.objects.get()
    assert (stored.version, stored.status, stored.owner) == (2, conversation.status, conversation.owner)


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS.keys())
def test_a_verb_that_is_already_done_does_nothing(
    conversation: Conversation, omar: User, verb: Verb, heard: list[Any],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:  # fmt: skip
    verb(conversation, omar)
    before = (Conversation.objects.values().get(), ConversationEvent.objects.count())
    with django_capture_on_commit_callbacks(execute=True):
        verb(Conversation.objects.get(), omar)
    assert (Conversation.objects.values().get(), ConversationEvent.objects.count()) == before
    assert heard == []


def test_a_verb_looks_at_the_row_as_it_is_now(conversation: Conversation, dana: User, omar: User) -> None:
    stale = Conversation.objects.get()
    conversation.assign(omar, by=dana)
    conversation.close(by=dana)
    stale.close(by=omar)
    assert (stale.version, stale.owner, stale.status) == (3, omar, Status.CLOSED)
    assert conversation.events.filter(kind=EventKind.STATUS_CHANGED).count() == 1


def test_the_statuses_and_who_waits(conversation: Conversation, dana: User) -> None:
    asked_at = conversation.waiting_since
    conversation.start(by=dana)
    assert (conversation.status, conversation.waiting_since, conversation.closed_at) == ("in_progress", asked_at, None)
    conversation.close(by=dana)
    assert conversation.waiting_since is None
    assert conversation.closed_at == conversation.status_changed_at
    conversation.reopen(by=dana)
    assert conversation.waiting_since == conversation.status_changed_at
    assert conversation.closed_at is None
    moves = conversation.events.filter(kind=EventKind.STATUS_CHANGED).values_list("data__from", "data__to")
    assert list(moves) == [("todo", "in_progress"), ("in_progress", "closed"), ("closed", "todo")]


def test_a_rule_says_its_reason_and_does_not_override_a_person(conversation: Conversation, dana: User) -> None:
    rule = Automatic("quiet", "Nothing was said for a week")
    conversation.close(by=rule)
    assert conversation.events.latest("pk").by_rule == "quiet"
    assert conversation.events.latest("pk").reason == rule.reason
    conversation.reopen(by=dana)
    conversation.close(by=rule)
    assert conversation.status == Status.TODO


def test_a_rule_may_act_on_a_message_that_came_after_the_person(
    conversation: Conversation, dana: User, contact: Contact
) -> None:
    rule, now = Automatic("model", "It asks nothing"), timezone.now()
    earlier = conversation.messages.get()
    conversation.start(by=dana)
    assert conversation.move(Status.CLOSED, by=rule, at=now, message=earlier) is None
    later = cast.say("And the PDF one?", channel=conversation.channel, by=contact)
    conversation.refresh_from_db()
    event = conversation.move(Status.CLOSED, by=rule, at=now, message=later)
    assert event is not None
    assert (event.message, conversation.status, conversation.status_by_person) == (later, Status.CLOSED, False)


# Owner ────────────────────────────────────────────────────────────────────────────────────────────────


def test_assigning_says_from_whom_to_whom_and_why(conversation: Conversation, dana: User, omar: User) -> None:
    conversation.assign(omar, by=dana, reason="On call")
    event = conversation.events.latest("pk")
    assert (event.kind, event.reason, event.data) == (
        EventKind.OWNER_CHANGED, "On call",
        {"from": dana.name, "to": omar.name, "from_id": dana.pk, "to_id": omar.pk},
    )  # fmt: skip
    conversation.assign(None, by=dana)
    assert conversation.events.latest("pk").data == {
        "from": omar.name, "to": None, "from_id": omar.pk, "to_id": None,
    }  # fmt: skip


def test_a_stranger_cannot_own_a_conversation(conversation: Conversation, dana: User, stranger: User) -> None:
    with pytest.raises(ValidationError, match="teammate of this workspace"):
        conversation.assign(stranger, by=dana)
    assert Conversation.objects.get().owner == dana


# Notes ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_note_is_in_the_timeline_but_not_on_the_card(conversation: Conversation, omar: User) -> None:
    shown = (conversation.last_message_text, conversation.message_count, conversation.waiting_since)
    note = conversation.add_note("Their quota is \x00used up", by=omar)
    assert (note.kind, note.text, note.author_name) == (MessageKind.NOTE, "Their quota is used up", omar.name)
    stored = Conversation.objects.get()
    assert (stored.last_message_text, stored.message_count, stored.waiting_since) == shown
    assert stored.version == 2
    event = conversation.events.latest("pk")
    assert (event.kind, event.message, event.by_user) == (EventKind.NOTE_ADDED, note, omar)


def test_a_note_written_in_slack_is_stored_once(conversation: Conversation, workspace: Workspace, omar: User) -> None:
    triage = cast.make_channel(workspace=workspace, kind=ChannelKind.TRIAGE)
    ts = cast.make_ts()
    first = conversation.add_note("Asked billing", by=omar, channel=triage, ts=ts)
    assert conversation.add_note("Asked billing", by=omar, channel=triage, ts=ts) == first
    assert Message.objects.filter(kind=MessageKind.NOTE).count() == 1
    assert conversation.events.filter(kind=EventKind.NOTE_ADDED).count() == 1
    assert Conversation.objects.get().version == 2


# Announcements ────────────────────────────────────────────────────────────────────────────────────────


def test_a_change_is_announced_after_the_commit(
    conversation: Conversation, dana: User, heard: list[Any],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:  # fmt: skip
    with django_capture_on_commit_callbacks(execute=True):
        conversation.close(by=dana)
        assert heard == []
    assert heard == [(conversation.workspace_id, [conversation.pk])]


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_is_not_announced(conversation: Conversation, dana: User, heard: list[Any]) -> None:
    heard.clear()
    with transaction.atomic():
        conversation.close(by=dana)
        transaction.set_rollback(True)
    assert heard == []
    stored = Conversation.objects.get()
    assert (stored.status, stored.version) == (Status.TODO, 1)
    assert not stored.events.filter(kind=EventKind.STATUS_CHANGED).exists()


def test_a_listener_that_fails_keeps_it_from_nobody(
    heard: list[Any], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    def broken(**_: Any) -> None:
        raise ConnectionError("Redis is away")

    receivers = conversations_changed.receivers
    conversations_changed.receivers = []
    conversations_changed.connect(broken)
    conversations_changed.receivers = [*conversations_changed.receivers, *receivers]
    try:
        with django_capture_on_commit_callbacks(execute=True):
            announce(1, [7])
    finally:
        conversations_changed.disconnect(broken)
    assert heard == [(1, [7])]
