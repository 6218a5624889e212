"""A later answer is taken over where nobody acted or wrote meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from accounts.models import Account, Channel, Contact, Grouping, User, Workspace
from conversations import timeline
from conversations.models import Automatic, Conversation, EventKind, Message
from conversations.replies import ReplyKind
from conversations.second_opinion import Outcome, settle_place, settle_reading
from conversations.status import Status
from tests import cast

MODEL = Automatic("model", "The model: about the same invoice")
Act = Callable[[Message, User], object]


@pytest.fixture
def channel(workspace: Workspace, account: Account, dana: User) -> Channel:
    """By quiet period, so that the offline decision is plain."""
    return cast.make_channel(workspace=workspace, account=account, owner=dana, grouping=Grouping.QUIET_PERIOD)


@pytest.fixture
def invoice(channel: Channel, contact: Contact) -> Message:
    return cast.say("Our invoice of May is wrong", channel=channel, by=contact, ago=timedelta(hours=9))


@pytest.fixture
def login(channel: Channel, contact: Contact) -> Message:
    return cast.say("Nobody can log in", channel=channel, by=contact, ago=timedelta(hours=4))


@pytest.fixture
def later(login: Message, channel: Channel, contact: Contact) -> Message:
    """Put to the login by the offline decision, though it is about the invoice."""
    message = cast.say("Who corrects it?", channel=channel, by=contact, ago=timedelta(hours=4) - timedelta(minutes=5))
    assert message.conversation_id == login.conversation_id
    return message


def fresh(message: Message) -> Message:
    return Message.objects.select_related("conversation__channel").get(pk=message.pk)


def place(message: Message, to: Message | None) -> Outcome:
    return settle_place(message=message, to=to.conversation_id if to else None, by=MODEL)


def test_a_message_moves_with_a_visible_event(invoice: Message, login: Message, later: Message) -> None:
    assert place(fresh(later), invoice) is Outcome.USED

    moved = fresh(later)
    assert moved.conversation_id == invoice.conversation_id
    assert (moved.grouping_rule, moved.grouping_reason) == ("model", MODEL.reason)
    assert moved.grouping_runner_up_id == login.conversation_id
    source, target = Conversation.objects.get(pk=login.conversation_id), moved.conversation
    assert (source.message_count, target.message_count) == (1, 2)
    assert (source.last_message_text, target.last_message_text) == ("Nobody can log in", "Who corrects it?")
    told = target.events.get(kind=EventKind.MESSAGES_MOVED_IN)
    assert (told.by_rule, told.reason, told.data["other"]) == ("model", MODEL.reason, source.number)
    sentences = [(entry.sentence, entry.reason) for entry in timeline.read(target).entries]
    assert (f"Pylon moved a message here from #{source.number}", MODEL.reason) in sentences
    assert f"Pylon moved a message to #{target.number}" in [one.sentence for one in timeline.read(source).entries]


def test_a_message_may_begin_a_conversation_of_its_own(login: Message, later: Message, dana: User) -> None:
    assert place(fresh(later), None) is Outcome.USED

    new = fresh(later).conversation
    assert new.pk != login.conversation_id
    assert (new.title, new.status, new.owner, new.message_count) == ("Who corrects it?", Status.TODO, dana, 1)
    assert new.events.get(kind=EventKind.OPENED).by_rule == "model"


def test_what_is_left_of_nothing_leads_to_where_it_went(invoice: Message, login: Message) -> None:
    assert place(fresh(login), invoice) is Outcome.USED
    assert fresh(login).conversation_id == invoice.conversation_id
    emptied = Conversation.objects.exclude(pk=invoice.conversation_id).get()
    assert (emptied.merged_into_id, emptied.status) == (invoice.conversation_id, Status.CLOSED)


def test_the_same_place_changes_nothing(login: Message, later: Message) -> None:
    assert place(fresh(later), login) is Outcome.AGREED
    alone = cast.say("Unrelated", channel=cast.make_channel(workspace=login.workspace), by=later.author_contact)
    assert place(fresh(alone), None) is Outcome.AGREED


def note(message: Message, by: User) -> None:
    message.conversation.add_note("I talk to finance", by=by)


def close(message: Message, by: User) -> None:
    Conversation.objects.get(pk=message.conversation_id).close(by=by)


def give(message: Message, by: User) -> None:
    message.conversation.assign(cast.make_teammate(workspace=by.workspace, name="Pia Lind"), by=by)


@pytest.mark.parametrize("act", [note, close, give])
@pytest.mark.parametrize("on_target", [False, True])
def test_never_after_a_person_acted(invoice: Message, later: Message, dana: User, act: Act, on_target: bool) -> None:
    asked = fresh(later)
    act(invoice if on_target else later, dana)
    assert place(asked, invoice) is Outcome.LATE
    assert fresh(later).conversation_id == asked.conversation_id


def test_what_a_person_did_before_the_message_is_no_hindrance(
    invoice: Message, login: Message, channel: Channel, contact: Contact, dana: User
) -> None:
    note(login, dana)
    message = cast.say("Who corrects it?", channel=channel, by=contact, ago=timedelta(hours=3, minutes=50))
    assert place(fresh(message), invoice) is Outcome.USED


def test_not_when_its_conversation_has_gone_on(
    invoice: Message, later: Message, channel: Channel, contact: Contact
) -> None:
    asked = fresh(later)
    cast.say("Dana?", channel=channel, by=contact, ago=timedelta(hours=3, minutes=50))
    assert place(asked, invoice) is Outcome.LATE


def test_not_when_it_is_elsewhere_by_now_or_there_is_no_such_place(
    invoice: Message, login: Message, later: Message, channel: Channel
) -> None:
    asked = fresh(later)
    place(fresh(later), invoice)
    assert place(asked, None) is Outcome.LATE
    other = cast.say("x", channel=cast.make_channel(workspace=channel.workspace), by=later.author_contact)
    assert place(fresh(later), other) is Outcome.LATE
    assert settle_place(message=fresh(later), to=login.conversation_id + 10_000, by=MODEL) is Outcome.LATE


def test_a_thread_is_not_taken_apart(login: Message, later: Message, channel: Channel, invoice: Message) -> None:
    asked = fresh(later)
    cast.say("And?", channel=channel, by=later.author_contact, thread_ts=later.ts, at=later.sent_at)
    assert place(asked, invoice) is Outcome.LATE


# What a reply does ────────────────────────────────────────────────────────────────────────────────────


def answer(text: str, to: Message, by: User) -> Message:
    assert to.channel
    return fresh(cast.say(text, channel=to.channel, by=by, ago=timedelta(hours=3, minutes=50)))


def read(message: Message, kind: ReplyKind) -> Outcome:
    return settle_reading(message=message, kind=kind, by=Automatic("model", "The model: it is answered"))


def test_a_reply_is_read_anew(login: Message, dana: User) -> None:
    reply = answer("Let me check", login, dana)
    assert reply.conversation.status == Status.IN_PROGRESS

    assert read(reply, ReplyKind.CONTINUES) is Outcome.AGREED
    assert read(reply, ReplyKind.CONCLUDES) is Outcome.USED

    found = fresh(reply).conversation
    assert (found.status, found.status_by_person, found.version) == (
        Status.CLOSED,
        False,
        reply.conversation.version + 1,
    )
    last = found.events.filter(kind=EventKind.STATUS_CHANGED).latest("pk")
    assert (last.by_rule, last.reason, last.data["from"]) == ("model", "The model: it is answered", "in_progress")


def test_it_still_counts_when_a_late_message_has_all_decided_anew(login: Message, dana: User, channel: Channel) -> None:
    reply = answer("Let me check", login, dana)
    read(reply, ReplyKind.CONCLUDES)
    late = cast.say("By the way", channel=channel, by=login.author_contact, ago=timedelta(hours=3, minutes=55))
    assert late.conversation_id == reply.conversation_id
    assert fresh(reply).conversation.status == Status.CLOSED


def test_a_customers_next_message_reopens_it(login: Message, dana: User, channel: Channel) -> None:
    reply = answer("Let me check", login, dana)
    read(reply, ReplyKind.CONCLUDES)
    cast.say("It is still broken", channel=channel, by=login.author_contact, thread_ts=login.ts)
    assert fresh(reply).conversation.status == Status.TODO


def test_what_has_nothing_to_do_with_it_leaves_it_closed(login: Message, dana: User, channel: Channel) -> None:
    answer("It is fixed now, you can log in again", login, dana)
    chat = fresh(cast.say("Let me check", channel=channel, by=dana, ago=timedelta(hours=3, minutes=40)))
    assert chat.conversation.status == Status.IN_PROGRESS
    assert read(chat, ReplyKind.UNRELATED) is Outcome.USED
    assert fresh(chat).conversation.status == Status.CLOSED


def reopen(message: Message, by: User) -> None:
    Conversation.objects.get(pk=message.conversation_id).reopen(by=by)


@pytest.mark.parametrize("act", [note, reopen, give])
def test_a_persons_choice_stands(login: Message, dana: User, omar: User, act: Act) -> None:
    reply = answer("It is fixed now, you can log in again", login, dana)
    act(reply, omar)
    before = fresh(reply).conversation.status
    assert read(reply, ReplyKind.CONTINUES) is Outcome.LATE
    assert fresh(reply).conversation.status == before


def test_a_reply_that_is_not_the_newest_says_nothing_any_more(login: Message, dana: User, channel: Channel) -> None:
    reply = answer("Let me check", login, dana)
    cast.say("Please do", channel=channel, by=login.author_contact, thread_ts=login.ts)
    assert read(reply, ReplyKind.CONCLUDES) is Outcome.LATE
