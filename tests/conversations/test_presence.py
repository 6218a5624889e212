"""Who else looks at a conversation: seen by the team, forgotten by itself, told only where something changes."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from django.test import Client

from accounts.models import Channel, Contact, User
from conversations import live, presence
from conversations.models import Conversation
from conversations.presence import Doing, Present
from tests import cast


@pytest.fixture(autouse=True)
def nobody_there(db: None) -> Iterator[None]:
    live.connection().flushdb()
    yield
    live.connection().flushdb()


@pytest.fixture
def conversation(channel: Channel, contact: Contact) -> Conversation:
    return cast.say("The export is empty", channel=channel, by=contact).conversation


def url(conversation: Conversation) -> str:
    return f"/conversations/{conversation.number}/here/"


def test_each_sees_the_others_and_what_they_do(conversation: Conversation, dana: User, omar: User) -> None:
    assert presence.say(conversation.pk, dana, Doing.LOOKING) == []
    assert presence.say(conversation.pk, omar, Doing.REPLY) == [Present(dana.pk, "Dana Reyes", Doing.LOOKING)]
    assert presence.say(conversation.pk, dana, Doing.LOOKING) == [Present(omar.pk, "Omar Haddad", Doing.REPLY)]
    presence.leave(conversation.pk, omar)
    assert presence.say(conversation.pk, dana, Doing.LOOKING) == []


def test_who_says_nothing_is_gone(
    conversation: Conversation, dana: User, omar: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    presence.say(conversation.pk, dana, Doing.LOOKING)
    monkeypatch.setattr(presence, "LASTS_SECONDS", 0)
    assert presence.say(conversation.pk, omar, Doing.LOOKING) == []


def test_it_is_forgotten_altogether(conversation: Conversation, dana: User) -> None:
    presence.say(conversation.pk, dana, Doing.LOOKING)
    (key,) = live.connection().keys("pylon:here:*")
    assert 0 < live.connection().ttl(key) <= presence.LASTS_SECONDS


def test_the_others_pages_are_told_when_something_changes_and_only_then(
    conversation: Conversation, dana: User, omar: User
) -> None:
    with live.connection().pubsub() as listening:  # type: ignore[no-untyped-call]
        listening.subscribe(f"pylon:live:{dana.workspace_id}")
        listening.get_message(timeout=5)
        for doing in (Doing.LOOKING, Doing.LOOKING, Doing.NOTE, Doing.NOTE):
            presence.say(conversation.pk, dana, doing)
        for gone in (dana, omar, omar):  # who was not there does not go
            presence.leave(conversation.pk, gone)
        live.connection().publish(f"pylon:live:{dana.workspace_id}", "[]")
        told = []
        while (message := listening.get_message(timeout=5)) and message["data"] != b"[]":
            told.append(json.loads(message["data"]))
    assert told == [{"here": conversation.pk}] * 3


def test_another_workspace_sees_nobody(conversation: Conversation, dana: User, stranger: User, client: Client) -> None:
    presence.say(conversation.pk, dana, Doing.LOOKING)
    assert presence.say(conversation.pk, stranger, Doing.LOOKING) == []
    client.force_login(stranger)
    assert client.post(url(conversation), {"doing": "looking"}).status_code == 404


def test_a_page_is_told_in_words(conversation: Conversation, dana: User, omar: User, client: Client) -> None:
    presence.say(conversation.pk, omar, Doing.REPLY)
    client.force_login(dana)
    assert "Omar Haddad is writing a reply" in client.post(url(conversation), {"doing": "looking"}).content.decode()
    assert client.post(url(conversation), {"doing": "gone"}).status_code == 204
    assert presence.say(conversation.pk, omar, Doing.LOOKING) == []
    assert client.post(url(conversation), {"doing": "sleeping"}).status_code == 400
    assert client.get(url(conversation)).status_code == 405


def test_without_redis_nobody_is_seen_and_nothing_fails(
    conversation: Conversation, dana: User, client: Client, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "REDIS_ADDRESS", "redis://127.0.0.1:1/0")
    live.connection.cache_clear()
    try:
        client.force_login(dana)
        assert client.post(url(conversation), {"doing": "looking"}).status_code == 200
        assert client.post(url(conversation), {"doing": "gone"}).status_code == 204
    finally:
        monkeypatch.undo()
        live.connection.cache_clear()
