from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Channel, Contact, User
from conversations.models import Conversation, EventKind, Message
from conversations.status import Status
from tests import cast

LIST = "/admin/conversations/conversation/"


@pytest.fixture
def signed_in(client: Client, dana: User) -> Client:
    client.force_login(dana)
    return client


@pytest.fixture
def conversation(channel: Channel, contact: Contact) -> Conversation:
    return cast.say("The export is empty.", channel=channel, by=contact).conversation


def changes(conversation: Conversation) -> list[tuple[str, User | None]]:
    kinds = [EventKind.STATUS_CHANGED, EventKind.OWNER_CHANGED]
    return [(e.kind, e.by_user) for e in conversation.events.filter(kind__in=kinds).order_by("pk")]


def test_status_and_owner_are_changed_by_the_verbs(
    signed_in: Client, conversation: Conversation, dana: User, omar: User
) -> None:
    signed_in.post(f"{LIST}{conversation.pk}/change/", {"status": "closed", "owner": omar.pk, "title": "Mine"})
    conversation.refresh_from_db()
    assert (conversation.status, conversation.owner, conversation.title) == (
        Status.CLOSED,
        omar,
        "The export is empty.",
    )
    assert conversation.closed_at
    assert changes(conversation) == [(EventKind.STATUS_CHANGED, dana), (EventKind.OWNER_CHANGED, dana)]


def test_saving_without_a_change_records_nothing(signed_in: Client, conversation: Conversation, dana: User) -> None:
    signed_in.post(f"{LIST}{conversation.pk}/change/", {"status": "todo", "owner": dana.pk})
    assert changes(conversation) == []


def test_several_are_closed_at_once(signed_in: Client, channel: Channel, dana: User) -> None:
    both = [cast.make_conversation(channel=channel) for _ in range(2)]
    answer = signed_in.post(LIST, {"action": "close", "_selected_action": [c.pk for c in both]}, follow=True)
    assert "2 now: Closed." in answer.content.decode()
    assert [changes(c) for c in both] == [[(EventKind.STATUS_CHANGED, dana)]] * 2


def test_a_message_can_not_be_changed_and_a_deleted_one_not_be_read(
    signed_in: Client, conversation: Conversation
) -> None:
    message = conversation.messages.get()
    path = f"/admin/conversations/message/{message.pk}/change/"
    assert signed_in.post(path, {"text": "Something else"}).status_code == 403
    assert "The export is empty." in signed_in.get(path).content.decode()
    Message.objects.update(deleted_at=timezone.now(), text="What nobody may read")
    for page in (path, "/admin/conversations/message/"):
        assert "What nobody may read" not in signed_in.get(page).content.decode()
