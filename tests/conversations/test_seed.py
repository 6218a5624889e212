from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F
from django.utils import timezone

from accounts.models import User, Workspace
from conversations import seeding
from conversations.models import Conversation, ConversationEvent, EventKind, Message, MessageKind
from conversations.status import Status


def seed(workspace: Workspace, conversations: int, **options: int) -> str:
    output = StringIO()
    call_command("seed", conversations=conversations, workspace=workspace.name, stdout=output, **options)
    return output.getvalue()


def texts(workspace: Workspace) -> list[str]:
    return list(workspace.messages.order_by("pk").values_list("text", flat=True))


def test_a_card_shows_what_its_messages_say(workspace: Workspace) -> None:
    said = seed(workspace, 200)
    assert "200 of 200 conversations in Acme" in said
    conversations = list(Conversation.objects.select_related("account", "owner", "channel"))
    assert {c.number for c in conversations} == set(range(1, 201))
    for conversation in conversations:
        messages = list(conversation.messages.order_by("sent_at"))
        last = messages[-1]
        assert conversation.message_count == len(messages)
        assert conversation.opened_at == messages[0].sent_at
        assert (conversation.last_message_at, conversation.last_message_text) == (last.sent_at, last.text)
        assert conversation.last_message_author == last.author_name
        assert conversation.account == conversation.channel.account
        assert conversation.owner
        assert (conversation.closed_at is not None) == (conversation.status == Status.CLOSED)
        assert last.sent_at <= timezone.now()
        if conversation.status == Status.CLOSED:
            assert conversation.waiting_since is None
    states = [c.status for c in conversations]
    assert states.count(Status.CLOSED) > 150
    assert {Status.TODO, Status.IN_PROGRESS} < set(states)


def test_events_tell_the_same_and_nobody_is_told_of_them(workspace: Workspace) -> None:
    seed(workspace, 50)
    assert not ConversationEvent.objects.filter(published_at=None).exists()
    for conversation in Conversation.objects.all():
        kinds = [e.kind for e in conversation.events.order_by("happened_at", "pk")]
        assert kinds[0] == EventKind.OPENED
        assert kinds.count(EventKind.MESSAGE_ADDED) == conversation.message_count
        changes = conversation.events.filter(kind=EventKind.STATUS_CHANGED).order_by("happened_at", "pk")
        assert [e.data["to"] for e in changes][-1:] == [s for s in [conversation.status] if s != Status.TODO]
    assert not Message.objects.filter(kind=MessageKind.INBOUND, author_contact=None).exists()
    assert not ConversationEvent.objects.exclude(conversation__workspace_id=F("workspace_id")).exists()


def test_an_interrupted_run_goes_on(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*args: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("conversations.management.commands.seed.BATCH", 40)
    seed(workspace, 40)
    before = texts(workspace)
    with monkeypatch.context() as patch:
        patch.setattr(seeding, "_copy", interrupt)
        with pytest.raises(KeyboardInterrupt):
            seed(workspace, 90)
    assert texts(workspace) == before
    seed(workspace, 90)
    assert Conversation.objects.count() == 90
    assert texts(workspace)[: len(before)] == before
    assert "nothing to add" in seed(workspace, 90)


def test_the_same_seed_invents_the_same(workspace: Workspace) -> None:
    other, third = Workspace.objects.create(name="Other"), Workspace.objects.create(name="Third")
    seed(workspace, 30)
    seed(other, 30)
    seed(third, 30, seed=2)
    first = [c.title for c in workspace.conversations.order_by("number")]
    assert first == [c.title for c in other.conversations.order_by("number")]
    assert first != [c.title for c in third.conversations.order_by("number")]


def test_what_is_there_counts_and_stays(workspace: Workspace, dana: User) -> None:
    seed(workspace, 10)
    assert "nothing to add" in seed(workspace, 5)
    assert Conversation.objects.count() == 10


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", [0, -1, 10_000_001])
def test_a_number_that_makes_no_sense_is_refused(wrong: int) -> None:
    with pytest.raises(CommandError, match="must be a number from 1"):
        call_command("seed", conversations=wrong)
