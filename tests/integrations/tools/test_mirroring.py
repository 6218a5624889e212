"""A conversation and its ticket are kept in step, both ways."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Channel, Contact, User
from conversations.corrections import merge, split_off, undo
from conversations.models import Conversation, EventKind, Message, MessageKind, Reply
from conversations.services import delete_message, edit_message
from conversations.status import Status
from integrations.models import (
    ConsoleComment,
    ConsoleTicket,
    Delivery,
    DeliveryState,
    Installation,
    Link,
    LinkedMessage,
)
from integrations.tools.config import Automatic, Config
from integrations.tools.linking import connect, disconnect, link_existing
from integrations.tools.working import work
from tests import cast
from tests.integrations.tools.steps import connected, settle, told, touched
from triage.routing import Filter

Parts = tuple[Conversation, Link, ConsoleTicket]


@pytest.fixture
def asked(channel: Channel, contact: Contact) -> Conversation:
    return cast.say("The export is empty", channel=channel, by=contact).conversation


@pytest.fixture
def parts(asked: Conversation, console: Installation, dana: User) -> Parts:
    link, ticket = connected(asked, console, by=dana)
    asked.refresh_from_db()
    return asked, link, ticket


def answer(conversation: Conversation, text: str, by: User) -> Message:
    thread = str(conversation.messages.exclude(ts=None).first().ts)  # type: ignore[union-attr]
    return cast.say(text, channel=conversation.channel, by=by, thread_ts=thread)


def configure(installation: Installation, **changes: object) -> None:
    installation.config = installation.config | changes
    installation.save()


def comment(ticket: ConsoleTicket, text: str, by: User | None, *, is_public: bool = False) -> ConsoleComment:
    written = ConsoleComment.objects.create(
        ticket=ticket, text=text, author_name=by.name if by else "Ann", author_email=str(by.email) if by else "",
        is_public=is_public,
    )  # fmt: skip
    touched(ticket)
    return written


# Nothing by itself ────────────────────────────────────────────────────────────────────────────────────


def test_nothing_goes_to_a_tool_unless_connected(asked: Conversation, console: Installation, dana: User) -> None:
    asked.add_note("They never pay", by=dana)
    asked.close(by=dana)
    settle()
    assert not ConsoleTicket.objects.exists()
    assert not Link.objects.filter(kind="ticket").exists()


@pytest.mark.parametrize(
    ("automatic", "rule", "is_connected"),
    [
        (Automatic.NEVER, Filter(), False),
        (Automatic.ALWAYS, Filter(), True),
        (Automatic.RULE, Filter(tiers=frozenset({"Enterprise"})), True),
        (Automatic.RULE, Filter(tiers=frozenset({"Free"})), False),
    ],
)
def test_new_conversations_connect_by_the_rule(
    console: Installation, contact: Contact, automatic: Automatic, rule: Filter, is_connected: bool
) -> None:
    account = contact.account
    assert account
    account.tier = "Enterprise"
    account.save()
    channel = cast.make_channel(workspace=console.workspace, account=account)
    configure(console, automatic=automatic.value, rule=rule.stored())
    cast.say("The export is empty", channel=channel, by=contact)
    settle()
    assert ConsoleTicket.objects.exists() == is_connected


# Making a ticket ──────────────────────────────────────────────────────────────────────────────────────


def test_a_ticket_has_the_contact_the_messages_so_far_and_a_link_back(
    asked: Conversation, console: Installation, dana: User, contact: Contact
) -> None:
    answer(asked, "Taking a look", dana)
    asked.add_note("Their CSV has a BOM", by=dana)
    link, ticket = connected(asked, console, by=dana)
    assert told(ticket) == [
        (contact.name, "The export is empty", True),
        (dana.name, "Taking a look", True),
        (dana.name, "Their CSV has a BOM", False),
    ]
    assert ticket.requester.startswith(contact.name)
    assert ticket.source.endswith(f"/conversations/{asked.number}/")
    assert (ticket.status, ticket.owner_email) == ("pending", dana.email)
    asked.refresh_from_db()
    assert asked.linked == [{"tool": "Console", "number": link.number, "url": link.url}]
    assert asked.events.filter(kind=EventKind.LINKED).count() == 1


def test_connecting_twice_makes_one_ticket(asked: Conversation, console: Installation, dana: User) -> None:
    assert connect(asked, console, by=dana) == connect(asked, console, by=dana)
    settle()
    assert ConsoleTicket.objects.count() == 1


def test_a_stranger_connects_nothing(asked: Conversation, console: Installation, stranger: User) -> None:
    with pytest.raises(Exception, match="another workspace"):
        connect(asked, console, by=stranger)


def test_an_existing_ticket_keeps_what_was_said_there(asked: Conversation, console: Installation, dana: User) -> None:
    ticket = ConsoleTicket.objects.create(installation=console, number=7, key="theirs", title="Old")
    ConsoleComment.objects.create(ticket=ticket, text="Said before", author_name="Ann", is_public=False)
    link = link_existing(asked, console, str(ticket.pk), by=dana)
    settle()
    assert link.number == "7"
    assert [text for _, text, _ in told(ticket)] == ["Said before", "The export is empty"]
    assert not asked.messages.filter(kind=MessageKind.NOTE).exists()


# Outward ──────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_said_goes_over_in_order(parts: Parts, contact: Contact, dana: User) -> None:
    conversation, _, ticket = parts
    answer(conversation, "Which browser?", dana)
    cast.say("Firefox", channel=conversation.channel, by=contact, thread_ts=conversation.messages.first().ts)  # type: ignore[union-attr]
    conversation.add_note("Known bug", by=dana)
    settle()
    assert [text for _, text, _ in told(ticket)][1:] == ["Which browser?", "Firefox", "Known bug"]
    settle()
    assert ticket.comments.count() == 4


def test_notes_stay_where_the_workspace_says_so(parts: Parts, console: Installation, dana: User) -> None:
    configure(console, sends_notes=False)
    parts[0].add_note("They never pay", by=dana)
    settle()
    assert "They never pay" not in str(told(parts[2]))


def test_edits_and_deletions_follow(parts: Parts) -> None:
    conversation, _, ticket = parts
    message = conversation.messages.get()
    edit_message(channel=conversation.channel, ts=str(message.ts), text="The import is empty", edited_at=timezone.now())
    settle()
    assert [text for _, text, _ in told(ticket)] == ["The import is empty"]
    delete_message(channel=conversation.channel, ts=str(message.ts), deleted_at=timezone.now())
    settle()
    assert told(ticket) == []


def test_status_and_owner_follow(parts: Parts, dana: User, omar: User) -> None:
    conversation, _, ticket = parts
    conversation.close(by=dana)
    conversation.assign(omar, by=dana)
    settle()
    ticket.refresh_from_db()
    assert (ticket.status, ticket.owner_email) == ("solved", omar.email)
    conversation.assign(None, by=dana)
    settle()
    ticket.refresh_from_db()
    assert ticket.owner_email == ""


# Coming back ──────────────────────────────────────────────────────────────────────────────────────────


def test_comments_come_back_as_notes(parts: Parts, dana: User) -> None:
    conversation, _, ticket = parts
    comment(ticket, "Look at the log", None)
    comment(ticket, "Public there", dana, is_public=True)
    notes = list(conversation.messages.filter(kind=MessageKind.NOTE).values_list("author_name", "text", "author_user"))
    assert notes == [("Ann (Console)", "Look at the log", None), (dana.name, "Public there", dana.pk)]
    assert not Reply.objects.exists()
    assert ticket.comments.count() == 3  # and don't go back


def test_public_comments_of_teammates_become_replies_where_wanted(
    parts: Parts, console: Installation, dana: User
) -> None:
    conversation, _, ticket = parts
    configure(console, brings_replies=True)
    comment(ticket, "Try it now", dana, is_public=True)
    comment(ticket, "Not for them", dana, is_public=False)
    comment(ticket, "By nobody we know", None, is_public=True)
    reply = Reply.objects.get()
    assert (reply.text, reply.author) == ("Try it now", dana)
    assert reply.thread_ts == conversation.messages.exclude(ts=None).get().ts
    assert set(conversation.messages.filter(kind=MessageKind.NOTE).values_list("text", flat=True)) == {
        "Not for them", "By nobody we know",
    }  # fmt: skip


def test_a_reply_that_came_from_the_tool_does_not_go_back(parts: Parts, console: Installation, dana: User) -> None:
    conversation, _, ticket = parts
    configure(console, brings_replies=True)
    comment(ticket, "Try it now", dana, is_public=True)
    reply = Reply.objects.get()
    reply.message = answer(conversation, "Try it now", dana)
    reply.save()
    settle()
    assert [text for _, text, _ in told(ticket)].count("Try it now") == 1


def test_what_they_change_or_delete_changes_here(parts: Parts) -> None:
    conversation, _, ticket = parts
    written = comment(ticket, "Frist", None)
    written.text = "First"
    written.save()
    touched(ticket)
    note = conversation.messages.get(kind=MessageKind.NOTE)
    assert (note.text, note.edited_at is not None) == ("First", True)
    written.delete()
    touched(ticket)
    note.refresh_from_db()
    assert note.deleted_at


def test_status_and_owner_come_back(parts: Parts, dana: User, omar: User) -> None:
    conversation, _, ticket = parts
    touched(ticket, status="solved", owner_email=str(omar.email))
    conversation.refresh_from_db()
    assert (conversation.status, conversation.owner) == (Status.CLOSED, omar)
    moved = conversation.events.get(kind=EventKind.STATUS_CHANGED)
    assert "Console" in moved.reason
    settle()
    ticket.refresh_from_db()
    assert (ticket.status, ticket.owner_email) == ("solved", omar.email)


def test_their_word_stands_over_a_persons_older_one(parts: Parts, dana: User) -> None:
    conversation, _, ticket = parts
    conversation.start(by=dana)
    settle()
    touched(ticket, status="solved")
    conversation.refresh_from_db()
    assert conversation.status == Status.CLOSED


def test_of_two_changes_the_later_one_stands(parts: Parts, dana: User) -> None:
    conversation, link, ticket = parts
    ticket.refresh_from_db()
    ticket.status, ticket.version = "solved", ticket.version + 1
    ticket.updated_at = timezone.now() - timedelta(minutes=1)
    ticket.save()
    conversation.start(by=dana)
    Link.objects.filter(pk=link.pk).update(heard_at=timezone.now(), due_at=timezone.now())
    settle()
    conversation.refresh_from_db()
    ticket.refresh_from_db()
    assert (conversation.status, ticket.status) == (Status.IN_PROGRESS, "pending")


def test_an_owner_nobody_here_knows_changes_nothing(parts: Parts, dana: User) -> None:
    conversation, _, ticket = parts
    touched(ticket, owner_email="ann@helpdesk.example")
    conversation.refresh_from_db()
    assert conversation.owner == dana
    ticket.refresh_from_db()
    assert ticket.owner_email == "ann@helpdesk.example"


# Letting go, merging, splitting ───────────────────────────────────────────────────────────────────────


def test_disconnecting_keeps_both_sides_and_connecting_again_takes_up_the_same(parts: Parts, dana: User) -> None:
    conversation, link, ticket = parts
    disconnect(link, by=dana)
    conversation.refresh_from_db()
    assert conversation.linked == []
    conversation.add_note("Meanwhile", by=dana)
    settle()
    assert "Meanwhile" not in str(told(ticket))
    assert connect(conversation, link.installation, by=dana) == link
    settle()
    assert [text for _, text, _ in told(ticket)] == ["The export is empty", "Meanwhile"]
    assert ConsoleTicket.objects.count() == 1


def test_a_link_goes_along_with_a_merge_and_back(parts: Parts, contact: Contact, dana: User) -> None:
    conversation, link, ticket = parts
    other = cast.say(
        "Another matter altogether: invoices", channel=conversation.channel, by=contact, ago=timedelta(hours=9)
    ).conversation
    assert other != conversation
    correction = merge(source=conversation, target=other, by=dana)
    settle()
    link.refresh_from_db()
    other.refresh_from_db()
    assert link.conversation == other
    assert other.linked
    assert "invoices" in str(told(ticket))
    undo(correction=correction, by=dana)
    settle()
    link.refresh_from_db()
    other.refresh_from_db()
    assert link.conversation == conversation
    assert other.linked == []


def test_a_merge_into_one_with_a_ticket_ends_the_others_link(
    parts: Parts, console: Installation, contact: Contact, dana: User
) -> None:
    conversation, link, ticket = parts
    other = cast.say("About invoices", channel=conversation.channel, by=contact, ago=timedelta(hours=9)).conversation
    kept, _ = connected(other, console, by=dana)
    correction = merge(source=conversation, target=other, by=dana)
    settle()
    link.refresh_from_db()
    assert link.ended_at
    _, text, is_public = told(ticket)[-1]
    assert f"#{other.number}" in text
    assert not is_public
    assert Link.objects.get(conversation=other, ended_at=None, kind="ticket") == kept
    undo(correction=correction, by=dana)
    settle()
    link.refresh_from_db()
    assert link.ended_at is None


def test_a_ticket_is_told_what_was_split_off(parts: Parts, contact: Contact, dana: User) -> None:
    conversation, _, ticket = parts
    more = cast.say("And the invoice?", channel=conversation.channel, by=contact)
    if more.conversation_id != conversation.pk:
        pytest.skip("grouped apart already")
    target = split_off(messages=[more], by=dana).target
    settle()
    assert f"moved to #{target.number}" in told(ticket)[-1][1]
    assert not Link.objects.filter(conversation=target, kind="ticket").exists()


def test_everything_settles_and_is_recorded(parts: Parts) -> None:
    assert not Delivery.objects.exclude(link=None).exclude(state=DeliveryState.DONE).exists()
    assert not LinkedMessage.objects.filter(external_id="").exists()
    assert not Link.objects.filter(kind="ticket").exclude(due_at=None).exists()
    assert work()


def test_a_config_is_read_as_it_was_stored() -> None:
    config = Config(automatic=Automatic.RULE, rule=Filter(tiers=frozenset({"Enterprise"})), status_in={"open": "todo"})
    assert Config.read(config.stored()) == config
    assert Config.read({}) == Config()
