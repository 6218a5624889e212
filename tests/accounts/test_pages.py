from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account, Channel, Contact, Role, User
from accounts.weeks import weeks
from conversations.status import Status
from tests import cast


@pytest.fixture
def signed_in(client: Client, dana: User) -> Client:
    client.force_login(dana)
    return client


def test_nobody_sees_accounts_without_signing_in(client: Client, account: Account) -> None:
    for path in ["/accounts/", f"/accounts/{account.pk}/", f"/accounts/{account.pk}/owner/"]:
        answer = client.get(path)
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/sign-in/")


def test_a_stranger_finds_no_account(client: Client, account: Account, stranger: User) -> None:
    client.force_login(stranger)
    assert "Globex" not in client.get("/accounts/").content.decode()
    assert client.get(f"/accounts/{account.pk}/").status_code == 404
    assert client.get(f"/accounts/{'9' * 30}/").status_code == 404


def test_without_accounts_the_page_says_how_they_come_about(signed_in: Client) -> None:
    page = signed_in.get("/accounts/").content.decode()
    assert "No accounts yet" in page
    assert "adds Pylon to a Slack channel" in page


def test_the_list_shows_what_is_open_and_who_waits_longest(signed_in: Client, channel: Channel) -> None:
    now = timezone.now()
    for hours, status in [(1, Status.TODO), (5, Status.TODO), (9, Status.IN_PROGRESS), (99, Status.CLOSED)]:
        cast.make_conversation(channel=channel, status=status, opened_at=now - timedelta(hours=hours))
    (row,) = signed_in.get("/accounts/").context["rows"]
    assert (row.account.name, row.open_count) == ("Globex", 3)
    assert (row.waiting_since, row.last_message_at) == (now - timedelta(hours=5), now - timedelta(hours=1))
    assert row.channels == [channel]


def test_the_list_takes_the_same_queries_for_many(
    signed_in: Client, workspace: Any, dana: User, django_assert_num_queries: Callable[[int], Any]
) -> None:
    def queries_for(count: int) -> None:
        for _ in range(count):
            account = cast.make_account(workspace=workspace, owner=dana)
            cast.make_conversation(channel=cast.make_channel(workspace=workspace, account=account, owner=dana))
        # Session, user, their workspace's name; owners, tiers and tags to choose from; accounts, figures, channels;
        # count; whom they could be given to; what was just done.
        with django_assert_num_queries(13):
            assert len(signed_in.get("/accounts/").context["rows"]) >= count

    queries_for(1)
    queries_for(12)


def test_accounts_are_found_by_name(signed_in: Client, account: Account) -> None:
    assert "Globex" in signed_in.get("/accounts/", {"q": " globe\x00"}).content.decode()
    page = signed_in.get("/accounts/", {"q": "<b>"}).content.decode()
    assert "No account is like that" in page
    assert 'value="&lt;b&gt;"' in page


def test_accounts_are_chosen_by_owner_tier_tag_and_waiting(signed_in: Client, workspace: Any, dana: User) -> None:
    globex = cast.make_account(workspace=workspace, owner=dana, name="Globex", tier="Gold", tags=["eu"])
    initech = cast.make_account(workspace=workspace, name="Initech", domains=["initech.example"])
    cast.make_conversation(channel=cast.make_channel(workspace=workspace, account=globex, owner=dana))

    def found(**query: str) -> list[Account]:
        return [row.account for row in signed_in.get("/accounts/", query).context["rows"]]

    for query in [{"owner": "mine"}, {"owner": str(dana.pk)}, {"tier": "Gold"}, {"tag": "eu"}, {"waiting": "on"}]:
        assert found(**query) == [globex], query
    assert found(owner="none") == found(q="initech.example") == found(owner="none", order="waiting") == [initech]
    assert found(owner="x", order="y", tier="Brass") == [globex, initech]


def test_accounts_come_in_the_order_asked_for(signed_in: Client, workspace: Any, dana: User) -> None:
    now = timezone.now()
    for name, hours in [("A", [1]), ("B", [9]), ("C", [2, 3]), ("D", [])]:
        account = cast.make_account(workspace=workspace, name=name)
        channel = cast.make_channel(workspace=workspace, account=account, owner=dana)
        for hour in hours:
            cast.make_conversation(channel=channel, opened_at=now - timedelta(hours=hour))
    for order, names in [("", "ABCD"), ("waiting", "BCAD"), ("open", "CABD"), ("last", "ACBD")]:
        rows = signed_in.get("/accounts/", {"order": order}).context["rows"]
        assert "".join(row.account.name for row in rows) == names, order


def test_an_account_shows_channels_contacts_and_conversations(
    signed_in: Client, account: Account, channel: Channel, contact: Contact
) -> None:
    cast.make_conversation(channel=channel, title="<script>alert(1)</script>")
    cast.make_conversation(channel=channel, title="Refund", status=Status.CLOSED)
    page = signed_in.get(f"/accounts/{account.pk}/").content.decode()
    for text in ["#ext-globex", "Hank Scorpio", "Refund", "&lt;script&gt;alert(1)"]:
        assert text in page
    assert "<script>alert" not in page


def test_an_accounts_page_takes_the_same_queries_for_many(
    signed_in: Client, account: Account, channel: Channel, django_assert_num_queries: Callable[[int], Any]
) -> None:
    for _ in range(2):
        for status in Status:
            cast.make_conversation(channel=channel, status=status)
        cast.make_channel(workspace=account.workspace, account=account, owner=channel.owner)
        cast.make_contact(workspace=account.workspace, account=account)
        # Session, user, workspace; the account, its channels; contacts, open and closed ones, and their numbers;
        # whom it could be given to; tiers; who waits, opened and closed by week; merges.
        with django_assert_num_queries(24):
            signed_in.get(f"/accounts/{account.pk}/")


def test_pages_go_on_by_key_forwards_and_back(
    signed_in: Client, workspace: Any, dana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.listing.PAGE", 2)
    now = timezone.now()
    for name, hours in [("A", [1]), ("B", [9]), ("C", [2, 3]), ("D", []), ("E", [])]:
        account = cast.make_account(workspace=workspace, name=name)
        channel = cast.make_channel(workspace=workspace, account=account, owner=dana)
        for hour in hours:
            cast.make_conversation(channel=channel, opened_at=now - timedelta(hours=hour))

    def page(**query: str) -> tuple[str, Any]:
        context = signed_in.get("/accounts/", query).context
        return "".join(row.account.name for row in context["rows"]), context["page"]

    for order in ["", "waiting", "open", "last"]:
        names, first = page(order=order)
        assert first.before == ""
        assert page(order=order, after="[]")[0] == page(order=order, after='["x", 1, 2]')[0] == names
        second_names, second = page(order=order, after=first.after)
        last_names, last = page(order=order, after=second.after)
        assert sorted(names + second_names + last_names) == list("ABCDE"), order
        assert (len(last_names), last.after) == (1, "")
        assert page(order=order, before=last.before)[0] == second_names
        assert page(order=order, before=second.before) == (names, first)


def test_a_contact_has_a_page_and_moves(  # noqa: PLR0917
    client: Client, account: Account, channel: Channel, contact: Contact, omar: User, stranger: User
) -> None:
    cast.say("How do I export this?", channel=channel, by=contact)
    other = cast.make_account(workspace=account.workspace, name="Initech")
    client.force_login(omar)
    where = f"/contacts/{contact.pk}/"
    assert "How do I export this?" in client.get(where).content.decode()
    assert "Initech" in client.post(where, {"account": other.pk}, follow=True).content.decode()
    contact.refresh_from_db()
    assert contact.account == other
    assert channel.conversations.get().account == account
    theirs = cast.make_account(workspace=stranger.workspace)
    assert client.post(where, {"account": theirs.pk}).status_code == 400
    User.objects.filter(pk=omar.pk).update(role=Role.READER)
    assert client.post(where, {"account": ""}).status_code == 403
    client.force_login(stranger)
    assert client.get(where).status_code == 404
    assert client.post(where, {"account": ""}).status_code == 404


def test_weeks_count_what_was_opened_and_closed(account: Account, channel: Channel) -> None:
    today = date(2026, 3, 5)  # a Thursday
    for opened, closed in [(date(2026, 3, 2), None), (date(2026, 3, 1), date(2026, 3, 4)), (date(2025, 1, 1), None)]:
        at, until = (
            datetime(day.year, day.month, day.day, 12, tzinfo=UTC) if day else None for day in (opened, closed)
        )
        cast.make_conversation(channel=channel, opened_at=at, closed_at=until)
    found = weeks(account.conversations.all(), today=today)
    assert [(week.begins.isoformat(), week.opened, week.closed) for week in found.each[-2:]] == [
        ("2026-02-23", 1, 0), ("2026-03-02", 1, 1),
    ]  # fmt: skip
    assert (len(found.each), found.opened, found.closed, found.most) == (26, 2, 1, 1)
