"""Why this status: the words that decided, and the way back."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Channel, Contact, User
from conversations.models import Conversation
from conversations.status import Status
from conversations.why import highlighted
from tests import cast


@pytest.mark.parametrize(
    ("text", "spans", "shown"),
    [
        ("Let me check", [(0, 6)], "<mark>Let me</mark> check"),
        ("a <b> c", [(2, 5)], "a <mark>&lt;b&gt;</mark> c"),
        ("one two three", [(8, 13), (0, 3), (1, 5)], "<mark>one</mark> two <mark>three</mark>"),
        ("Plain", [], "Plain"),
        ("x" * 200 + "now" + "y" * 200, [(200, 203)], "…" + "x" * 120 + "<mark>now</mark>" + "y" * 120 + "…"),
    ],
)
def test_the_words_that_decided_are_marked(text: str, spans: list[tuple[int, int]], shown: str) -> None:
    assert highlighted(text, spans) == shown


@pytest.fixture
def closed(channel: Channel, contact: Contact, dana: User) -> Conversation:
    asked = cast.say("How do I export this?", channel=channel, by=contact)
    cast.say("I just confirmed with the team: <it> is fixed", channel=channel, by=dana, thread_ts=asked.ts)
    return asked.conversation


def test_the_page_shows_them_and_one_click_goes_back(client: Client, closed: Conversation, dana: User) -> None:
    client.force_login(dana)
    page = client.get(closed.get_absolute_url()).content.decode()
    assert "Why this status?" in page
    assert "<mark>I just confirmed with</mark>" in page
    assert "&lt;it&gt;" in page
    assert "Back to To Do" in page
    client.post(f"{closed.get_absolute_url()}status/", {"status": "todo", "from": "closed"})
    closed.refresh_from_db()
    assert (closed.status, closed.status_by_person) == (Status.TODO, True)
    assert "Back to To Do" not in client.get(closed.get_absolute_url()).content.decode()
