"""Marking the whole board as read, and the way back."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Channel, Contact, User
from conversations.board import unread_of
from conversations.models import Conversation
from conversations.seeing import mark_seen
from tests import cast


@pytest.fixture
def as_dana(client: Client, dana: User) -> Client:
    client.force_login(dana)
    return client


@pytest.fixture
def two(workspace: object, channel: Channel, contact: Contact, dana: User) -> list[Conversation]:
    """Both unread; a third was read before."""
    User.objects.filter(pk=dana.pk).update(read_before_at=timezone.now() - timedelta(hours=2))
    said = [
        cast.say(text, channel=cast.make_channel(workspace=dana.workspace), by=contact, ago=ago).conversation
        for text, ago in (("a", timedelta(hours=1)), ("b", timedelta(hours=1)), ("old", timedelta(hours=3)))
    ]
    return said[:2]


def unread(reader: User) -> set[int]:
    reader.refresh_from_db()
    return set(unread_of(reader, list(Conversation.objects.values_list("pk", flat=True))))


def mark_all(client: Client) -> str:
    """Answers what takes it back, as the board offers it."""
    answer = client.post("/board/read/", {"query": "owner=mine"})
    assert answer.headers["Location"] == "/board/?owner=mine"
    found = re.search(r'name="undo" value="([^"]+)"', client.get("/board/?owner=mine").text)
    assert found
    return found[1]


def take_back(client: Client, token: str) -> str:
    return client.post("/board/unread/", {"undo": token, "query": ""}, follow=True).text


def test_everything_can_be_marked_as_read(as_dana: Client, two: list[Conversation], dana: User, omar: User) -> None:
    assert unread(dana) == {each.pk for each in two}
    before = omar.read_before_at
    token = mark_all(as_dana)
    assert unread(dana) == set()
    assert User.objects.get(pk=omar.pk).read_before_at == before
    assert token not in as_dana.get("/board/").text  # said once


def test_it_is_taken_back_but_not_what_was_looked_at_since(
    as_dana: Client, two: list[Conversation], dana: User
) -> None:
    token = mark_all(as_dana)
    mark_seen(dana, two[0])
    for _ in range(2):
        assert "What was unread before is unread again." in take_back(as_dana, token)
        assert unread(dana) == {two[1].pk}


def test_what_was_marked_again_stays_read(as_dana: Client, two: list[Conversation], dana: User) -> None:
    first = mark_all(as_dana)
    mark_all(as_dana)
    assert "there is nothing to take back" in take_back(as_dana, first)
    assert unread(dana) == set()


def test_nobody_takes_back_what_another_did(client: Client, two: list[Conversation], dana: User, omar: User) -> None:
    client.force_login(dana)
    token = mark_all(client)
    client.force_login(omar)
    before: datetime = omar.read_before_at
    for given in (token, f"{token}x", ""):
        assert client.post("/board/unread/", {"undo": given}).status_code == 400
    assert User.objects.get(pk=omar.pk).read_before_at == before
    assert unread(dana) == set()
