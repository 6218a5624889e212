"""What goes wrong between us and a tool: nothing is lost, nothing is doubled, and somebody is told."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from accounts.models import Channel, Contact, User
from conversations.models import Conversation
from integrations.attempts import retry
from integrations.console.adapter import ConsoleAdapter
from integrations.console.tool import CONSOLE
from integrations.models import (
    ConsoleTicket,
    Delivery,
    DeliveryKind,
    DeliveryState,
    InboundEvent,
    Installation,
    Link,
    Provider,
)  # fmt: skip
from integrations.outbox import publish
from integrations.tools.connecting import connect_tool
from integrations.tools.errors import Refused, ToolError, Unauthorised, Unreachable
from integrations.tools.inbox import drain
from integrations.tools.limits import LARGEST_WEBHOOK
from integrations.tools.linking import connect
from integrations.tools.polling import poll
from integrations.tools.protocol import Webhook
from integrations.tools.registry import TOOLS
from integrations.tools.resuming import skip, try_again
from integrations.tools.tool import Tool
from integrations.tools.working import work
from tests import cast as people
from tests.integrations.tools.faulty import WRITES, Line
from tests.integrations.tools.steps import connected, settle, told, touched

AWAY = Unreachable("The console did not answer.")


@pytest.fixture
def asked(channel: Channel, contact: Contact) -> Conversation:
    return people.say("The export is empty", channel=channel, by=contact).conversation


def note(conversation: Conversation, *texts: str, by: User) -> None:
    for text in texts:
        conversation.add_note(text, by=by)
    publish()


def later() -> None:
    """Pauses end."""
    now = timezone.now()
    Installation.objects.exclude(paused_until=None).update(paused_until=now)
    Link.objects.exclude(due_at=None).update(due_at=now)


def texts(ticket: ConsoleTicket) -> list[str]:
    return [text for _, text, _ in told(ticket)]


# Away, busy, not taken ────────────────────────────────────────────────────────────────────────────────


def test_a_tool_that_was_away_for_an_hour_gets_everything_in_order_once(
    asked: Conversation, console: Installation, dana: User, line: Line
) -> None:
    _, ticket = connected(asked, console, by=dana)
    line.breaks(before=AWAY, lasts=True)
    line.calls.clear()
    for number in range(12):
        note(asked, f"Note {number}", by=dana)
        work()
        later()
    console.refresh_from_db()
    assert console.paused_because == str(AWAY)
    assert console.revoked_at is None
    assert len(line.calls) <= 13
    assert texts(ticket) == ["The export is empty"]
    line.mends()
    settle()
    assert texts(ticket) == ["The export is empty", *(f"Note {number}" for number in range(12))]
    console.refresh_from_db()
    assert (console.paused_until, console.failures) == (None, 0)


def test_a_tool_that_asks_to_wait_is_left_alone_until_then(
    asked: Conversation, console: Installation, dana: User, line: Line
) -> None:
    connected(asked, console, by=dana)
    other, _ = connected(people.make_conversation(channel=asked.channel), console, by=dana)
    line.breaks(before=Unreachable("The console asks us to wait.", retry_after=40))
    note(asked, "One", by=dana)
    note(other.conversation, "Two", by=dana)
    line.calls.clear()
    work()
    assert len(line.calls) == 1
    console.refresh_from_db()
    assert console.paused_until
    assert timedelta(seconds=30) < console.paused_until - timezone.now() < timedelta(seconds=41)
    later()
    settle()
    assert set(ConsoleTicket.objects.values_list("comments__text", flat=True)) >= {"One", "Two"}


def test_credentials_that_are_not_taken_stop_the_tool_and_keep_the_queue(
    asked: Conversation, console: Installation, dana: User, line: Line
) -> None:
    link, ticket = connected(asked, console, by=dana)
    line.breaks(before=Unauthorised("The console does not take our credentials."), lasts=True)
    note(asked, "One", "Two", by=dana)
    work()
    line.calls.clear()
    later()
    assert work()
    assert not line.calls
    console.refresh_from_db()
    link.refresh_from_db()
    assert console.revoked_because == "The console does not take our credentials."
    assert link.stopped_at is None
    with pytest.raises(ValidationError, match="credentials"):
        connect(people.make_conversation(channel=asked.channel), console, by=dana)
    line.mends()
    connect_tool(CONSOLE, CONSOLE.connect({}, console.workspace), by=dana)
    settle()
    assert texts(ticket) == ["The export is empty", "One", "Two"]


@pytest.mark.parametrize("call", sorted(WRITES - {"delete", "edit"}))
def test_a_lost_answer_doubles_nothing(
    asked: Conversation, console: Installation, dana: User, line: Line, call: str
) -> None:
    line.breaks(after=AWAY, only={call})
    connect(asked, console, by=dana)
    settle()
    note(asked, "Only once", by=dana)
    asked.close(by=dana)
    asked.assign(None, by=dana)
    for _ in range(3):
        later()
        settle()
    ticket = ConsoleTicket.objects.get()
    assert texts(ticket) == ["The export is empty", "Only once"]
    assert (ticket.status, ticket.owner_email) == ("solved", "")
    asked.refresh_from_db()
    assert (asked.status, asked.owner) == ("closed", None)


# For good ─────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_refused_for_good_stops_the_link_until_somebody_tries_again(
    asked: Conversation, console: Installation, dana: User, line: Line
) -> None:
    link, ticket = connected(asked, console, by=dana)
    line.breaks(before=ToolError("The console minds.", permanent=True), only={"add"})
    note(asked, "One", "Two", by=dana)
    settle()
    link.refresh_from_db()
    assert link.stopped_because == "The console minds."
    assert texts(ticket) == ["The export is empty"]
    asked.refresh_from_db()
    assert asked.linked[0]["is_stopped"]
    try_again(link, by=dana)
    settle()
    assert texts(ticket) == ["The export is empty", "One", "Two"]
    asked.refresh_from_db()
    assert "is_stopped" not in asked.linked[0]


def test_a_delivery_that_an_operator_sends_again_sets_its_link_going(
    asked: Conversation, console: Installation, dana: User, line: Line
) -> None:
    link, ticket = connected(asked, console, by=dana)
    line.breaks(before=ToolError("The console minds.", permanent=True), only={"add"})
    note(asked, "One", by=dana)
    settle()
    assert retry(Delivery.objects.filter(link=link, state=DeliveryState.FAILED)) == 1
    settle()
    assert texts(ticket) == ["The export is empty", "One"]
    link.refresh_from_db()
    assert link.stopped_at is None


def test_what_is_refused_can_be_left_out(asked: Conversation, console: Installation, dana: User, line: Line) -> None:
    link, ticket = connected(asked, console, by=dana)
    line.breaks(before=ToolError("Too long.", permanent=True), only={"add"})
    note(asked, "Too long", "Two", by=dana)
    settle()
    link.refresh_from_db()
    skip(link, by=dana)
    settle()
    assert texts(ticket) == ["The export is empty", "Two"]
    link.refresh_from_db()
    assert link.stopped_at is None


def test_a_ticket_that_can_not_be_made_can_not_be_left_out(
    asked: Conversation, console: Installation, dana: User, line: Line
) -> None:
    line.breaks(before=ToolError("The group is gone.", permanent=True), only={"create"})
    link = connect(asked, console, by=dana)
    settle()
    link.refresh_from_db()
    assert link.stopped_because == "The group is gone."
    with pytest.raises(ValidationError):
        skip(link, by=dana)
    try_again(link, by=dana)
    settle()
    assert ConsoleTicket.objects.count() == 1


def test_an_error_of_our_own_is_tried_again(asked: Conversation, console: Installation, dana: User, line: Line) -> None:
    line.breaks(before=RuntimeError("a bug"), only={"create"})
    link = connect(asked, console, by=dana)
    settle()
    link.refresh_from_db()
    assert "a bug" in link.trouble
    later()
    settle()
    link.refresh_from_db()
    assert (link.trouble, link.failures, link.number) == ("", 0, "1")


def test_a_deleted_ticket_stops_the_link(asked: Conversation, console: Installation, dana: User) -> None:
    link, ticket = connected(asked, console, by=dana)
    ticket.delete()
    note(asked, "Anybody there?", by=dana)
    settle()
    link.refresh_from_db()
    assert "gone" in link.stopped_because


def test_a_link_follows_a_ticket_that_was_merged_there(
    asked: Conversation, console: Installation, dana: User, line: Line
) -> None:
    link, ticket = connected(asked, console, by=dana)
    ticket.comments.create(text="Said before", author_name="Somebody", is_public=False)
    touched(ticket)
    into = ConsoleTicket.objects.create(installation=console, number=90, key="into", title="The one that stays")
    line.merged[str(ticket.pk)] = str(into.pk)
    touched(ticket)
    link.refresh_from_db()
    assert (link.external_id, link.number) == (str(into.pk), "90")
    assert asked.messages.filter(text="Said before", deleted_at=None).exists()
    note(asked, "Here now", by=dana)
    settle()
    assert "Here now" in texts(into)
    other = people.make_conversation(channel=asked.channel)
    second, theirs = connected(other, console, by=dana)
    line.merged[str(theirs.pk)] = str(into.pk)
    touched(theirs)
    second.refresh_from_db()
    assert f"#{asked.number} already" in second.stopped_because


def test_each_send_is_recorded_with_its_tries(
    asked: Conversation, console: Installation, dana: User, line: Line
) -> None:
    line.breaks(before=AWAY, only={"create"})
    link = connect(asked, console, by=dana)
    work()
    later()
    settle()
    made = Delivery.objects.get(link=link, kind=DeliveryKind.TICKET)
    assert (made.state, made.attempts) == (DeliveryState.DONE, 2)
    assert [one["outcome"] for one in made.response["attempts"]] == [str(AWAY), "sent"]
    assert made.response["number"] == "1"


# Webhooks and polls ───────────────────────────────────────────────────────────────────────────────────


class Telling(ConsoleAdapter):
    """A console that sends webhooks, signed with a plain digest."""

    def verify(self, headers: Mapping[str, str], body: bytes) -> Webhook:
        if headers.get("x-digest") != hashlib.sha256(b"secret" + body).hexdigest():
            raise Refused("The signature is wrong.")
        return Webhook(headers["x-id"], "ticket.changed", answer="taken")

    def touched(self, body: str) -> list[str]:
        return [str(one) for one in json.loads(body)["tickets"]]


@pytest.fixture
def telling(console: Installation, monkeypatch: pytest.MonkeyPatch) -> Installation:
    monkeypatch.setitem(cast("dict[str, Tool]", TOOLS), Provider.CONSOLE, replace(CONSOLE, make=Telling))
    return console


def send(client: Client, tool: Installation, body: bytes, *, pk: str = "d1", **headers: str) -> Any:
    headers = {"x-digest": hashlib.sha256(b"secret" + body).hexdigest(), "x-id": pk} | headers
    address = f"/integrations/{tool.provider}/{tool.webhook_key}/webhook"
    return client.post(address, body, content_type="application/json", headers=headers)


def test_a_webhook_is_stored_once_and_its_ticket_read(
    client: Client, asked: Conversation, telling: Installation, dana: User
) -> None:
    _, ticket = connected(asked, telling, by=dana)
    ticket.comments.create(text="News", author_name="Ann", is_public=False)
    ConsoleTicket.objects.filter(pk=ticket.pk).update(version=99)
    body = json.dumps({"tickets": [ticket.pk, 4711]}).encode()
    for _ in range(3):
        answer = send(client, telling, body)
        assert (answer.status_code, answer.content) == (200, b"taken")
    stored = InboundEvent.objects.get(provider="console")
    assert drain() == 1
    stored.refresh_from_db()
    assert stored.outcome == "1 of 2 tickets are connected"
    settle()
    assert asked.messages.filter(kind="note").get().text == "News"


@pytest.mark.parametrize("body", [b"not json", b'{"other": 1}', b'{"tickets": "12"}', b"\xff\x00"])
def test_a_webhook_that_says_nothing_harms_nothing(client: Client, telling: Installation, body: bytes) -> None:
    assert send(client, telling, body).status_code == 200
    drain()
    assert not InboundEvent.objects.filter(provider="console", processed_at=None, next_attempt_at=None).exists()


def test_a_webhook_that_is_not_genuine_is_refused(client: Client, telling: Installation, stranger: User) -> None:
    assert send(client, telling, b"{}", **{"x-digest": "wrong"}).status_code == 401
    assert client.get(f"/integrations/console/{telling.webhook_key}/webhook").status_code == 405
    telling.webhook_key = "somebody-elses"
    assert send(client, telling, b"{}").status_code == 404
    assert client.post("/integrations/nothing/x/webhook").status_code == 404
    assert not InboundEvent.objects.filter(provider="console").exists()


def test_a_body_of_ten_megabytes_is_refused(client: Client, telling: Installation) -> None:
    assert send(client, telling, b"x" * 10 * 2**20).status_code == 413
    assert send(client, telling, b"x" * LARGEST_WEBHOOK).status_code == 200


def test_a_poll_finds_what_no_webhook_told(asked: Conversation, console: Installation, dana: User) -> None:
    assert poll() == 1
    assert poll() == 0
    _, ticket = connected(asked, console, by=dana)
    ticket.comments.create(text="News", author_name="Ann", is_public=False)
    ConsoleTicket.objects.filter(pk=ticket.pk).update(version=99, updated_at=timezone.now())
    Installation.objects.update(poll_at=timezone.now())
    assert poll() == 1
    settle()
    assert asked.messages.filter(kind="note").get().text == "News"
    cursor = Installation.objects.get(pk=console.pk).cursor
    Installation.objects.update(poll_at=timezone.now())
    poll()
    assert Installation.objects.get(pk=console.pk).cursor == cursor


def test_a_poll_that_fails_keeps_its_cursor(console: Installation, line: Line) -> None:
    poll()
    Installation.objects.update(poll_at=timezone.now(), cursor="2026-01-01T00:00:00+00:00 0")
    line.breaks(before=AWAY, only={"changes"})
    assert poll() == 1
    console.refresh_from_db()
    assert console.cursor == "2026-01-01T00:00:00+00:00 0"
    assert console.poll_at
    assert console.poll_at > timezone.now()
