"""What every tool may be sent, or have done to it, that it should not: a clear state on the link, and nothing lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from django.db import connection as database
from django.test import Client

from accounts.models import Channel, Contact, Role, User
from conversations.models import Conversation
from integrations.models import Delivery, DeliveryState, InboundEvent, Installation, Link
from integrations.outbox import publish
from integrations.tools.attaching import TRIES, attached
from integrations.tools.config import Config
from integrations.tools.errors import Gone, Unauthorised
from integrations.tools.files import Unavailable
from integrations.tools.hearing import hear
from integrations.tools.inbox import drain
from integrations.tools.linking import connect, find, link_existing
from integrations.tools.planning import opening_of
from integrations.tools.protocol import File
from integrations.tools.resuming import try_again
from integrations.tools.wording import CUT, requester, said
from integrations.tools.working import work
from tests import cast as people
from tests.integrations.salesforce import double as salesforce
from tests.integrations.tools.connections import CONNECTED, Connection, Sent, salesforce_connected, zendesk_connected
from tests.integrations.tools.contract import Failure, new_comment, new_ticket
from tests.integrations.tools.steps import settle

TEN_MEGABYTES = 10 * 2**20


@pytest.fixture
def admin(dana: User) -> User:
    dana.role = Role.ADMIN
    dana.save()
    return dana


@pytest.fixture(params=list(CONNECTED))
def tool(request: pytest.FixtureRequest, admin: User) -> Iterator[Connection]:
    with CONNECTED[request.param](admin) as connected:
        yield connected


@pytest.fixture
def asked(channel: Channel, contact: Contact) -> Conversation:
    return people.say("The export is empty", channel=channel, by=contact).conversation


def linked(conversation: Conversation, installation: Installation, *, by: User) -> Link:
    link = connect(conversation, installation, by=by)
    settle()
    link.refresh_from_db()
    return link


def write(conversation: Conversation, *texts: str, by: User) -> None:
    for text in texts:
        conversation.add_note(text, by=by)
    settle()


def texts(tool: Connection, link: Link) -> list[str]:
    """Of the comments that are there, without the opening."""
    return [one.text for one in tool.side.adapter.comments(link.external_id) if "The export is empty" not in one.text]


def post(client: Client, installation: Installation, sent: Sent) -> int:
    headers, body = sent
    address = f"/integrations/{installation.provider}/{installation.webhook_key}/webhook"
    return client.post(address, body, content_type="application/json", headers=headers).status_code


# Webhooks ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_forged_webhook_is_refused_and_not_kept(client: Client, tool: Connection) -> None:
    assert post(client, tool.installation, tool.forged(tool.side.adapter.create(new_ticket()).external_id)) == 401
    assert not InboundEvent.objects.exists()


def test_a_replayed_webhook_is_taken_once(client: Client, tool: Connection, asked: Conversation, admin: User) -> None:
    link = linked(asked, tool.installation, by=admin)
    tool.side.comment(link.external_id, "News", is_public=tool.side.adapter.can.public)
    sent = tool.side.webhook(link.external_id)
    for _ in range(2):
        assert [post(client, tool.installation, sent) for _ in range(2)] == [200, 200]
        drain()
        settle()
    assert [one.outcome for one in InboundEvent.objects.all()] == ["1 of 1 tickets are connected"]
    assert asked.messages.filter(kind="note").count() == 1


def test_a_webhook_of_ten_megabytes_is_refused_whole(client: Client, tool: Connection) -> None:
    headers, body = tool.side.webhook(tool.side.adapter.create(new_ticket()).external_id)
    assert post(client, tool.installation, (headers, body + b" " * TEN_MEGABYTES)) == 413
    assert not InboundEvent.objects.exists()


# Tickets ──────────────────────────────────────────────────────────────────────────────────────────────


def test_an_unknown_ticket_connects_nothing(tool: Connection, asked: Conversation, admin: User) -> None:
    before = asked.events.count()
    for number in ["4711471147", "no-such-ticket", "9" * 200]:
        with pytest.raises(Gone, match=r"\.$"):
            link_existing(asked, tool.installation, number, by=admin)
        assert find(tool.installation, number) == []
    assert not Link.objects.filter(conversation=asked).exists()
    assert (asked.events.count(), Delivery.objects.filter(installation=tool.installation).count()) == (before, 0)


def test_a_deleted_ticket_stops_its_link_and_keeps_what_was_to_be_said(
    tool: Connection, asked: Conversation, admin: User
) -> None:
    link = linked(asked, tool.installation, by=admin)
    tool.side.remove(link.external_id)
    write(asked, "Anybody there?", "Hello?", by=admin)
    link.refresh_from_db()
    assert link.stopped_because.endswith(".")
    asked.refresh_from_db()
    assert asked.linked[0]["is_stopped"]
    kept = Delivery.objects.filter(link=link, kind="ticket_comment").exclude(state=DeliveryState.DONE)
    assert [one.state for one in kept.order_by("pk")] == [DeliveryState.FAILED, DeliveryState.PENDING]
    hear(tool.installation, [link.external_id])
    assert work()
    assert asked.messages.filter(kind="note", deleted_at=None).count() == 2


def test_a_link_goes_on_with_what_its_ticket_was_merged_into(
    tool: Connection, asked: Conversation, admin: User
) -> None:
    link = linked(asked, tool.installation, by=admin)
    opening = opening_of(asked)
    kept = tool.side.adapter.create(new_ticket(requester=requester(asked, opening))).external_id
    tool.merge(link.external_id, kept)
    hear(tool.installation, [link.external_id])
    write(asked, "Still here", by=admin)
    link.refresh_from_db()
    assert (link.external_id, link.stopped_because) == (kept, "")
    assert any("Still here" in text for text in texts(tool, link))


def test_what_was_removed_there_is_named_until_it_is_put_right(
    tool: Connection, asked: Conversation, admin: User
) -> None:
    put_back = tool.unmap()
    link = linked(asked, tool.installation, by=admin)
    assert tool.named in link.stopped_because
    assert link.external_id == ""
    write(asked, "Meanwhile", by=admin)
    put_back()
    try_again(link, by=admin)
    settle()
    link.refresh_from_db()
    assert (link.stopped_because, bool(link.external_id)) == ("", True)
    assert ["Meanwhile" in text for text in texts(tool, link)] == [True]


def test_a_field_that_salesforce_wants_is_named(
    admin: User, asked: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    with salesforce_connected(admin) as tool:
        monkeypatch.setitem(salesforce.NEEDED, "Case", ["Severity__c"])
        link = linked(asked, tool.installation, by=admin)
        assert "Severity__c" in link.stopped_because
        monkeypatch.setitem(salesforce.NEEDED, "Case", [])
        try_again(link, by=admin)
        settle()
        assert len(tool.server.org.records["Case"]) == 1


def test_credentials_that_are_not_taken_keep_everything_until_it_is_connected_again(
    tool: Connection, asked: Conversation, admin: User
) -> None:
    link = linked(asked, tool.installation, by=admin)
    tool.side.fails(Failure.UNAUTHORISED)
    write(asked, "One", "Two", by=admin)
    tool.installation.refresh_from_db()
    assert tool.installation.revoked_because.endswith(".")
    tool.server.failure = None
    tool.connect_again(by=admin)
    settle()
    link.refresh_from_db()
    assert link.stopped_because == ""
    assert [text[-3:] for text in texts(tool, link)] == ["One", "Two"]


# Ten megabytes ────────────────────────────────────────────────────────────────────────────────────────


def test_a_text_of_ten_megabytes_goes_over_cut(tool: Connection, asked: Conversation) -> None:
    adapter = tool.side.adapter
    message = asked.messages.get()
    message.text, message.html = "long " * (TEN_MEGABYTES // 5), "<p>long</p>" * (TEN_MEGABYTES // 11)
    ticket = adapter.create(new_ticket()).external_id
    adapter.add(ticket, said(message, f"m{message.pk}", Config.read(tool.installation.config), adapter.can))
    assert CUT in adapter.comments(ticket)[-1].text


def test_a_file_of_ten_megabytes_goes_over_or_is_named(tool: Connection) -> None:
    adapter = tool.side.adapter
    content = bytes(TEN_MEGABYTES)
    file = File("core.dump", "application/octet-stream", len(content), lambda: content, "https://files.example/1")
    ticket = adapter.create(new_ticket()).external_id
    added = adapter.add(ticket, new_comment("See the file", files=[file]))
    kept = tool.side.files(ticket, added)
    if kept is None:
        assert "core.dump: https://files.example/1" in adapter.comments(ticket)[-1].text.replace("\\", "")
    else:
        assert [(name, len(one)) for name, one in kept] == [("core.dump", TEN_MEGABYTES)]


# Files ────────────────────────────────────────────────────────────────────────────────────────────────


def attachment(name: str, content: bytes = b"abc") -> File:
    return File(name, "text/plain", len(content), lambda: content, f"https://files.example/{name}")


@pytest.mark.parametrize("name", ["zendesk", "salesforce"])
def test_a_file_that_a_tool_refuses_is_named_and_the_others_go_over(name: str, admin: User) -> None:
    with CONNECTED[name](admin) as tool:
        adapter, ticket = tool.side.adapter, tool.side.adapter.create(new_ticket()).external_id
        if name == "zendesk":
            tool.server.zendesk.largest_upload = 10
        else:
            tool.server.org.largest_file = 10
        comment = new_comment("Both", files=[attachment("same.txt", b"x" * 11), attachment("same.txt")])
        delivery = Delivery(attempts=1)
        added = attached(comment, delivery, lambda full: adapter.add(ticket, full))
        assert tool.side.files(ticket, added) == [("same.txt", b"abc")]
        text = adapter.comments(ticket)[-1].text
        assert "The file same.txt is not here: " in text
        assert "too large" in text
        assert "https://files.example/same.txt" in text
        assert [(one["bytes"], one["outcome"] == "sent") for one in delivery.response["files"]] == [
            (3, True),
            (11, False),
        ]


def test_credentials_that_are_not_taken_are_no_files_fault(admin: User) -> None:
    with zendesk_connected(admin) as tool:
        ticket = tool.side.adapter.create(new_ticket()).external_id
        tool.side.fails(Failure.UNAUTHORISED)
        with pytest.raises(Unauthorised):
            attached(
                new_comment(files=[attachment("a.txt")]), Delivery(attempts=1),
                lambda full: tool.side.adapter.add(ticket, full),
            )  # fmt: skip


def test_a_comment_does_not_wait_for_ever_for_a_file() -> None:
    def away() -> bytes:
        raise Unavailable("a.txt", "Slack did not answer", is_passing=True)

    comment = new_comment("See this", files=[File("a.txt", "text/plain", 3, away), attachment("b.txt")])
    delivery = Delivery(attempts=TRIES - 1)
    with pytest.raises(Unavailable):
        attached(comment, delivery, lambda _full: None)
    delivery.attempts = TRIES
    said_then = attached(comment, delivery, lambda full: full)
    assert said_then.text == "See this\nThe file a.txt is not here: Slack did not answer."
    assert [file.name for file in said_then.files] == ["b.txt"]


def test_what_became_of_a_file_stands_with_its_delivery(asked: Conversation, admin: User) -> None:
    asked.messages.update(files=[{"id": "F1", "name": "report.txt", "size": 3, "url": "https://slack.example/F1"}])
    with zendesk_connected(admin) as tool:
        link = linked(asked, tool.installation, by=admin)
    made = Delivery.objects.get(link=link, kind="ticket")
    assert (made.state, made.attempts) == (DeliveryState.DONE, 1)
    why = "Slack is not connected"
    assert made.response["files"] == [{"name": "report.txt", "bytes": 3, "outcome": why}]


# Two at once ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db(transaction=True)
def test_two_workers_say_everything_once_and_in_order(
    admin: User, asked: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over a Zendesk that takes its time, so that both are at it together."""
    with zendesk_connected(admin) as tool:
        link = linked(asked, tool.installation, by=admin)
        said_here = [f"Note {number}" for number in range(3)]
        for text in said_here:
            asked.add_note(text, by=admin)
        publish()
        real, start, done = tool.server.zendesk.ticket, threading.Barrier(2), threading.Event()
        troubles: list[Exception] = []

        def slow(number: int) -> object:
            time.sleep(0.02)
            return real(number)

        def worker() -> None:
            start.wait(10)
            try:
                while not done.wait(0.05):
                    work()
                    if not Link.objects.filter(pk=link.pk).exclude(due_at=None).exists():
                        done.set()
            except Exception as error:  # noqa: BLE001 - it is shown below, in the test's own thread
                troubles.append(error)
                done.set()
            finally:
                database.close()

        monkeypatch.setattr(tool.server.zendesk, "ticket", slow)
        workers = [threading.Thread(target=worker) for _ in range(2)]
        for one in workers:
            one.start()
        for one in workers:
            one.join(30)
        assert troubles == []
        assert [text.partition("\n\n")[2] or text for text in texts(tool, link)] == said_here
