"""What people do with replies: written once, taken back in time, changed by whoever may."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from accounts.models import Channel, Contact, User
from conversations import reply_sending
from conversations.corrections import merge, split_off
from conversations.models import Conversation, EventKind, Message, MessageKind, Reply, ReplyState
from conversations.replying import (
    LENGTH,
    UNDO,
    delete_reply,
    destination,
    edit_reply,
    leave_unchanged,
    take_back,
    try_again,
    under_way,
    write_reply,
)
from conversations.services import delete_message
from conversations.status import Status
from tests import cast

KEY = UUID(int=7)


@pytest.fixture
def asked(channel: Channel, contact: Contact) -> Message:
    return cast.say("The export is empty. Can you help?", channel=channel, by=contact)


@pytest.fixture
def conversation(asked: Message) -> Conversation:
    return asked.conversation


def write(conversation: Conversation, by: User, text: str = "I am on it.", *, key: UUID | None = None) -> Reply:
    place = destination(conversation).thread_ts
    return write_reply(conversation=conversation, text=text, by=by, key=key or uuid4(), thread_ts=place)


def let_out(reply: Reply) -> Reply:
    """Its time to be taken back is over, and the sender has taken it up."""
    Reply.objects.filter(pk=reply.pk).update(send_after=timezone.now())
    reply.refresh_from_db()
    assert reply_sending.begin(reply)
    return reply


def send(reply: Reply) -> Message:
    return reply_sending.arrived(let_out(reply), ts=cast.make_ts(), text=reply.text, html="")


# Writing ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_reply_waits_a_moment(conversation: Conversation, dana: User) -> None:
    reply = write(conversation, dana, "  I am on it.\r\nBye ")
    assert (reply.state, reply.text, reply.author) == (ReplyState.WAITING, "I am on it.\nBye", dana)
    assert reply.send_after - reply.created_at == UNDO
    assert not reply_sending.begin(reply)
    assert under_way(conversation) == [reply]
    event = conversation.events.get(kind=EventKind.REPLY_WRITTEN)
    assert (event.by_user, event.data) == (dana, {"reply": reply.pk, "wish": "send"})


def test_sent_twice_it_is_one_reply(conversation: Conversation, dana: User, omar: User) -> None:
    first, second = (write(conversation, dana, key=KEY) for _ in range(2))
    assert first == second
    assert conversation.events.filter(kind=EventKind.REPLY_WRITTEN).count() == 1
    assert write(conversation, omar, key=KEY) != first


@pytest.mark.django_db(transaction=True)
def test_sent_twice_at_once_it_is_one_reply(conversation: Conversation, dana: User) -> None:
    at_once(*[lambda: write(conversation, dana, key=KEY)] * 4)
    assert Reply.objects.count() == conversation.events.filter(kind=EventKind.REPLY_WRITTEN).count() == 1


@pytest.mark.parametrize("text", ["", " \n\t ", "\x00", "x" * (LENGTH + 1)])
def test_nothing_and_too_much_are_refused(conversation: Conversation, dana: User, text: str) -> None:
    with pytest.raises(ValidationError):
        write(conversation, dana, text)
    assert not Reply.objects.exists()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"kind": "triage"}, "not a customer’s channel"),
        ({"kind": "internal"}, "not a customer’s channel"),
        ({"kind": "ignored"}, "not a customer’s channel"),
        ({"left_at": timezone.now()}, "Pylon is not in"),
        ({"archived_at": timezone.now()}, "is archived"),
    ],
)
def test_only_into_a_customers_channel_that_we_are_in(
    conversation: Conversation, dana: User, changes: dict[str, object], reason: str
) -> None:
    Channel.objects.update(**changes)
    with pytest.raises(ValidationError, match=reason):
        write(Conversation.objects.get(), dana)


def test_only_by_an_active_teammate_of_the_workspace(conversation: Conversation, dana: User, stranger: User) -> None:
    dana.is_active = False
    for by in (dana, stranger):
        with pytest.raises(ValidationError, match="Only teammates"):
            write(conversation, by)


# Where it goes ────────────────────────────────────────────────────────────────────────────────────────


def test_into_the_thread_of_the_customers_newest_message(asked: Message, contact: Contact, dana: User) -> None:
    conversation, channel = asked.conversation, asked.conversation.channel
    place = destination(conversation)
    assert (place.thread_ts, place.answers, place.is_begun) == (asked.ts, asked, False)
    in_thread = cast.say("In here, please", channel=channel, by=contact, thread_ts=asked.ts)
    cast.say("Of course", channel=channel, by=dana, thread_ts=asked.ts)
    conversation.add_note("They are in a hurry", by=dana)
    place = destination(conversation)
    assert (place.thread_ts, place.answers, place.is_begun) == (asked.ts, in_thread, True)
    delete_message(channel=channel, ts=str(in_thread.ts), deleted_at=timezone.now())
    assert destination(conversation).answers == asked


def test_into_our_own_thread_where_no_customer_has_written(channel: Channel, dana: User) -> None:
    said = cast.say("We have a new release", channel=channel, by=dana)
    assert destination(said.conversation).thread_ts == said.ts


def test_never_into_another_conversations_thread(asked: Message, contact: Contact, dana: User) -> None:
    other = cast.say("Invoices", channel=asked.conversation.channel, by=contact, ago=timedelta(days=9))
    assert other.conversation != asked.conversation
    for thread_ts in (str(other.ts), "1.000001"):
        with pytest.raises(ValidationError, match="another conversation"):
            write_reply(conversation=asked.conversation, text="Hi", by=dana, key=KEY, thread_ts=thread_ts)


def test_a_reply_beside_threads_is_in_the_conversation_where_it_was_written(
    asked: Message, contact: Contact, dana: User
) -> None:
    """Grouping would have put it into the newer one."""
    channel = asked.conversation.channel
    older = cast.say("Invoices are missing", channel=channel, by=contact, ago=timedelta(days=9)).conversation
    reply = write_reply(conversation=older, text="Sent again.", by=dana, key=KEY, thread_ts="")
    message = send(reply)
    assert (message.conversation, message.thread_ts) == (older, None)
    assert message.grouping_reason == "It was written on this conversation’s page"
    answer = cast.say("Got it", channel=channel, by=contact, thread_ts=message.ts)
    assert answer.conversation == older


def test_it_follows_a_merged_conversation(asked: Message, contact: Contact, dana: User) -> None:
    channel = asked.conversation.channel
    older = cast.say("Invoices are missing", channel=channel, by=contact, ago=timedelta(days=9)).conversation
    reply = write_reply(conversation=older, text="Sent again.", by=dana, key=KEY, thread_ts="")
    merge(source=older, target=asked.conversation, by=dana)
    assert under_way(asked.conversation) == [reply]
    assert send(Reply.objects.get()).conversation == asked.conversation
    older.refresh_from_db()
    with pytest.raises(ValidationError):
        write(older, dana)


# Taking back ──────────────────────────────────────────────────────────────────────────────────────────


def test_taken_back_in_time(conversation: Conversation, dana: User) -> None:
    reply = take_back(reply=write(conversation, dana), by=dana)
    assert reply.state == ReplyState.TAKEN_BACK
    Reply.objects.update(send_after=timezone.now())
    assert not reply_sending.begin(Reply.objects.get())
    assert take_back(reply=reply, by=dana).state == ReplyState.TAKEN_BACK
    assert under_way(conversation) == []


def test_too_late_to_take_back(conversation: Conversation, dana: User) -> None:
    reply = let_out(write(conversation, dana))
    with pytest.raises(ValidationError, match="Too late"):
        take_back(reply=reply, by=dana)
    assert reply.state == ReplyState.SENDING


@pytest.mark.django_db(transaction=True)
def test_of_sending_and_taking_back_one_wins(conversation: Conversation, dana: User) -> None:
    for _ in range(25):
        pk = write(conversation, dana).pk
        Reply.objects.filter(pk=pk).update(send_after=timezone.now())
        begun: list[bool] = []
        taken: list[bool] = []

        def sender(pk: int = pk, begun: list[bool] = begun) -> None:
            begun.append(reply_sending.begin(Reply.objects.get(pk=pk)))

        def writer(pk: int = pk, taken: list[bool] = taken) -> None:
            try:
                take_back(reply=Reply.objects.get(pk=pk), by=dana)
            except ValidationError:
                taken.append(False)
            else:
                taken.append(True)

        at_once(sender, writer)
        assert begun != taken
        state = Reply.objects.get(pk=pk).state
        assert state == (ReplyState.SENDING if begun == [True] else ReplyState.TAKEN_BACK)


def test_what_failed_is_tried_again_or_given_up(conversation: Conversation, dana: User) -> None:
    reply = let_out(write(conversation, dana))
    reply_sending.went_wrong(reply, "Slack had a fault.", is_final=False)
    assert (reply.state, reply.error) == (ReplyState.SENDING, "Slack had a fault.")
    reply_sending.went_wrong(reply, "The channel is archived.", is_final=True)
    assert (reply.state, reply.error) == (ReplyState.FAILED, "The channel is archived.")
    try_again(reply=reply, by=dana)
    assert (reply.state, reply.error, reply.seconds_left) == (ReplyState.WAITING, "", 0)
    assert conversation.events.get(kind=EventKind.REPLY_CHANGED).data == {"reply": reply.pk, "wish": "send"}
    reply_sending.went_wrong(let_out(reply), "The channel is archived.", is_final=True)
    assert take_back(reply=reply, by=dana).state == ReplyState.TAKEN_BACK


# Sent ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_sent_it_is_a_message_and_counts_for_the_status(conversation: Conversation, dana: User) -> None:
    reply = write(conversation, dana, "I just confirmed with the team, it is fixed.")
    message = send(reply)
    conversation.refresh_from_db()
    assert (message.kind, message.author_user, message.conversation) == (MessageKind.OUTBOUND, dana, conversation)
    assert (reply.state, reply.message) == (ReplyState.SENT, message)
    assert conversation.status == Status.CLOSED
    assert under_way(conversation) == []


def test_stored_once_however_often_it_is_told(conversation: Conversation, dana: User) -> None:
    reply = let_out(write(conversation, dana))
    ts = cast.make_ts()
    said = {"ts": ts, "text": reply.text, "html": ""}
    assert reply_sending.arrived(reply, **said) == reply_sending.arrived(reply, **said)
    assert conversation.messages.filter(ts=ts).count() == 1


def test_edited_and_deleted_after_it_was_sent(conversation: Conversation, dana: User, omar: User) -> None:
    reply = write(conversation, dana)
    message = send(reply)
    edit_reply(reply=reply, text="I am *on* it.", by=dana)
    assert (reply.state, reply.text) == (ReplyState.SENDING, "I am *on* it.")
    with pytest.raises(ValidationError, match="on its way"):
        delete_reply(reply=reply, by=dana)
    wording = {"text": "I am *on* it.", "html": "I am <strong>on</strong> it."}
    reply_sending.reworded(reply, message, **wording, by=omar)
    assert message.events.get(kind=EventKind.MESSAGE_EDITED).by_user == omar
    message.refresh_from_db()
    assert (reply.state, message.text, message.edited_at is None) == (ReplyState.SENT, "I am *on* it.", False)
    delete_reply(reply=reply, by=dana)
    reply_sending.removed(reply, message, by=None)
    message.refresh_from_db()
    assert message.deleted_at
    with pytest.raises(ValidationError, match="deleted"):
        edit_reply(reply=reply, text="Too late", by=dana)
    wishes = conversation.events.filter(kind=EventKind.REPLY_CHANGED).order_by("pk")
    assert [(event.data["wish"], event.by_user) for event in wishes] == [("edit", dana), ("delete", dana)]


def test_the_same_wording_is_no_edit(conversation: Conversation, dana: User) -> None:
    reply = write(conversation, dana)
    send(reply)
    assert edit_reply(reply=reply, text=f" {reply.text} ", by=dana).state == ReplyState.SENT
    assert not conversation.events.filter(kind=EventKind.REPLY_CHANGED).exists()


def test_a_change_that_failed_is_given_up(conversation: Conversation, dana: User) -> None:
    reply = write(conversation, dana)
    send(reply)
    edit_reply(reply=reply, text="Another wording", by=dana)
    reply_sending.went_wrong(reply, "The message is too long for Slack.", is_final=True)
    assert under_way(conversation) == []
    leave_unchanged(reply=reply, by=dana)
    assert (reply.state, reply.text) == (ReplyState.SENT, "I am on it.")


@pytest.mark.parametrize("verb", [take_back, try_again, leave_unchanged, delete_reply])
def test_only_whoever_wrote_it_and_staff_may(
    conversation: Conversation, dana: User, omar: User, stranger: User, verb: Callable[..., Reply]
) -> None:
    """Dana is staff here, Omar is not; a stranger's staff is nobody."""
    reply = write(conversation, dana)
    for by in (omar, stranger):
        with pytest.raises(ValidationError, match="Only whoever wrote"):
            verb(reply=reply, by=by)
        with pytest.raises(ValidationError, match="Only whoever wrote"):
            edit_reply(reply=reply, text="Mine", by=by)
    reply.refresh_from_db()
    assert (reply.state, reply.text) == (ReplyState.WAITING, "I am on it.")
    assert take_back(reply=write(conversation, omar), by=dana).state == ReplyState.TAKEN_BACK


def test_a_thread_that_was_split_off_is_another_conversations(asked: Message, contact: Contact, dana: User) -> None:
    more = cast.say("And the invoices?", channel=asked.conversation.channel, by=contact)
    assert more.conversation == asked.conversation
    split_off(messages=[asked], by=dana)
    with pytest.raises(ValidationError, match="another conversation"):
        write_reply(conversation=more.conversation, text="Hi", by=dana, key=KEY, thread_ts=str(asked.ts))


def at_once(*works: Callable[[], object]) -> None:
    """Each in a thread of its own, let go together."""
    gate = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> None:
        gate.wait()
        try:
            work()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
