from __future__ import annotations

from typing import Any

import pytest
from knox.models import AuthToken
from rest_framework.test import APIClient

from accounts.models import Channel, Contact, User
from conversations.models import Conversation, Message, Reply, ReplyState
from tests import cast

KEY = "5b1c2b1e-6d0c-4b6e-9f0e-3a6c1b2d4e5f"


@pytest.fixture
def asked(channel: Channel, contact: Contact) -> Message:
    return cast.say("The export is empty.", channel=channel, by=contact)


@pytest.fixture
def api(dana: User) -> APIClient:
    return client_of(dana)


def client_of(user: User) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {AuthToken.objects.create(user)[1]}")
    return client


def address(conversation: Conversation) -> str:
    return f"/api/v1/conversations/{conversation.number}/replies/"


def post(client: APIClient, conversation: Conversation, **body: Any) -> Any:
    return client.post(address(conversation), body, format="json")


def test_a_reply_is_the_tokens_owners_and_waits(api: APIClient, asked: Message, dana: User) -> None:
    answer = post(api, asked.conversation, text=" I am on it. ", send=True)
    assert answer.status_code == 201
    reply = Reply.objects.get()
    assert (reply.author, reply.text, reply.thread_ts) == (dana, "I am on it.", asked.ts)
    told = answer.json()
    assert (told["id"], told["state"], told["teammate"], told["message"]) == (reply.pk, "waiting", dana.pk, None)
    assert api.get(address(asked.conversation)).json()["results"] == [told]


def test_the_same_key_is_the_same_reply(api: APIClient, asked: Message) -> None:
    codes = [post(api, asked.conversation, text="Hi", send=True, key=KEY).status_code for _ in range(2)]
    assert (codes, Reply.objects.count()) == ([201, 200], 1)


def test_in_the_channel(api: APIClient, asked: Message) -> None:
    post(api, asked.conversation, text="Hi", send=True, in_channel=True)
    assert Reply.objects.get().thread_ts == ""


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"text": "Hi"}, "send"),
        ({"text": "Hi", "send": False}, "send"),
        ({"send": True}, "text"),
        ({"text": " \n ", "send": True}, "text"),
        ({"text": "x" * 4_001, "send": True}, "text"),
        ({"text": "Hi", "send": True, "key": "mine"}, "key"),
        ({"text": "Hi", "send": True, "thread_ts": "1.000001"}, "thread_ts"),
    ],
)
def test_what_is_missing_or_wrong_is_named(api: APIClient, asked: Message, body: dict[str, Any], field: str) -> None:
    answer = post(api, asked.conversation, **body)
    assert answer.status_code == 400
    assert list(answer.json()) == [field]
    assert not Reply.objects.exists()


def test_where_nothing_can_be_sent(api: APIClient, asked: Message) -> None:
    Channel.objects.update(kind="internal")
    answer = post(api, asked.conversation, text="Hi", send=True)
    assert answer.status_code == 400
    assert "not a customer’s channel" in answer.json()["text"][0]


def test_a_stranger_and_who_left_send_nothing(api: APIClient, asked: Message, dana: User, stranger: User) -> None:
    assert post(client_of(stranger), asked.conversation, text="Hi", send=True).status_code == 404
    User.objects.filter(pk=dana.pk).update(is_active=False)
    assert post(api, asked.conversation, text="Hi", send=True).status_code == 401
    assert not Reply.objects.filter(state=ReplyState.WAITING).exists()
