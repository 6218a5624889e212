"""Edits, deletions, and an account that changes hands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.serializers import serialize

from accounts.models import Account, Channel, ChannelKind, Contact, User, Workspace
from conversations.models import Conversation, ConversationEvent, EventKind, Message
from conversations.services import (
    change_account_owner,
    delete_message,
    edit_message,
    following_conversations,
    name_author,
    receive_message,
    receive_messages,
)
from conversations.status import Status
from tests import cast

pytestmark = pytest.mark.django_db

T0 = datetime(2025, 3, 3, 9, tzinfo=UTC)
QUESTION = "The export is empty since this morning, can you have a look?"
DONE = "This is fixed now, please try again."


def at(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


@pytest.fixture
def first(channel: Channel, contact: Contact) -> Message:
    return cast.say(QUESTION, channel=channel, by=contact, at=T0)


@pytest.fixture
def last(first: Message, channel: Channel, contact: Contact) -> Message:
    return cast.say("It is the CSV one", channel=channel, by=contact, at=at(5))


def edit(message: Message, text: str, minutes: float) -> Conversation:
    assert message.channel is not None
    edit_message(channel=message.channel, ts=str(message.ts), text=text, edited_at=at(minutes))
    message.refresh_from_db()
    return Conversation.objects.get(pk=message.conversation_id)


def delete(message: Message, minutes: float) -> Conversation:
    assert message.channel is not None
    delete_message(channel=message.channel, ts=str(message.ts), deleted_at=at(minutes))
    return Conversation.objects.get(pk=message.conversation_id)


def test_nothing_in_nothing_out(channel: Channel) -> None:
    assert receive_messages(channel=channel, batch=[]) == []


# Edits ────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_edit_of_the_last_message_changes_the_card(last: Message) -> None:
    conversation = edit(last, "It is the P\x00DF one", 6)
    assert last.text == "It is the PDF one"
    assert (conversation.last_message_text, conversation.title) == ("It is the PDF one", QUESTION)
    assert conversation.version == 3
    event = conversation.events.latest("pk")
    assert (event.kind, event.message, event.data) == (
        EventKind.MESSAGE_EDITED, last, {"before": "It is the CSV one"}
    )  # fmt: skip


def test_an_edit_of_the_first_message_changes_the_title_alone(first: Message, last: Message) -> None:
    conversation = edit(first, "The import is empty", 6)
    assert (conversation.title, conversation.last_message_text) == ("The import is empty", "It is the CSV one")


def test_only_newer_edits_apply(first: Message) -> None:
    edit(first, "third", 30)
    conversation = edit(first, "second", 20)
    assert (first.text, conversation.title) == ("third", "third")
    edit(first, "third again", 30)
    assert first.text == "third"
    assert conversation.events.filter(kind=EventKind.MESSAGE_EDITED).count() == 1


def test_an_edit_back_to_the_same_words_outdates_what_was_between(first: Message) -> None:
    version = edit(first, QUESTION, 30).version
    conversation = edit(first, "in between", 20)
    assert (first.text, conversation.version) == (QUESTION, version)
    assert not conversation.events.filter(kind=EventKind.MESSAGE_EDITED).exists()


def test_an_edit_leaves_the_status(first: Message, channel: Channel, dana: User) -> None:
    reply = cast.say("Let me check with the team", channel=channel, by=dana, at=at(5))
    assert edit(reply, DONE, 6).status == Status.IN_PROGRESS
    assert delete(reply, 7).status == Status.IN_PROGRESS


def test_an_edit_of_an_unknown_message_says_so(channel: Channel) -> None:
    assert edit_message(channel=channel, ts="1.1", text="x", edited_at=T0) is None
    assert delete_message(channel=channel, ts="1.1", deleted_at=T0) is None


def test_an_edited_note_does_not_get_onto_the_card(last: Message, workspace: Workspace, dana: User) -> None:
    triage = cast.make_channel(workspace=workspace, kind=ChannelKind.TRIAGE)
    note = last.conversation.add_note("They are late payers", by=dana, channel=triage, ts=cast.make_ts())
    conversation = edit(note, "They are very late payers", 10_000_000)
    assert note.text == "They are very late payers"
    assert (conversation.last_message_text, conversation.title) == ("It is the CSV one", QUESTION)
    assert delete(note, 10_000_001).last_message_text == "It is the CSV one"


# Deletions ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_deleted_last_message_is_gone_from_the_card(last: Message) -> None:
    conversation = delete(last, 6)
    assert (conversation.last_message_text, conversation.message_count) == ("Message deleted", 2)
    assert conversation.events.latest("pk").kind == EventKind.MESSAGE_DELETED
    last.refresh_from_db()
    assert (last.text, last.deleted_at) == ("It is the CSV one", at(6))


def test_a_deleted_first_message_is_gone_from_the_title(first: Message, last: Message) -> None:
    assert delete(first, 6).title == "It is the CSV one"
    assert delete(last, 7).title == "Message deleted"


def test_when_all_is_deleted_nobody_waits(first: Message, last: Message) -> None:
    assert delete(last, 6).status == Status.TODO
    conversation = delete(first, 7)
    assert (conversation.status, conversation.waiting_since) == (Status.CLOSED, None)
    event = ConversationEvent.objects.get(conversation=conversation, kind=EventKind.STATUS_CHANGED)
    assert (event.by_rule, event.reason) == ("all_deleted", "All that was said has been deleted")


def test_what_a_person_decided_stands_when_all_is_deleted(first: Message, dana: User) -> None:
    first.conversation.start(by=dana)
    assert delete(first, 7).status == Status.IN_PROGRESS


def test_deleted_twice_is_deleted_once(first: Message) -> None:
    version = delete(first, 6).version
    conversation = delete(first, 7)
    assert conversation.version == version
    assert conversation.events.filter(kind=EventKind.MESSAGE_DELETED).count() == 1
    assert Message.objects.get().deleted_at == at(6)


def test_an_edit_after_the_deletion_changes_nothing(first: Message) -> None:
    delete(first, 6)
    conversation = edit(first, "secret", 7)
    assert "secret" not in (conversation.title, conversation.last_message_text, first.text)


def test_a_workspace_that_forgets_keeps_nothing_of_a_deleted_message(
    workspace: Workspace, channel: Channel, contact: Contact
) -> None:
    workspace.forgets_deleted = True
    workspace.save()
    channel.workspace.refresh_from_db()
    files: list[dict[str, object]] = [{"id": "F1", "name": "passwords.txt"}]
    message = cast.say("My password is hunter2", channel=channel, by=contact, at=T0, files=files)
    reply = cast.say("Let me check", channel=channel, by=contact, at=at(1))
    edit(message, "My password is hunter3", 2)
    delete(message, 3)
    delete(reply, 4)
    message.refresh_from_db()
    assert (message.text, message.html, message.files) == ("", "", [])
    stored = serialize("json", [*Message.objects.all(), *Conversation.objects.all(), *message.events.all()])
    assert "hunter" not in stored
    assert "passwords" not in stored
    assert "Let me check" not in stored


def test_the_reason_of_a_status_does_not_quote_what_is_forgotten(
    workspace: Workspace, first: Message, channel: Channel, dana: User
) -> None:
    Workspace.objects.update(forgets_deleted=True)
    reply = cast.say("I escalated this to our engineers", channel=channel, by=dana, at=at(5))
    moved = reply.events.get(kind=EventKind.STATUS_CHANGED)
    assert "escalated" in moved.reason
    channel.refresh_from_db()
    channel.workspace.refresh_from_db()
    delete(reply, 6)
    moved.refresh_from_db()
    assert (moved.reason, moved.data["to"]) == ("", Status.IN_PROGRESS)


# Files and names ──────────────────────────────────────────────────────────────────────────────────────


def test_an_edit_that_takes_a_file_away_is_told(channel: Channel, contact: Contact) -> None:
    files: list[dict[str, object]] = [{"id": "F1", "name": "a.txt"}, {"id": "F2", "name": "b.txt"}]
    message = cast.say("Two files", channel=channel, by=contact, at=T0, files=files)
    for minutes in (1, 2):
        edit_message(channel=channel, ts=str(message.ts), text="Two files", edited_at=at(minutes), files=files[:1])
    message.refresh_from_db()
    assert message.files == files[:1]
    assert message.conversation.events.filter(kind=EventKind.MESSAGE_EDITED).count() == 1


def test_a_name_learned_later_is_put_right_everywhere(channel: Channel, account: Account, contact: Contact) -> None:
    nameless = cast.make_contact(workspace=channel.workspace, account=account, name="U77", external_id="U77")
    old = cast.say(QUESTION, channel=channel, by=nameless, at=T0)
    other = cast.say("Me too", channel=channel, by=contact, author_name="U77", at=at(600))
    version = old.conversation.version
    nameless.name = "Nina Okafor"
    nameless.save()
    name_author(nameless, former="U77")
    old.refresh_from_db()
    other.refresh_from_db()
    conversation = Conversation.objects.get(pk=old.conversation_id)
    assert (old.author_name, conversation.last_message_author) == ("Nina Okafor", "Nina Okafor")
    assert conversation.version == version + 1
    assert other.author_name == "U77"
    name_author(nameless, former="U77")
    assert Conversation.objects.get(pk=old.conversation_id).version == version + 1


# An account changes hands ─────────────────────────────────────────────────────────────────────────────


def test_channels_and_conversations_that_are_not_closed_follow_the_account(
    workspace: Workspace, account: Account, channel: Channel, dana: User, omar: User
) -> None:
    todo = cast.make_conversation(channel=channel)
    in_progress = cast.make_conversation(channel=channel, status=Status.IN_PROGRESS)
    closed = cast.make_conversation(channel=channel, status=Status.CLOSED)
    already = cast.make_conversation(channel=channel, owner=omar)
    nobodys = cast.make_conversation(channel=channel)
    Conversation.objects.filter(pk=nobodys.pk).update(owner=None)
    elsewhere = cast.make_conversation(channel=cast.make_channel(workspace=workspace, owner=dana))
    shown = set(following_conversations(account, omar))

    followers = change_account_owner(account=account, owner=omar, by=dana)

    assert set(followers) == shown == {todo, in_progress, nobodys}
    for one in followers:
        one.refresh_from_db()
        assert one.owner == omar
        event = one.events.get()
        assert (event.kind, event.by_user, event.reason) == (
            EventKind.OWNER_CHANGED,
            dana,
            "The owner of Globex changed",
        )
    for one, owner in ((closed, dana), (already, omar), (elsewhere, dana)):
        one.refresh_from_db()
        assert (one.owner, one.events.count()) == (owner, 0)
    account.refresh_from_db()
    channel.refresh_from_db()
    assert (account.owner, channel.owner) == (omar, omar)
    assert receive_message(channel=channel, ts="1.1", text=QUESTION, author=None).conversation.owner == omar


def test_an_account_may_be_left_to_nobody(account: Account, channel: Channel, dana: User) -> None:
    owned = cast.make_conversation(channel=channel)
    assert change_account_owner(account=account, owner=None, by=dana) == [owned]
    assert change_account_owner(account=account, owner=None, by=dana) == []
    owned.refresh_from_db()
    assert owned.owner is None
    assert owned.events.count() == 1


def test_a_stranger_cannot_take_an_account(account: Account, channel: Channel, dana: User, stranger: User) -> None:
    with pytest.raises(ValidationError, match="teammate of this workspace"):
        change_account_owner(account=account, owner=stranger, by=dana)
    account.refresh_from_db()
    channel.refresh_from_db()
    assert (account.owner, channel.owner) == (dana, dana)
