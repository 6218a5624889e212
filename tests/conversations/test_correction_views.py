"""Putting the grouping right from the conversation's page, with a script and without."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import Channel, Contact, Grouping, User
from conversations import board
from conversations.models import Conversation, Correction, Message
from tests import cast

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def as_dana(client: Client, dana: User) -> Client:
    client.force_login(dana)
    return client


@pytest.fixture
def export(channel: Channel, contact: Contact) -> Message:
    return cast.say("The export is empty", channel=channel, by=contact, ago=timedelta(hours=9))


@pytest.fixture
def invoice(channel: Channel, export: Message) -> Message:
    other = cast.make_contact(workspace=channel.workspace, account=channel.account, name="Mindy")
    return cast.say("Hello, could you send us the invoice?", channel=channel, by=other, ago=timedelta(hours=2))


@pytest.fixture
def stray(channel: Channel, contact: Contact, invoice: Message) -> Message:
    """Put to the invoice, though it is about the export."""
    message = cast.say("It has 0 rows <b>", channel=channel, by=contact)
    Message.objects.filter(pk=message.pk).update(conversation=invoice.conversation)
    message.refresh_from_db()
    return message


def at(message: Message, part: str = "") -> str:
    return f"/conversations/{message.conversation.number}/{part}"


def home(message: Message) -> Conversation:
    return Message.objects.select_related("conversation").get(pk=message.pk).conversation


def test_a_message_is_moved_and_taken_back_without_a_script(
    as_dana: Client, export: Message, invoice: Message, stray: Message
) -> None:
    page = as_dana.get(at(stray, f"correct/?message={stray.pk}")).content.decode()
    assert f'value="{export.conversation.number}"' in page
    assert "It has 0 rows &lt;b&gt;" in page

    answer = as_dana.post(at(stray, "move/"), {"message": stray.pk, "to": export.conversation.number}, follow=True)
    assert home(stray) == export.conversation
    assert answer.redirect_chain[0][0] == invoice.conversation.get_absolute_url()
    told = answer.content.decode()
    assert "A message is now in" in told
    correction = Correction.objects.get()
    assert f"/corrections/{correction.pk}/undo/" in told
    assert "Dana Reyes moved a message to #1" in told

    answer = as_dana.post(f"/corrections/{correction.pk}/undo/", {"on": invoice.conversation.number}, follow=True)
    assert home(stray) == invoice.conversation
    assert "Dana Reyes took a move back, with #1" in answer.content.decode()


def test_with_a_script_the_timeline_is_drawn_again_and_offers_to_undo(
    as_dana: Client, export: Message, invoice: Message, stray: Message
) -> None:
    fields = {"message": stray.pk, "to": export.conversation.number}
    answer = as_dana.post(at(invoice, "move/"), fields, headers=HTMX)
    toast = json.loads(answer["HX-Trigger-After-Swap"])["pylon:toast"]
    assert toast["text"] == "A message is now in #1."
    answer = as_dana.post(toast["undo"], toast["values"], headers=HTMX)
    assert 'id="timeline"' in answer.content.decode()
    assert home(stray) == invoice.conversation


def test_a_merged_conversation_leads_on_and_is_on_no_board(
    as_dana: Client, channel: Channel, export: Message, invoice: Message
) -> None:
    old, into = invoice.conversation, export.conversation
    answer = as_dana.post(at(invoice, "merge/"), {"to": into.number}, headers=HTMX)
    assert answer["HX-Redirect"] == into.get_absolute_url()
    assert as_dana.get(old.get_absolute_url()).headers["Location"] == into.get_absolute_url()
    shown = [row.id for column in board.columns(channel.workspace_id) for row in column.rows]
    assert shown == [into.pk]
    assert [column.count for column in board.columns(channel.workspace_id)] == ["1", "0", "0"]
    assert board.rows(channel.workspace_id, [old.pk]) == []
    page = as_dana.get(into.get_absolute_url()).content.decode()
    assert f"merged #{old.number} into this" in page
    assert "Decided by" in page


def test_split_from_here_takes_what_was_said_after_it_too(
    as_dana: Client, channel: Channel, contact: Contact, invoice: Message, stray: Message
) -> None:
    last = cast.say("Still 0 rows", channel=channel, by=contact)
    Message.objects.filter(pk=last.pk).update(conversation=invoice.conversation)
    page = as_dana.get(at(stray, f"correct/?message={stray.pk}"), headers=HTMX).content.decode()
    assert "Split from here (2 messages)" in page
    as_dana.post(at(stray, "split/"), {"message": stray.pk, "onwards": 1})
    assert home(stray) == home(last) != home(invoice)


def test_the_search_finds_by_number_and_title(as_dana: Client, export: Message, invoice: Message) -> None:
    for query, found in (("#1", True), ("1", True), ("EXPORT", True), ("refund", False), ("9" * 18, False)):
        page = as_dana.get(at(invoice, "correct/"), {"q": query}, headers=HTMX).content.decode()
        assert ("The export is empty" in page) is found, query


def test_what_can_not_be_done_is_said(as_dana: Client, export: Message, invoice: Message) -> None:
    answer = as_dana.post(at(invoice, "split/"), {"message": invoice.pk}, headers=HTMX)
    assert answer.status_code == 409
    assert "Nothing would stay behind" in answer.content.decode()


def test_what_is_in_no_conversation_is_found_and_becomes_one(
    as_dana: Client, channel: Channel, contact: Contact
) -> None:
    Channel.objects.filter(pk=channel.pk).update(grouping=Grouping.MANUAL)
    message = cast.say("The export is empty", channel=channel, by=contact)
    unsorted = home(message)
    account = as_dana.get(f"/accounts/{channel.account_id}/").content.decode()
    assert "1 message not in a conversation" in account
    assert not any(column.rows for column in board.columns(channel.workspace_id))
    assert "Start a conversation from this" in as_dana.get(unsorted.get_absolute_url()).content.decode()
    as_dana.post(at(message, "split/"), {"message": message.pk})
    assert home(message).title == "The export is empty"


def test_a_stranger_corrects_nothing(client: Client, stranger: User, export: Message, stray: Message) -> None:
    client.force_login(stranger)
    assert client.get(at(stray, f"correct/?message={stray.pk}")).status_code == 404
    for part, fields in (("move/", {"to": 1}), ("split/", {}), ("merge/", {"to": 1})):
        assert client.post(at(stray, part), {"message": stray.pk, **fields}).status_code == 404
    correction = Correction.objects.create(
        workspace=stray.workspace, kind="move", source=stray.conversation, target=export.conversation
    )
    assert client.post(f"/corrections/{correction.pk}/undo/").status_code == 404
