"""Moving, splitting, merging and taking back: what becomes of both conversations, and what can't be done."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import Channel, Contact, User
from conversations.corrections import merge, move_messages, split_off, undo
from conversations.models import Conversation, Correction, EventKind, Message
from conversations.regrouping import follow_merges
from conversations.status import Status
from tests import cast

pytestmark = pytest.mark.django_db

QUESTION = "The export is empty since this morning, can you have a look?"
OTHER = "Could you also send us the invoice of October?"
DONE = "This is fixed now, please try again."
HOUR = timedelta(hours=1)
PLACED = ("number", "title", "status", "message_count", "opened_at", "last_message_at", "waiting_since", "closed_at",
          "first_response_at", "last_message_text", "merged_into_id")  # fmt: skip


@pytest.fixture
def export(channel: Channel, contact: Contact) -> Message:
    return cast.say(QUESTION, channel=channel, by=contact, ago=9 * HOUR)


@pytest.fixture
def invoice(channel: Channel, contact: Contact, export: Message) -> Message:
    return cast.say(OTHER, channel=channel, by=contact, ago=4 * HOUR)


def picture() -> list[tuple[Any, ...]]:
    rows = Conversation.objects.order_by("pk").values_list(*PLACED)
    homes = Message.objects.order_by("pk").values_list("pk", "conversation_id", "grouping_rule", "grouping_reason")
    return [*rows, *homes]


def home(message: Message) -> Conversation:
    return Message.objects.select_related("conversation").get(pk=message.pk).conversation


def told(conversation: Conversation) -> list[str]:
    """What happened, messages and status apart, and what followed for the status."""
    quiet = {EventKind.MESSAGE_ADDED, EventKind.OPENED}
    return [event.kind for event in conversation.events.order_by("pk") if event.kind not in quiet]


def test_a_moved_message_counts_where_it_is_and_no_more_where_it_was(
    channel: Channel, contact: Contact, dana: User, export: Message, invoice: Message
) -> None:
    stray = cast.say("It is the CSV one", channel=channel, by=contact, thread_ts=invoice.ts, ago=3 * HOUR)
    Message.objects.filter(pk=stray.pk).update(thread_ts=None)
    before = picture()

    correction = move_messages(messages=[stray], to=home(export), by=dana)

    source, target = home(invoice), home(export)
    stray.refresh_from_db()
    assert (stray.conversation, stray.grouping_rule) == (target, "moved_by_person")
    assert (stray.grouping_reason, stray.grouping_runner_up) == ("Dana moved it here", source)
    assert (source.message_count, source.last_message_text, source.title) == (1, OTHER, OTHER)
    assert (target.message_count, target.last_message_text, target.title) == (2, stray.text, QUESTION)
    assert told(source) == [EventKind.MESSAGES_MOVED_OUT]
    assert told(target) == [EventKind.MESSAGES_MOVED_IN]
    assert {correction.source, correction.target} == {source, target}

    undo(correction=correction, by=dana)
    assert picture() == before
    assert told(home(export))[-1] == told(home(invoice))[-1] == EventKind.CORRECTION_UNDONE
    again = undo(correction=correction, by=dana)
    assert again.undone_by == dana
    assert told(home(export)).count(EventKind.CORRECTION_UNDONE) == 1


def test_a_thread_moves_as_a_whole_and_what_comes_later_follows(
    channel: Channel, contact: Contact, dana: User, export: Message, invoice: Message
) -> None:
    first = cast.say("Here is its number", channel=channel, by=contact, thread_ts=export.ts, ago=2 * HOUR)
    extra = cast.say("And one thing more", channel=channel, by=contact, thread_ts=invoice.ts, ago=2 * HOUR)

    correction = move_messages(messages=[first], to=home(invoice), by=dana)
    assert home(export) == home(first) == home(extra) == home(invoice)

    later = cast.say("Any news?", channel=channel, by=contact, thread_ts=export.ts)
    assert home(later) == home(invoice)
    undo(correction=correction, by=dana)
    assert home(later) == home(export) == home(first) != home(invoice)


def test_of_which_nothing_is_left_leads_to_where_it_went(
    channel: Channel, contact: Contact, dana: User, export: Message, invoice: Message
) -> None:
    emptied = home(invoice)
    note = emptied.add_note("They pay by card", by=dana)
    before = picture()
    correction = move_messages(messages=[invoice], to=home(export), by=dana)
    emptied.refresh_from_db()
    assert (emptied.merged_into, emptied.message_count, emptied.status) == (home(export), 0, Status.CLOSED)
    assert home(note) == follow_merges(emptied) == home(export)
    undo(correction=correction, by=dana)
    assert picture() == before
    assert home(note) == emptied


def test_split_off_becomes_a_conversation_of_its_own(
    channel: Channel, contact: Contact, dana: User, omar: User, export: Message
) -> None:
    old = home(export)
    old.assign(omar, by=dana)
    stray = cast.say(OTHER, channel=channel, by=contact, thread_ts=export.ts)
    Message.objects.filter(pk=stray.pk).update(thread_ts=None)
    before = picture()

    correction = split_off(messages=[stray], by=dana)

    new = correction.target
    assert home(stray) == new != old
    assert (new.title, new.status, new.owner, new.account) == (OTHER, Status.TODO, omar, old.account)
    assert (new.waiting_since, new.opened_at) == (stray.sent_at, stray.sent_at)
    assert told(old)[-1] == EventKind.SPLIT_OFF
    assert new.events.get(kind=EventKind.OPENED).reason == f"Split off from #{old.number}"

    with pytest.raises(ValidationError, match="Nothing would stay behind"):
        split_off(messages=[export], by=dana)
    undo(correction=correction, by=dana)
    assert picture()[0] == before[0]
    new.refresh_from_db()
    assert (new.merged_into, new.message_count) == (old, 0)


def test_a_split_can_not_be_taken_back_once_something_else_came_into_it(
    channel: Channel, contact: Contact, dana: User, export: Message
) -> None:
    stray = cast.say(OTHER, channel=channel, by=contact, thread_ts=export.ts)
    Message.objects.filter(pk=stray.pk).update(thread_ts=None)
    correction = split_off(messages=[stray], by=dana)
    other = cast.say("A message of its own", channel=channel, by=None, author_name="Bot", ago=-5 * HOUR)
    Message.objects.filter(pk=other.pk).update(conversation=correction.target)
    with pytest.raises(ValidationError, match=r"A message has come into #2 since. Merge it into #1"):
        undo(correction=correction, by=dana)


def test_merged_the_answer_of_the_one_closes_the_other(
    channel: Channel, contact: Contact, dana: User, export: Message
) -> None:
    answer = cast.say(DONE, channel=channel, by=dana, thread_ts=cast.make_ts(timezone.now() - 5 * HOUR))
    note = home(answer).add_note("Rolled back", by=dana)
    before = picture()
    assert home(export).status == Status.TODO

    correction = merge(source=home(answer), target=home(export), by=dana)
    merged = home(export)
    assert (merged.status, merged.message_count, merged.waiting_since) == (Status.CLOSED, 2, None)
    assert merged.first_response_at == answer.sent_at
    assert home(note) == merged
    assert told(merged) == [EventKind.MERGED, EventKind.STATUS_CHANGED]
    with pytest.raises(ValidationError, match="has been merged into another"):
        move_messages(messages=[export], to=correction.source, by=dana)

    undo(correction=correction, by=dana)
    assert picture() == before


def test_a_persons_word_stands_unless_newer_messages_came(
    channel: Channel, contact: Contact, dana: User, export: Message, invoice: Message
) -> None:
    home(invoice).close(by=dana)
    correction = move_messages(messages=[export], to=home(invoice), by=dana)
    assert (home(invoice).status, home(invoice).status_by_person) == (Status.CLOSED, True)
    undo(correction=correction, by=dana)
    assert (home(invoice).status, home(export).status) == (Status.CLOSED, Status.TODO)

    # Newer than what was closed: somebody waits.
    home(export).close(by=dana)
    home(invoice).reopen(by=dana)
    merge(source=home(invoice), target=home(export), by=dana)
    assert home(export).status == Status.TODO


def test_two_that_people_closed_are_closed_as_one(
    channel: Channel, contact: Contact, dana: User, export: Message, invoice: Message
) -> None:
    home(invoice).close(by=dana)
    correction = merge(source=home(invoice), target=home(export), by=dana)
    assert home(export).status == Status.TODO, "a closed matter closes no open one"
    undo(correction=correction, by=dana)

    home(export).close(by=dana)
    merge(source=home(invoice), target=home(export), by=dana)
    assert home(export).status == Status.CLOSED
    late = cast.say("A word before", channel=channel, by=contact, thread_ts=export.ts, ago=8 * HOUR)
    assert (home(late), home(late).status) == (home(export), Status.CLOSED)


def test_of_two_corrections_the_later_is_taken_back_first(
    channel: Channel, contact: Contact, dana: User, export: Message, invoice: Message
) -> None:
    third = cast.say(
        "Hello! Where do I find the keys of the staging system?", channel=channel, by=contact, ago=-9 * HOUR
    )
    first = merge(source=home(invoice), target=home(export), by=dana)
    second = merge(source=home(export), target=home(third), by=dana)
    with pytest.raises(ValidationError, match="moved again since"):
        undo(correction=first, by=dana)
    undo(correction=second, by=dana)
    undo(correction=first, by=dana)
    assert len({home(export), home(invoice), home(third)}) == 3


def test_what_can_not_be_corrected(
     contact: Contact, dana: User, stranger: User, export: Message,
    invoice: Message,
) -> None:  # fmt: skip
    other = cast.make_channel(workspace=dana.workspace, name="ext-two")
    elsewhere = home(cast.say(QUESTION, channel=other, by=contact))
    note = home(export).add_note("Ours", by=dana)
    refused = {
        "of another channel, #ext-two": {"messages": [export], "to": elsewhere, "by": dana},
        "another workspace": {"messages": [export], "to": home(invoice), "by": stranger},
        "note stays": {"messages": [note], "to": home(invoice), "by": dana},
        "Choose a message first": {"messages": [], "to": home(invoice), "by": dana},
        "messages of one conversation": {"messages": [export, invoice], "to": home(invoice), "by": dana},
        "already": {"messages": [export], "to": home(export), "by": dana},
    }
    for why, arguments in refused.items():
        with pytest.raises(ValidationError, match=why):
            move_messages(**arguments)  # type: ignore[arg-type]
    with pytest.raises(ValidationError, match="another workspace"):
        merge(source=home(export), target=home(invoice), by=stranger)
    assert not Correction.objects.exists()
