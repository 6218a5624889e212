"""The conversation's page, which is also what the board's drawer shows: its parts, its controls, what is new."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Account, Channel, Contact, Role, User
from conversations import corrections, timeline
from conversations.models import Conversation, Message, MessageKind, Seen
from conversations.tagging import retag
from tests import cast

SCRIPT = {"HX-Request": "true", "HX-Target": "timeline"}


@pytest.fixture
def message(channel: Channel, contact: Contact) -> Message:
    return cast.say("The export is empty", channel=channel, by=contact, ago=timedelta(hours=3))


@pytest.fixture
def conversation(message: Message) -> Conversation:
    return message.conversation


@pytest.fixture
def as_dana(client: Client, dana: User) -> Client:
    client.force_login(dana)
    return client


def url(conversation: Conversation, part: str = "") -> str:
    return f"/conversations/{conversation.number}/{part}"


def shown(client: Client, conversation: Conversation, query: str = "", **headers: str) -> str:
    response = client.get(url(conversation) + query, headers=headers)
    assert response.status_code == 200
    return unescape(response.content.decode())


def write(conversation: Conversation, count: int, by: Contact | User, *, minutes_apart: int = 1) -> None:
    """Messages of the last hours, the newest just now."""
    begun = timezone.now() - timedelta(minutes=count * minutes_apart)
    Message.objects.bulk_create(
        Message(
            workspace_id=conversation.workspace_id, conversation=conversation, channel=conversation.channel,
            ts=cast.make_ts(), kind=MessageKind.INBOUND if isinstance(by, Contact) else MessageKind.OUTBOUND,
            text=f"line {n}", author_name=by.name, sent_at=begun + timedelta(minutes=n * minutes_apart),
            author_contact=by if isinstance(by, Contact) else None, author_user=by if isinstance(by, User) else None,
            grouping_reason="In its thread", grouping_runner_up=conversation,
        ) for n in range(count)
    )  # fmt: skip


# One content in two places ────────────────────────────────────────────────────────────────────────────


def test_the_drawer_gets_what_the_page_has(as_dana: Client, conversation: Conversation) -> None:
    page, drawer = shown(as_dana, conversation), shown(as_dana, conversation, "?drawer=1", **{"HX-Request": "true"})
    assert "<html" in page
    assert '<h1 id="conversation-title"' in page
    assert 'id="live"' in page
    assert drawer.lstrip().startswith('<article class="conversation" id="conversation"')
    assert f'data-address="{url(conversation)}"' in drawer
    assert '<h2 id="conversation-title"' in drawer
    assert 'id="live"' not in drawer
    for part in ('id="timeline"', 'id="composer"', 'id="facts"', 'id="conversation-head"'):
        assert part in page
        assert part in drawer


def test_a_change_is_answered_with_what_it_may_have_touched(as_dana: Client, conversation: Conversation) -> None:
    parts = shown(as_dana, conversation, "?drawer=1", **SCRIPT)
    assert parts.lstrip().startswith('<section class="timeline"')
    assert 'id="conversation-head" hx-swap-oob="true"' in parts
    assert '<h2 id="conversation-title"' in parts, "it stays the drawer's"
    assert 'id="composer"' not in parts


def test_what_was_merged_leads_on_in_the_drawer(
    as_dana: Client, conversation: Conversation, channel: Channel, contact: Contact, dana: User
) -> None:
    other = cast.say("Hello, the invoice is missing", channel=channel, by=contact).conversation
    assert other != conversation
    response = as_dana.post(url(other, "merge/"), {"to": conversation.number, "drawer": "1"}, headers=SCRIPT)
    assert "drawer:open" in response["HX-Trigger"]
    assert "HX-Redirect" not in response
    assert as_dana.get(url(other, "?drawer=1"))["Location"] == url(conversation, "?drawer=1")
    corrections.undo(correction=conversation.corrections_to.get(), by=dana)
    response = as_dana.post(url(other, "merge/"), {"to": conversation.number}, headers=SCRIPT)
    assert response["HX-Redirect"] == url(conversation)


def test_the_page_asks_a_fixed_number_of_questions(
    as_dana: Client, conversation: Conversation, contact: Contact, dana: User
) -> None:
    channel, account = conversation.channel, conversation.account
    write(conversation, 2, contact)
    write(cast.make_conversation(channel=channel, title="Another matter"), 1, contact)
    shown(as_dana, conversation)
    with CaptureQueriesContext(connection) as few:
        shown(as_dana, conversation)
    for name in ("Mindy", "Frank", "Homer"):
        someone = cast.make_contact(workspace=channel.workspace, account=account, name=name)
        write(conversation, 15, someone)
        for _ in range(3):
            write(cast.make_conversation(channel=channel, title="Another matter"), 2, someone)
    conversation.tag(["one", "two"], by=dana)
    with CaptureQueriesContext(connection) as many:
        shown(as_dana, conversation)
    assert len(many) == len(few)


def test_who_may_only_read_sees_all_and_changes_nothing(client: Client, conversation: Conversation, omar: User) -> None:
    conversation.tag(["billing"], by=omar)
    User.objects.filter(pk=omar.pk).update(role=Role.READER)
    client.force_login(omar)
    page = shown(client, conversation)
    assert "The export is empty" in page
    assert "billing" in page
    assert "Why is this message here?" in page
    main = page.partition("<main")[2].partition("</main")[0]
    assert "<form" not in main
    for absent in ("composer", "Move or split", "Merge into", "Snooze"):
        assert absent not in main


# What is said ─────────────────────────────────────────────────────────────────────────────────────────


def test_days_and_who_goes_on_are_told(conversation: Conversation, contact: Contact, dana: User) -> None:
    write(conversation, 3, contact)
    write(conversation, 1, dana)
    laid = [(entry.message.text, entry.goes_on) for entry in timeline.read(conversation).entries if entry.message]
    assert laid == [
        ("The export is empty", False), ("line 0", False), ("line 1", True), ("line 2", True), ("line 0", False),
    ]  # fmt: skip


def test_nobody_goes_on_past_midnight(conversation: Conversation, contact: Contact) -> None:
    write(conversation, 2, contact)
    midnight = datetime(2025, 3, 4, tzinfo=UTC)
    for text, at in (("line 0", midnight - timedelta(minutes=1)), ("line 1", midnight + timedelta(minutes=1))):
        Message.objects.filter(conversation=conversation, text=text).update(sent_at=at)
    assert not any(entry.goes_on for entry in timeline.read(conversation).entries)


def test_a_day_begins_at_the_readers_midnight(client: Client, conversation: Conversation, dana: User) -> None:
    at = datetime(2025, 3, 3, 23, 30, tzinfo=UTC)
    Message.objects.filter(conversation=conversation).update(sent_at=at)
    conversation.events.update(happened_at=at)
    client.force_login(dana)
    assert "Monday, 3 March 2025" in shown(client, conversation)
    User.objects.filter(pk=dana.pk).update(time_zone="Asia/Tokyo")
    assert "Tuesday, 4 March 2025" in shown(client, conversation)
    assert ">08:30</time>" in shown(client, conversation)
    client.cookies["zone"] = "America/New_York"  # what the browser says counts more
    assert "Monday, 3 March 2025" in shown(client, conversation)
    client.cookies["zone"] = "../../etc/passwd"
    assert "Tuesday, 4 March 2025" in shown(client, conversation)


def test_without_a_zone_of_their_own_the_workspaces_counts(
    client: Client, conversation: Conversation, dana: User
) -> None:
    Message.objects.filter(conversation=conversation).update(sent_at=datetime(2025, 3, 3, 10, 0, tzinfo=UTC))
    dana.workspace.time_zone = "Asia/Kolkata"
    dana.workspace.save()
    client.force_login(dana)
    assert ">15:30</time>" in shown(client, conversation)


def test_earlier_messages_come_by_themselves(
    as_dana: Client, conversation: Conversation, contact: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeline, "PAGE", 3)
    write(conversation, 5, contact)
    found = re.search(r'hx-get="([^"]+before[^"]+)"', shown(as_dana, conversation))
    assert found
    part = as_dana.get(found[1], headers={"HX-Request": "true", "HX-Target": "earlier"}).content.decode()
    assert part.lstrip().startswith('<div class="earlier" id="earlier"')
    assert [n for n in range(5) if f"line {n}<" in part] == [0, 1]
    assert "The export is empty" in part
    assert 'id="facts"' not in part


def test_drawn_again_the_same_part_has_what_came_since(
    as_dana: Client, conversation: Conversation, contact: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeline, "PAGE", 3)
    write(conversation, 5, contact)
    first = timeline.read(conversation).first
    write(conversation, 2, contact)
    part = shown(as_dana, conversation, f"?since={first}", **SCRIPT)
    assert [part.count(f">line {n}<") for n in range(5)] == [1, 1, 1, 1, 1]
    assert 'id="earlier"' not in part, "what somebody has loaded before it stays"
    monkeypatch.setattr(timeline, "AGAIN", 4)
    part = shown(as_dana, conversation, f"?since={first}", **SCRIPT)
    assert part.count('class="message-text"') == 3
    assert 'id="earlier" hx-swap-oob="true"' in part, "grown too long: begun anew, with the way to what is earlier"


# What is new ──────────────────────────────────────────────────────────────────────────────────────────


def test_what_came_since_is_marked_until_it_was_looked_at(
    as_dana: Client, conversation: Conversation, channel: Channel, contact: Contact, dana: User
) -> None:
    line = "New since you last looked"
    assert line not in shown(as_dana, conversation), "of one that is new as a whole nothing has to be marked"
    root = conversation.messages.get()
    conversation.add_note("Mine", by=dana)
    assert line not in shown(as_dana, conversation), "their own words are not new to anybody"
    cast.say("Hello?", channel=channel, by=contact, thread_ts=root.ts, at=timezone.now() + timedelta(seconds=2))
    page = shown(as_dana, conversation)
    assert page.index("Mine") < page.index(line) < page.index("Hello?")
    seen = re.search(r'data-seen="([^"]+)"', page)
    assert seen
    assert line not in shown(as_dana, conversation)
    assert line in shown(as_dana, conversation, f"?seen={seen[1]}", **SCRIPT), "the page that showed it goes on to"


def test_a_page_in_the_background_is_not_looked_at(as_dana: Client, conversation: Conversation, dana: User) -> None:
    shown(as_dana, conversation, "?hidden=1", **SCRIPT)
    assert not Seen.objects.exists()
    shown(as_dana, conversation)
    assert Seen.objects.get().user == dana


@pytest.mark.parametrize("query", ["?since=x", "?before=1", "?seen=yesterday"])
def test_a_key_that_is_none_is_a_bad_request(as_dana: Client, conversation: Conversation, query: str) -> None:
    assert as_dana.get(url(conversation) + query).status_code == 400


# What can be set ──────────────────────────────────────────────────────────────────────────────────────


def test_priority_tags_and_snoozing_without_a_script(as_dana: Client, conversation: Conversation, dana: User) -> None:
    def send(part: str, **fields: str) -> int:
        status = as_dana.post(url(conversation, part), fields).status_code
        conversation.refresh_from_db()
        return status

    assert (send("priority/", priority="high"), conversation.priority) == (302, "high")
    assert (send("tags/", add="billing, Refund"), conversation.tags) == (302, ["billing", "Refund"])
    assert (send("tags/", remove="billing"), conversation.tags) == (302, ["Refund"])
    dana.workspace.time_zone = "Asia/Tokyo"
    dana.workspace.save()
    assert send("snooze/", until="tomorrow") == 302
    assert conversation.snoozed_until
    assert conversation.snoozed_until.astimezone(UTC).hour == 0, "nine in the morning in Tokyo"
    assert send("snooze/", until="") == 302
    assert str(conversation.snoozed_until) == "None"
    assert send("snooze/", day="2020-01-01") == 422
    assert send("snooze/", until="1h") == 302
    assert send("priority/", priority="extreme") == 400
    assert send("tags/", add="x" * 41) == 422


def test_of_two_who_tag_at_once_neither_loses(conversation: Conversation, dana: User, omar: User) -> None:
    theirs = Conversation.objects.get(pk=conversation.pk)
    retag(conversation, add=["billing"], by=dana)
    retag(theirs, add=["urgent"], by=omar)
    theirs.refresh_from_db()
    assert theirs.tags == ["billing", "urgent"]


def test_tags_in_use_are_offered(as_dana: Client, conversation: Conversation, channel: Channel, dana: User) -> None:
    cast.make_conversation(channel=channel, tags=["billing", "export"])
    conversation.tag(["export"], by=dana)
    offered = as_dana.get(url(conversation, "tags/offered/")).content.decode()
    assert 'value="billing"' in offered
    assert "export" not in offered


@pytest.mark.parametrize("part", ["priority/", "tags/", "snooze/", "tags/offered/"])
def test_a_stranger_sets_nothing(client: Client, conversation: Conversation, stranger: User, part: str) -> None:
    client.force_login(stranger)
    ask: Callable[..., object] = client.get if part.endswith("offered/") else client.post
    assert ask(url(conversation, part), {"priority": "high", "until": "1h"}).status_code == 404  # type: ignore[attr-defined]


# What stands around it ────────────────────────────────────────────────────────────────────────────────


def test_the_account_its_notes_and_what_else_is_open(
    as_dana: Client, conversation: Conversation, channel: Channel, account: Account, dana: User
) -> None:
    Account.objects.filter(pk=account.pk).update(tier="Enterprise", notes="Renews in May <b>")
    cast.make_conversation(channel=channel, title="The invoice is wrong")
    cast.make_conversation(channel=channel, title="Settled long ago").close(by=dana)
    page = shown(as_dana, conversation)
    facts = page.partition('id="facts"')[2]
    assert "Enterprise" in facts
    assert "Renews in May" in facts
    assert "Renews in May &lt;b&gt;" in as_dana.get(url(conversation)).content.decode()
    assert "The invoice is wrong" in facts
    assert "Settled long ago" not in facts


def test_a_contact_with_what_is_known_and_what_else_they_wrote(
    as_dana: Client, conversation: Conversation, channel: Channel, contact: Contact
) -> None:
    Contact.objects.filter(pk=contact.pk).update(
        title="Operations", time_zone="Asia/Tokyo", email="hank@globex.example"
    )
    other = cast.make_conversation(channel=channel, title="The other matter")
    write(other, 1, contact)
    facts = shown(as_dana, conversation).partition('id="contacts"')[2]
    for told in ("Operations", "there, Asia/Tokyo", "mailto:hank@globex.example", "The other matter"):
        assert told in facts


def test_links_lead_to_other_tools_and_to_slack(as_dana: Client, conversation: Conversation, channel: Channel) -> None:
    cast.make_installation(
        workspace=channel.workspace, external_id=channel.external_team_id, url="https://acme.slack.com/"
    )
    Conversation.objects.filter(pk=conversation.pk).update(
        linked=[
            {"tool": "Zendesk", "number": "#815", "url": "https://acme.zendesk.example/815"},
            {"tool": "Odd", "number": "#1", "url": "javascript:alert(1)"},
        ]
    )
    page = shown(as_dana, conversation)
    assert 'href="https://acme.zendesk.example/815"' in page
    assert "javascript:" not in page
    assert f'href="https://acme.slack.com/archives/{channel.external_id}"' in page
    ts = str(conversation.messages.get().ts).replace(".", "")
    assert f'href="https://acme.slack.com/archives/{channel.external_id}/p{ts}"' in page


def test_without_a_script_the_page_says_what_was_changed(
    client: Client, conversation: Conversation, dana: User, omar: User
) -> None:
    client.force_login(dana)
    address = f"/conversations/{conversation.number}"
    for form, values, said in (
        ("status", {"status": "in_progress"}, "The status is In Progress now."),
        ("owner", {"owner": omar.pk}, "Omar Haddad owns it now."),
        ("owner", {"owner": ""}, "Nobody owns it now."),
    ):
        assert said in client.post(f"{address}/{form}/", values, follow=True).text
        by_script = client.post(f"{address}/{form}/", values, headers={"HX-Request": "true"}).text
        assert said not in by_script
    assert "owns it now" not in client.get(f"{address}/").text
