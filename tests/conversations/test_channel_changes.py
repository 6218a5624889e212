"""What follows when a channel gets another account, owner or kind, and when a person's side there is set right."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import Account, Channel, ChannelKind, Contact, Grouping, User, Workspace
from conversations.channel_changes import change_channel, count_messages_anew
from conversations.models import EventKind, MessageKind
from conversations.status import Status
from tests import cast

MONTH = timedelta(days=30)


def test_another_account_takes_the_conversations_along(
    channel: Channel, account: Account, dana: User, workspace: Workspace
) -> None:
    hooli = cast.make_account(workspace=workspace, name="Hooli")
    stays = cast.make_conversation(channel=channel)
    type(stays).objects.filter(pk=stays.pk).update(account=cast.make_account(workspace=workspace, name="Initech"))
    open_one, closed = cast.make_conversation(channel=channel), cast.make_conversation(
        channel=channel, status=Status.CLOSED
    )  # fmt: skip
    version = open_one.version
    change_channel(channel=channel, by=dana, changes={"account": hooli})
    for conversation in (open_one, closed, stays, channel, hooli):
        conversation.refresh_from_db()
    assert (channel.account, open_one.account, closed.account) == (hooli, hooli, hooli)
    assert stays.account != hooli, "somebody had chosen that"
    assert open_one.version > version
    told, silent = (one.events.get(kind=EventKind.ACCOUNT_CHANGED) for one in (open_one, closed))
    assert (told.by_user, told.data) == (dana, {"from": account.name, "to": "Hooli"})
    assert (told.published_at, bool(silent.published_at)) == (None, True), "closed ones come up nowhere again"
    assert hooli.owner == channel.owner


def test_another_owner_gets_what_nobody_has_in_hand(channel: Channel, dana: User, omar: User) -> None:
    danas, nobodys, given_up = (cast.make_conversation(channel=channel) for _ in range(3))
    nobodys.owner = None
    nobodys.save()
    given_up.assign(None, by=dana)
    change_channel(channel=channel, by=dana, changes={"owner": omar})
    for conversation in (danas, nobodys, given_up):
        conversation.refresh_from_db()
    assert [danas.owner, nobodys.owner, given_up.owner] == [dana, omar, None]


@pytest.mark.parametrize("kind", [ChannelKind.TRIAGE, ChannelKind.INTERNAL])
def test_a_shared_channel_is_never_one_of_ours(channel: Channel, dana: User, kind: str) -> None:
    with pytest.raises(ValidationError, match="Another company reads this channel"):
        change_channel(channel=channel, by=dana, changes={"kind": kind, "grouping": Grouping.THREADS})
    channel.refresh_from_db()
    assert (channel.kind, channel.grouping) == (ChannelKind.CUSTOMER, "")


@pytest.mark.parametrize("changes", [{"kind": "public"}, {"grouping": "by_mood"}, {"quiet_minutes": -1}])
def test_what_is_no_choice_is_refused(channel: Channel, dana: User, changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        change_channel(channel=channel, by=dana, changes=changes)


def test_strangers_accounts_and_people_are_refused(channel: Channel, dana: User, stranger: User) -> None:
    theirs = cast.make_account(workspace=stranger.workspace)
    for changes in ({"owner": stranger}, {"account": theirs}):
        with pytest.raises(ValidationError, match="of this workspace"):
            change_channel(channel=channel, by=dana, changes=changes)


def test_only_some_things_can_be_changed(channel: Channel, dana: User) -> None:
    with pytest.raises(ValueError, match="is_shared"):
        change_channel(channel=channel, by=dana, changes={"is_shared": False})


def test_messages_are_counted_anew(channel: Channel, contact: Contact, omar: User) -> None:
    """Omar turned out to ask as a customer: nobody had waited for an answer to what one of us said unasked."""
    question = cast.say("The export is empty, can you look?", channel=channel, by=omar)
    conversation = question.conversation
    assert conversation.status == Status.CLOSED
    since = timezone.now() - MONTH
    assert count_messages_anew(channel=channel, author=omar, inbound=True, since=since) == 1
    conversation.refresh_from_db()
    question.refresh_from_db()
    assert (question.kind, conversation.last_message_inbound, conversation.status) == (
        MessageKind.INBOUND, True, Status.TODO,
    )  # fmt: skip
    assert conversation.waiting_since == question.sent_at
    assert count_messages_anew(channel=channel, author=omar, inbound=True, since=since) == 0


def test_what_is_closed_old_or_a_note_keeps_its_side(channel: Channel, contact: Contact, omar: User) -> None:
    old = cast.say("The invoice is wrong", channel=channel, by=contact, ago=2 * MONTH)
    closed = cast.say("Where is the key?", channel=channel, by=contact, ago=timedelta(days=2))
    closed.conversation.close(by=omar)
    now = cast.say("The export is empty", channel=channel, by=contact)
    note = now.conversation.add_note("known bug", by=omar)
    since = timezone.now() - MONTH
    assert count_messages_anew(channel=channel, author=contact, inbound=False, since=since) == 1
    assert count_messages_anew(channel=channel, author=omar, inbound=True, since=since) == 0
    for message in (old, closed, now, note):
        message.refresh_from_db()
    assert [old.kind, closed.kind, now.kind, note.kind] == [
        MessageKind.INBOUND, MessageKind.INBOUND, MessageKind.OUTBOUND, MessageKind.NOTE,
    ]  # fmt: skip
