from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from knox.models import AuthToken
from rest_framework.test import APIClient

from accounts.models import Account, Channel, Contact, User
from conversations.models import Conversation, EventKind
from conversations.status import Status
from tests import cast

LIST = "/api/v1/conversations/"


def client_of(user: User) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {AuthToken.objects.create(user)[1]}")
    return client


@pytest.fixture
def api(dana: User) -> APIClient:
    return client_of(dana)


@pytest.fixture
def conversation(channel: Channel, contact: Contact) -> Conversation:
    return cast.say("The export is empty. Can you look?", channel=channel, by=contact).conversation


def address(conversation: Conversation) -> str:
    return f"{LIST}{conversation.number}/"


# Who may ────────────────────────────────────────────────────────────────────────────────────────────────


def test_nobody_is_let_in_without_a_token(conversation: Conversation) -> None:
    for wrong in ["", "Bearer", "Bearer wrong", "Bearer \xff", "Bearer a b", "Basic wrong"]:
        answer = APIClient(HTTP_AUTHORIZATION=wrong).get(LIST)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_revoked_token_and_a_teammate_who_left_are_refused(conversation: Conversation, omar: User) -> None:
    revoked, left = client_of(omar), client_of(omar)
    AuthToken.objects.filter(user=omar).order_by("created")[0].delete()
    assert revoked.get(LIST).status_code == 401
    assert left.get(LIST).status_code == 200
    User.objects.filter(pk=omar.pk).update(is_active=False)
    assert left.get(LIST).status_code == 401


def test_a_stranger_finds_nothing(conversation: Conversation, account: Account, stranger: User) -> None:
    api = client_of(stranger)
    assert api.get(LIST).json()["results"] == []
    assert api.get(address(conversation)).status_code == 404
    assert api.patch(address(conversation), {"status": "closed"}, format="json").status_code == 404
    conversation.refresh_from_db()
    assert conversation.status == Status.TODO


def test_a_session_works_too_but_changes_need_the_form_token(conversation: Conversation, dana: User) -> None:
    browser = APIClient(enforce_csrf_checks=True)
    browser.force_login(dana)
    assert browser.get(LIST).status_code == 200
    refused = browser.patch(address(conversation), {"status": "closed"}, format="json")
    assert refused.status_code == 403
    assert "CSRF" in refused.json()["detail"]


# Reading ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_list_is_newest_first_and_goes_on_at_next(api: APIClient, channel: Channel) -> None:
    numbers = [cast.make_conversation(channel=channel).number for _ in range(5)]
    first = api.get(LIST, {"limit": 3}).json()
    assert [row["number"] for row in first["results"]] == numbers[:1:-1]
    rest = api.get(first["next"]).json()
    assert [row["number"] for row in rest["results"]] == numbers[1::-1]
    assert rest["next"] is None


def test_each_filter_narrows_the_list(api: APIClient, channel: Channel, omar: User) -> None:
    other = cast.make_channel(workspace=omar.workspace, owner=omar, account=cast.make_account(workspace=omar.workspace))
    ours = cast.make_conversation(channel=channel, status=Status.CLOSED)
    theirs = cast.make_conversation(channel=other)
    pairs: list[tuple[str, Any, Any]] = [
        ("status", "closed", "todo"),
        ("owner", ours.owner_id, theirs.owner_id),
        ("account", ours.account_id, theirs.account_id),
        ("channel", ours.channel_id, theirs.channel_id),
    ]
    for name, here, there in pairs:
        assert [row["number"] for row in api.get(LIST, {name: here}).json()["results"]] == [ours.number]
        assert [row["number"] for row in api.get(LIST, {name: there}).json()["results"]] == [theirs.number]


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("status", "done", "Must be one of todo, in_progress, closed."),
        ("owner", "dana", "a teammate’s id, “mine” or “nobody”"),
        ("owner", "9" * 30, "a teammate’s id"),
        ("priority", "asap", "urgent, high, normal or low"),
        ("waiting", "-1", "minutes, a year at most"),
        ("unread", "yes", "1 or nothing"),
        ("q", "owner:nobodyknows", "nobodyknows"),
        ("view", "gone", "There is no such view"),
        ("limit", "0", "A whole number from 1 to 200 is needed."),
        ("limit", "many", "A whole number from 1 to 200 is needed."),
        ("cursor", "cD1ub3RhbnVtYmVy", "Use the address in `next` or `previous` as it is."),
        ("cursor", "é", "Use the address in `next` or `previous` as it is."),
        ("stauts", "todo", "Allowed: account, channel, cursor, limit, owner, priority, q, snoozed, status, tag, tier,"),
    ],
)
def test_a_bad_parameter_is_named(api: APIClient, name: str, value: str, says: str) -> None:
    answer = api.get(LIST, {name: value})
    assert answer.status_code == 400
    assert says in answer.json()[name][0]


def test_the_detail_holds_the_messages_but_not_what_a_deleted_one_said(
    api: APIClient, conversation: Conversation, dana: User
) -> None:
    first = conversation.messages.get()
    first.deleted_at = timezone.now()
    first.save()
    conversation.add_note("Known bug", by=dana)
    said = api.get(address(conversation)).json()["messages"]
    assert [(m["kind"], m["text"]) for m in said] == [("inbound", ""), ("note", "Known bug")]
    assert said[0]["contact"] == first.author_contact_id
    assert said[1]["teammate"] == dana.pk


@pytest.mark.parametrize("path", [f"{LIST}999999/", f"{LIST}{'9' * 40}/", f"{LIST}x/", f"{LIST}-1/"])
def test_what_is_not_there_is_not_found(api: APIClient, path: str) -> None:
    assert api.get(path).status_code == 404


def test_a_longer_list_costs_no_more_queries(
    api: APIClient, channel: Channel, omar: User, django_assert_num_queries: Callable[[int], Any]
) -> None:
    def queries_for(rows: int) -> None:
        for _ in range(rows):
            account = cast.make_account(workspace=omar.workspace, owner=omar)
            cast.make_conversation(channel=cast.make_channel(workspace=omar.workspace, account=account, owner=omar))
        # The token, its owner's other tokens, and one for all rows.
        with django_assert_num_queries(3):
            assert len(api.get(LIST).json()["results"]) >= rows

    queries_for(1)
    queries_for(10)


# Changing ───────────────────────────────────────────────────────────────────────────────────────────────


def test_status_and_owner_change_through_the_verbs(
    api: APIClient, conversation: Conversation, dana: User, omar: User
) -> None:
    answer = api.patch(address(conversation), {"status": "closed", "owner": omar.pk}, format="json")
    assert answer.status_code == 200
    assert (answer.json()["status"], answer.json()["owner"]) == (
        "closed",
        {"id": omar.pk, "name": "Omar Haddad"},
    )
    changes = conversation.events.filter(kind__in=[EventKind.STATUS_CHANGED, EventKind.OWNER_CHANGED])
    assert [(e.kind, e.by_user) for e in changes.order_by("pk")] == [
        (EventKind.STATUS_CHANGED, dana),
        (EventKind.OWNER_CHANGED, dana),
    ]


def test_null_takes_the_owner_away(api: APIClient, conversation: Conversation) -> None:
    assert api.patch(address(conversation), {"owner": None}, format="json").json()["owner"] is None


def test_nothing_changes_when_any_part_is_wrong(api: APIClient, conversation: Conversation, stranger: User) -> None:
    for body, field, says in [
        ({"status": "done"}, "status", "Must be one of todo, in_progress, closed."),
        ({"status": None}, "status", "may not be null"),
        ({"status": "closed", "owner": stranger.pk}, "owner", "No teammate of your workspace has the id"),
        ({"status": "closed", "owner": 10**30}, "owner", "No teammate of your workspace has the id"),
        ({"status": "closed", "owner": "Omar"}, "owner", "Must be null or a teammate's id"),
        ({"status": "closed", "title": "New"}, "title", "Not known here. Allowed: owner, status."),
        ({"status": "closed", "\ud800": 1}, "?", "Not known here. Allowed: owner, status."),
    ]:
        answer = api.patch(address(conversation), json.dumps(body), content_type="application/json")
        assert answer.status_code == 400
        assert says in answer.json()[field][0]
    conversation.refresh_from_db()
    assert (conversation.status, conversation.version) == (Status.TODO, 1)


@pytest.mark.parametrize("body", ["[1]", '"closed"', "{", "\x00"])
def test_what_is_no_json_object_is_refused(api: APIClient, conversation: Conversation, body: str) -> None:
    answer = api.patch(address(conversation), body, content_type="application/json")
    assert answer.status_code == 400


def test_there_is_no_way_to_make_replace_or_delete(api: APIClient, conversation: Conversation) -> None:
    assert api.post(LIST, {}, format="json").status_code == 405
    assert api.put(address(conversation), {}, format="json").status_code == 405
    assert api.delete(address(conversation)).status_code == 405


# Accounts ───────────────────────────────────────────────────────────────────────────────────────────────


def test_an_account_has_its_channels_and_its_owner(api: APIClient, account: Account, channel: Channel) -> None:
    listed = api.get("/api/v1/accounts/").json()["results"]
    assert [(row["name"], row["owner"]["name"]) for row in listed] == [("Globex", "Dana Reyes")]
    detail = api.get(f"/api/v1/accounts/{account.pk}/").json()
    assert detail["channels"] == [{"id": channel.pk, "name": "ext-globex"}]


def test_open_conversations_follow_a_new_account_owner(
    api: APIClient, account: Account, channel: Channel, conversation: Conversation, omar: User
) -> None:
    closed = cast.make_conversation(channel=channel, status=Status.CLOSED, opened_at=timezone.now() - timedelta(days=2))
    answer = api.patch(f"/api/v1/accounts/{account.pk}/", {"owner": omar.pk}, format="json")
    assert answer.json()["owner"]["id"] == omar.pk
    conversation.refresh_from_db()
    closed.refresh_from_db()
    assert (conversation.owner, closed.owner) == (omar, account.owner)


def test_a_strangers_account_stays_as_it_is(account: Account, dana: User, stranger: User) -> None:
    api = client_of(stranger)
    assert api.get("/api/v1/accounts/").json()["results"] == []
    assert api.get(f"/api/v1/accounts/{account.pk}/").status_code == 404
    answer = api.patch(f"/api/v1/accounts/{account.pk}/", {"owner": stranger.pk}, format="json")
    assert answer.status_code == 404
    account.refresh_from_db()
    assert account.owner == dana


def test_teammates_are_those_of_the_workspace(api: APIClient, dana: User, omar: User, stranger: User) -> None:
    listed = api.get("/api/v1/teammates/").json()["results"]
    assert {row["id"] for row in listed} == {dana.pk, omar.pk}
