"""Emoji: a teammate's act, everybody else's say nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Channel, Contact, Side, User
from accounts.overrides import count_as
from conversations.models import Conversation, EventKind, Message
from conversations.status import Status
from integrations.models import Delivery, DeliveryKind, InboundEvent, Installation, Link, LinkKind
from tests import cast
from tests.integrations.slack.envelopes import Json, envelope, said, work


@pytest.fixture
def message(installation: Installation, channel: Channel, contact: Contact) -> Message:
    return cast.say("The export is empty again", channel=channel, by=contact, ago=timedelta(minutes=5))


def reaction(name: str, *, user: str | None, channel: str, ts: str | None, **more: object) -> Json:
    item = {"type": "message", "channel": channel, "ts": ts}
    event = {"type": "reaction_added", "user": user, "reaction": name, "item": item, "event_ts": cast.make_ts()}
    return envelope(event | more)


def on(message: Message, name: str, user: User | Contact, **more: object) -> Json:
    assert message.channel is not None
    return reaction(name, user=user.external_id, channel=message.channel.external_id, ts=message.ts, **more)


def test_a_teammates_emoji_acts_on_the_conversation(message: Message, omar: User) -> None:
    conversation = message.conversation
    for name, status in {"eyes": Status.IN_PROGRESS, "white_check_mark::skin-tone-3": Status.CLOSED}.items():
        work(on(message, name, omar))
        conversation.refresh_from_db()
        assert (conversation.status, conversation.status_by_person) == (status, True)
    assert conversation.events.filter(kind=EventKind.STATUS_CHANGED, by_user=omar).count() == 2


def test_an_emoji_that_comes_twice_acts_once(message: Message, omar: User) -> None:
    closing = on(message, "white_check_mark", omar)
    work(closing, closing, on(message, "white_check_mark", omar))
    assert message.conversation.events.filter(kind=EventKind.STATUS_CHANGED).count() == 1


def test_others_emoji_do_nothing(message: Message, dana: User, contact: Contact, stranger: User) -> None:
    assert message.channel is not None
    count_as(channel=message.channel, external_id=contact.external_id, side=Side.US, by=dana)
    cast.make_teammate(workspace=dana.workspace, external_id="U_GONE", is_active=False)
    for who in (contact.external_id, stranger.external_id, "U_GONE", "U_NOBODY", None):
        for name in ("white_check_mark", "ticket", "eyes"):
            found = work(reaction(name, user=who, channel=message.channel.external_id, ts=message.ts))
            assert found == ["an emoji of somebody who is no teammate: nothing done"]
    message.conversation.refresh_from_db()
    assert message.conversation.status == Status.TODO
    assert Conversation.objects.count() == 1


def test_a_customers_thumb_neither_opens_nor_reopens(message: Message, dana: User, contact: Contact) -> None:
    message.conversation.close(by=dana)
    before = message.conversation.events.count()
    work(on(message, "+1", contact), on(message, "eyes", contact))
    message.conversation.refresh_from_db()
    assert message.conversation.status == Status.CLOSED
    assert message.conversation.events.count() == before


def test_a_ticket_opens_a_conversation_of_its_own(
    message: Message, channel: Channel, dana: User, contact: Contact
) -> None:
    other = cast.say("And who may see invoices?", channel=channel, by=contact)
    assert other.conversation == message.conversation
    (outcome,) = work(on(other, "ticket", dana))
    other.refresh_from_db()
    assert other.conversation != message.conversation
    assert outcome == f"opened #{other.conversation.number}"
    assert "Nothing would stay behind" in work(on(other, "ticket", dana))[0]
    told = Delivery.objects.get(kind=DeliveryKind.DIALOG)
    assert told.request["method"] == "chat.postEphemeral"
    assert told.request["arguments"]["user"] == dana.external_id


def test_of_messages_that_are_in_none_a_ticket_makes_a_conversation(
    installation: Installation, channel: Channel, dana: User, contact: Contact
) -> None:
    channel.grouping = "manual"
    channel.save()
    message = cast.say("The export is empty again", channel=channel, by=contact)
    assert message.conversation.is_unsorted
    assert work(on(message, "white_check_mark", dana)) == ["on a message that is in no conversation"]
    work(on(message, "ticket", dana))
    message.refresh_from_db()
    assert (message.conversation.is_unsorted, message.conversation.status) == (False, Status.TODO)


def test_an_emoji_that_was_under_way_while_the_customer_wrote_closes_nothing(
    message: Message, channel: Channel, dana: User, contact: Contact
) -> None:
    late = on(message, "white_check_mark", dana, event_ts=cast.make_ts(timezone.now() - timedelta(minutes=4)))
    cast.say("Still empty", channel=channel, by=contact, ago=timedelta(minutes=1))
    assert work(late) == ["not closed: the customer has written since"]
    message.conversation.refresh_from_db()
    assert message.conversation.status == Status.TODO


def test_the_workspace_says_which_emoji_does_what(message: Message, dana: User) -> None:
    dana.workspace.reactions = {"done": "close", "eyes": "explode"}
    dana.workspace.save()
    assert work(on(message, "white_check_mark", dana), on(message, "eyes", dana)) == ["an emoji that does nothing"] * 2
    work(on(message, "done", dana))
    message.conversation.refresh_from_db()
    assert message.conversation.status == Status.CLOSED


def test_taking_an_emoji_away_undoes_nothing(message: Message, dana: User) -> None:
    work(on(message, "white_check_mark", dana), on(message, "white_check_mark", dana, type="reaction_removed"))
    message.conversation.refresh_from_db()
    assert message.conversation.status == Status.CLOSED


def test_on_a_triage_post_it_acts_on_its_conversation(message: Message, installation: Installation, dana: User) -> None:
    triage = cast.make_triage_channel(workspace=installation.workspace).channel.external_id
    Link.objects.create(
        workspace=installation.workspace, installation=installation, conversation=message.conversation,
        kind=LinkKind.TRIAGE_POST, place=triage, external_id="1.2",
    )  # fmt: skip
    post: Json = {"user": dana.external_id, "channel": triage, "ts": "1.2"}
    assert work(reaction("ticket", **post)) == ["it is a conversation of its own already"]
    work(reaction("white_check_mark", **post))
    message.conversation.refresh_from_db()
    assert message.conversation.status == Status.CLOSED
    assert work(reaction("eyes", **post | {"ts": "3.4"})) == ["on nothing that we know"]


def test_an_emoji_before_its_message_waits_for_it(
    installation: Installation, channel: Channel, dana: User, contact: Contact
) -> None:
    channel.joined_at = timezone.now() - timedelta(hours=1)
    channel.save()
    ts = cast.make_ts()
    eyes = reaction("eyes", user=dana.external_id, channel=channel.external_id, ts=ts)
    assert work(eyes) == [""]
    message = said("Help!", user=contact.external_id, channel=channel.external_id, ts=ts, team=cast.THEIR_TEAM)
    InboundEvent.objects.update(next_attempt_at=None)
    work(envelope(message))
    InboundEvent.objects.update(next_attempt_at=None)
    work(eyes)
    assert Conversation.objects.get().status == Status.IN_PROGRESS


@pytest.mark.parametrize("item", [None, {}, {"type": "file"}, {"type": "message", "channel": "C_X", "ts": "x"}])
def test_what_it_is_on_may_be_anything(installation: Installation, dana: User, item: Json | None) -> None:
    strange = envelope({"type": "reaction_added", "user": dana.external_id, "reaction": "eyes", "item": item})
    assert work(strange) == ["on nothing that we know"]
