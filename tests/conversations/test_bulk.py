from __future__ import annotations

import json
import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account, Channel, Contact, User
from conversations import bulk
from conversations.bulk import Wish
from conversations.models import Conversation, Priority
from conversations.status import Status
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def three(channel: Channel) -> list[Conversation]:
    return [cast.make_conversation(channel=channel, title=f"Matter {n}") for n in range(3)]


def seen(conversations: list[Conversation]) -> dict[int, dict[str, Any]]:
    return {
        each.pk: {"status": each.status, "owner": each.owner_id, "priority": each.priority} for each in conversations
    }


def fresh(conversations: list[Conversation]) -> list[Conversation]:
    return list(Conversation.objects.filter(pk__in=[each.pk for each in conversations]).order_by("pk"))


def test_who_was_first_stays_and_is_named(three: list[Conversation], dana: User, omar: User) -> None:
    looked = seen(three)
    three[1].close(by=omar)
    wish = Wish(status=Status.IN_PROGRESS)
    outcome = bulk.change(three, wish, seen=looked, by=dana)
    assert [each.status for each in fresh(three)] == ["in_progress", "closed", "in_progress"]
    assert outcome.refusals == {three[1].pk: f"#{three[1].number}: Omar Haddad moved it to Closed meanwhile."}
    assert bulk.words(outcome, wish) == "2 conversations moved to In Progress."


@pytest.mark.parametrize("respect", ["owner", "priority"])
def test_of_two_who_change_another_respect_neither_is_refused(
    three: list[Conversation], dana: User, omar: User, respect: str
) -> None:
    looked = seen(three)
    three[0].close(by=omar)
    wish = Wish(owner=omar) if respect == "owner" else Wish(priority=Priority.URGENT)
    outcome = bulk.change(three, wish, seen=looked, by=dana)
    assert outcome.refusals == {}
    assert len(outcome.changed) == 3


def test_everything_is_taken_back_but_what_was_changed_again(three: list[Conversation], dana: User, omar: User) -> None:
    three[0].tag(["billing"], by=dana)
    done = bulk.change(three, Wish(status=Status.CLOSED, owner=omar, add_tag="urgent"), seen={}, by=dana)
    assert [(each.status, each.owner, each.tags) for each in fresh(three)] == [
        ("closed", omar, ["billing", "urgent"]), ("closed", omar, ["urgent"]), ("closed", omar, ["urgent"]),
    ]  # fmt: skip
    fresh(three)[2].reopen(by=omar)
    back = bulk.take_back(three, done.way_back, by=dana)
    assert [(each.status, each.owner, each.tags) for each in fresh(three)] == [
        ("todo", dana, ["billing"]), ("todo", dana, []), ("todo", omar, ["urgent"]),
    ]  # fmt: skip
    assert list(back.refusals) == [three[2].pk]


def test_what_vanished_meanwhile_is_told_and_the_rest_is_done(three: list[Conversation], dana: User) -> None:
    step = {"id": three[1].pk, "owner": [dana.pk + 1000, dana.pk]}
    back = bulk.take_back(three, [step], by=dana)
    assert back.refusals == {
        three[1].pk: f"#{three[1].number}: It can’t be changed so any more: something that it needs is gone."
    }
    gone = Conversation(pk=three[2].pk + 1000, number=999, workspace_id=dana.workspace_id)
    outcome = bulk.change([gone, three[0]], Wish(priority=Priority.URGENT), seen={}, by=dana)
    assert (list(outcome.refusals), len(outcome.changed)) == ([gone.pk], 1)


def test_snoozed_and_brought_back(three: list[Conversation], dana: User) -> None:
    until = timezone.now() + timedelta(hours=1)
    done = bulk.change(three, Wish(snooze=until), seen={}, by=dana)
    assert {each.snoozed_until for each in fresh(three)} == {until}
    bulk.take_back(three, done.way_back, by=dana)
    assert {each.snoozed_until for each in fresh(three)} == {None}


def test_merged_and_taken_apart(channel: Channel, contact: Contact, account: Account, dana: User) -> None:
    here = [
        cast.say(text, channel=channel, by=contact, ago=timedelta(days=ago)).conversation
        for text, ago in (("The export is empty", 9), ("Invoices are late", 5))
    ]
    elsewhere = cast.say(
        "A third matter", channel=cast.make_channel(workspace=channel.workspace, account=account), by=contact
    ).conversation
    chosen = [*here, elsewhere]
    done = bulk.change(chosen, Wish(merge_into=here[0]), seen={}, by=dana)
    assert [each.merged_into for each in fresh(chosen)] == [None, here[0], None]
    assert list(done.refusals) == [elsewhere.pk]
    bulk.take_back(chosen, done.way_back, by=dana)
    assert [each.merged_into for each in fresh(chosen)] == [None, None, None]


def post(client: Client, conversations: list[Conversation], **fields: str) -> tuple[int, str]:
    form = {
        "id": [each.pk for each in conversations],
        "seen": [json.dumps({"status": each.status, "owner": str(each.owner_id or "")}) for each in conversations],
    }
    response = client.post("/board/change/", form | fields)
    return response.status_code, response.content.decode()


def test_the_board_is_answered_with_cards_words_and_the_way_back(
    client: Client, three: list[Conversation], dana: User, omar: User
) -> None:
    client.force_login(dana)
    status, html = post(client, three, owner=str(omar.pk), query="owner=mine")
    assert status == 200
    assert "3 conversations given to Omar Haddad." in html
    assert len(re.findall(r"data-gone", html)) == 3  # on a board of her own none of them stays
    undo = re.search(r'data-undo="([^"]+)"', html)
    assert undo
    assert client.post("/board/undo/", {"undo": unescape(undo[1])}).status_code == 200
    assert {each.owner for each in fresh(three)} == {dana}
    fresh(three)[0].assign(None, by=omar)
    status, html = post(client, three, owner=str(omar.pk))
    assert status == 409
    assert "Omar Haddad took its owner off meanwhile." in html


@pytest.mark.parametrize("fields", [{"status": "lost"}, {"snooze": "yesterday"}, {"priority": ""}])
def test_what_is_no_choice_is_refused(
    client: Client, three: list[Conversation], dana: User, fields: dict[str, str]
) -> None:
    client.force_login(dana)
    assert post(client, three, **fields)[0] == 400


def test_a_stranger_changes_and_takes_back_nothing(
    client: Client, three: list[Conversation], dana: User, stranger: User
) -> None:
    client.force_login(dana)
    undo = re.search(r'data-undo="([^"]+)"', post(client, three, status="closed")[1])
    assert undo
    client.force_login(stranger)
    post(client, fresh(three), status="todo")
    client.post("/board/undo/", {"undo": unescape(undo[1])})
    assert {each.status for each in fresh(three)} == {"closed"}
    client.force_login(dana)
    theirs = cast.make_conversation(channel=cast.make_channel(workspace=stranger.workspace))
    assert post(client, three, merge_into=str(theirs.pk))[0] == 404
    assert post(client, three, owner=str(stranger.pk))[0] == 404


def test_what_was_seen_of_one_card_does_not_stand_for_another(
    client: Client, three: list[Conversation], dana: User, omar: User
) -> None:
    client.force_login(dana)
    one, two, _three = three
    saw = [json.dumps({"status": each.status}) for each in (one, two)]
    two.close(by=omar)
    for ids, seen in (["x", str(two.pk)], saw), ([str(one.pk), str(two.pk)], saw[:1]):
        answer = client.post("/board/change/", {"id": ids, "seen": seen, "status": "in_progress"})
        assert answer.status_code == 400
    two.refresh_from_db()
    assert two.status == Status.CLOSED
