"""Saved views and the board's selections, asked for by programs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Channel, User
from conversations.models import Conversation, Priority
from conversations.saved_views import save_view
from tests import cast
from tests.conversations.test_api import LIST, client_of

VIEWS = "/api/v1/views/"


@pytest.fixture
def api(dana: User) -> APIClient:
    return client_of(dana)


@pytest.fixture
def three(channel: Channel, dana: User, omar: User) -> list[Conversation]:
    """Dana's, tagged; Omar's, urgent; nobody's, snoozed and waiting."""
    one, two, three = (cast.make_conversation(channel=channel, title=f"Matter {n}") for n in range(3))
    one.assign(dana, by=dana)
    one.tag(["billing"], by=dana)
    two.assign(omar, by=dana)
    two.prioritise(Priority.URGENT, by=dana)
    three.assign(None, by=dana)
    three.snooze(timezone.now() + timedelta(days=1), by=dana)
    Conversation.objects.update(waiting_since=None)
    Conversation.objects.filter(pk=three.pk).update(waiting_since=timezone.now() - timedelta(hours=2))
    return [one, two, three]


def places(api: APIClient, query: str, three: list[Conversation]) -> list[int]:
    answer = api.get(f"{LIST}?{query}")
    assert answer.status_code == 200, answer.content
    numbers = [each.number for each in three]
    return sorted(numbers.index(each["number"]) for each in answer.json()["results"])


def test_conversations_are_chosen_as_on_the_board(api: APIClient, three: list[Conversation], omar: User) -> None:
    for query, found in {
        "": [0, 1, 2], "owner=mine": [0], f"owner=mine&owner={omar.pk}": [0, 1], "owner=nobody": [2],
        "tag=billing": [0], "priority=urgent": [1], "waiting=60": [2], "waiting=180": [], "snoozed=1": [2],
        "q=tag:billing": [0], "owner=mine&status=closed": [], f"account={three[0].account_id}&tag=billing": [0],
        f"channel={three[0].channel_id}&priority=urgent": [1], "unread=1": [],
    }.items():  # fmt: skip
        assert places(api, query, three) == found, query


def test_a_view_is_made_shared_asked_and_deleted(
    api: APIClient, three: list[Conversation], omar: User, stranger: User
) -> None:
    made = api.post(VIEWS, {"name": "Urgent", "query": "priority=urgent"}, format="json")
    assert made.status_code == 201
    address, chosen = f"{VIEWS}{made.json()['key']}/", f"view={made.json()['key']}"
    assert places(api, chosen, three) == [1]
    assert places(api, f"{chosen}&owner=mine", three) == []
    theirs = client_of(omar)
    assert (theirs.get(address).status_code, theirs.get(f"{LIST}?{chosen}").status_code) == (404, 400)
    assert api.patch(address, {"is_shared": True}, format="json").json()["query"] == "priority=urgent"
    assert [each["name"] for each in theirs.get(VIEWS).json()["results"]] == ["Urgent"]
    assert places(theirs, chosen, three) == [1]
    assert client_of(stranger).get(address).status_code == 404
    assert theirs.delete(address).status_code == 403
    assert api.delete(address).status_code == 204
    assert api.get(VIEWS).json()["results"] == []


def test_a_view_shows_what_its_board_does(api: APIClient, three: list[Conversation], dana: User) -> None:
    everything = save_view(name="All", query="", is_shared=False, by=dana)
    assert places(api, f"view={everything.key}", three) == [0, 1]


@pytest.mark.parametrize(
    ("given", "name", "says"),
    [
        ({"query": "owner=mine"}, "name", "required"),
        ({"name": "A", "query": "colour=red"}, "query", "Not known here: colour."),
        ({"name": "A", "query": "priority=asap"}, "query", "urgent, high, normal or low"),
        ({"name": "A", "query": "lanes=tag"}, "query", "Must be one of owner, account, priority."),
        ({"name": "A", "shared": True}, "shared", "Not known here."),
        ({"name": "Mine"}, "name", "already"),
    ],
    ids=["no name", "unknown part", "unknown value", "unknown lanes", "unknown field", "twice"],
)
def test_a_view_that_can_not_be(api: APIClient, dana: User, given: dict[str, object], name: str, says: str) -> None:
    save_view(name="Mine", query="owner=mine", is_shared=False, by=dana)
    answer = api.post(VIEWS, given, format="json")
    assert answer.status_code == 400
    assert says in answer.json()[name][0]
