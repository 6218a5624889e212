"""Messages coming in: stored once, whole, in the right conversation, in whatever order and bundles they come."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from random import Random
from typing import Any, TypeAlias

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Account, Channel, Contact, Grouping, User, Workspace
from conversations.corrections import split_off, undo
from conversations.excerpts import title_of
from conversations.intake import Incoming, sent_at
from conversations.models import Conversation, EventKind, Message, MessageKind
from conversations.services import receive_message, receive_messages
from conversations.status import Said, Status, fold
from tests import cast

pytestmark = pytest.mark.django_db

START = 1_700_000_000
HOUR, DAY = 3600, 86_400
QUESTION = "The export is empty since this morning, can you have a look?"
LOOKING = "Let me check with the team and get back to you."
DONE = "This is fixed now, please try again."
Line: TypeAlias = tuple[int, str, str, int | None]
"""Seconds after the start, speaker, text, the line that is the root of its thread."""
Picture: TypeAlias = dict[frozenset[str], tuple[Any, ...]]


def ts(seconds: float) -> str:
    return f"{START + seconds:.6f}"


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(START + seconds, UTC)


# What a conversation is made of ───────────────────────────────────────────────────────────────────────


def test_a_first_message_opens_a_conversation_with_the_channels_account_and_owner(
    channel: Channel, contact: Contact, account: Account, dana: User
) -> None:
    message = receive_message(channel=channel, ts=ts(0), text=f"Hi team! {QUESTION}", author=contact)

    conversation = Conversation.objects.get()
    assert message.conversation == conversation
    assert (conversation.account, conversation.owner, conversation.number) == (account, dana, 1)
    assert (conversation.title, conversation.status, conversation.waiting_since) == (QUESTION, Status.TODO, at(0))
    assert conversation.last_message_text == f"Hi team! {QUESTION}"
    assert (conversation.last_message_author, conversation.last_message_inbound) == (contact.name, True)
    assert [(e.kind, e.by_rule, e.by_contact) for e in conversation.events.order_by("pk")] == [
        (EventKind.OPENED, "first", None),
        (EventKind.MESSAGE_ADDED, "", contact),
    ]
    assert (message.kind, message.grouping_rule) == (MessageKind.INBOUND, "first")


def test_the_decision_and_what_it_was_between_stay_on_the_message(channel: Channel, contact: Contact) -> None:
    first = receive_message(channel=channel, ts=ts(0), text=QUESTION, author=contact)
    second = receive_message(channel=channel, ts=ts(2 * HOUR), text="Who pays our invoices?", author=contact)
    second.refresh_from_db()
    assert second.conversation != first.conversation
    assert second.grouping_runner_up == first.conversation
    assert second.grouping_rule == "silence"
    assert second.grouping_reason.startswith("A question after a silence of 2 hours")
    assert second.grouping_score == pytest.approx(0.5)


def test_the_channels_own_quiet_period_goes_before_the_workspaces(channel: Channel, contact: Contact) -> None:
    Channel.objects.filter(pk=channel.pk).update(quiet_minutes=180, grouping=Grouping.QUIET_PERIOD)
    for seconds in (0, 2 * HOUR):
        receive_message(channel=channel, ts=ts(seconds), text=QUESTION, author=contact)
    assert Conversation.objects.count() == 1


def test_our_replies_move_it_and_each_change_says_why(channel: Channel, contact: Contact, dana: User) -> None:
    receive_message(channel=channel, ts=ts(0), text=QUESTION, author=contact)
    receive_message(channel=channel, ts=ts(60), text=LOOKING, author=dana)
    receive_message(channel=channel, ts=ts(120), text=DONE, author=dana)
    receive_message(channel=channel, ts=ts(180), text="thanks!", author=contact)
    receive_message(channel=channel, ts=ts(7200), text="It happens again", author=contact, thread_ts=ts(0))

    conversation = Conversation.objects.get()
    changes = conversation.events.filter(kind=EventKind.STATUS_CHANGED).order_by("pk")
    assert [(e.data["from"], e.data["to"], e.by_rule, bool(e.reason)) for e in changes] == [
        ("todo", "in_progress", "reply_continues", True),
        ("in_progress", "closed", "reply_concludes", True),
        ("closed", "todo", "customer_wrote", True),
    ]
    assert conversation.first_response_at == at(60)
    assert conversation.message_count == 5


def test_an_app_without_a_person_speaks_by_its_name(channel: Channel) -> None:
    message = receive_message(channel=channel, ts=ts(0), text=QUESTION, author=None, author_name="Form\n" + "x" * 300)
    assert message.author_name.startswith("Form x")
    assert len(message.author_name) <= 120
    assert message.kind == MessageKind.INBOUND
    nameless = receive_message(channel=channel, ts=ts(1), text=QUESTION, author=None)
    assert nameless.author_name == "Someone"


# Awkward texts ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "text",
    ["x" * 1_000_000, "word " * 200_000, "\u202eevil\u202c \x1b[31m red", "🔥🔥", "", " \n ", "سلام، التصدير فارغ"],
    ids=["one long word", "a million characters", "turned around", "emoji", "empty", "blank", "right to left"],
)
def test_any_text_is_kept_whole_and_cut_on_the_card(channel: Channel, contact: Contact, text: str) -> None:
    message = receive_message(channel=channel, ts=ts(0), text=text, author=contact)
    message.refresh_from_db()
    assert message.text == text
    conversation = message.conversation
    assert len(conversation.title) <= 120
    assert len(conversation.last_message_text) <= 300
    for shown in (conversation.title, conversation.last_message_text):
        assert not set(shown) & set("\n\x1b\u202e\u202c")


def test_what_the_database_cannot_hold_is_left_out(channel: Channel, contact: Contact) -> None:
    message = receive_message(
        channel=channel, ts=ts(0), text="a\x00b\ud800", author=contact, author_name="N\x00ame",
        files=[{"name": "log\x00.txt"}],
    )  # fmt: skip
    message.refresh_from_db()
    assert (message.text, message.author_name, message.files) == ("ab\ufffd", "Name", [{"name": "log.txt"}])


def test_a_message_of_files_only_shows_their_names(channel: Channel, contact: Contact) -> None:
    files: list[dict[str, object]] = [{"name": "orders.csv"}, {"name": ""}]
    receive_message(channel=channel, ts=ts(0), text="", author=contact, files=files)
    conversation = Conversation.objects.get()
    assert (conversation.title, conversation.last_message_text) == ("orders.csv, file", "orders.csv, file")
    assert conversation.status == Status.TODO


@pytest.mark.parametrize("bad", ["", "soon", "nan", "-1", "1e300", "0" * 40])
def test_a_bad_time_stamp_stores_nothing(channel: Channel, contact: Contact, bad: str) -> None:
    with pytest.raises(ValueError, match=r"time stamp|float"):
        receive_messages(channel=channel, batch=[Incoming(ts(0), QUESTION, contact), Incoming(bad, QUESTION, contact)])
    assert not Message.objects.exists()


def test_a_time_stamp_is_read_to_the_microsecond() -> None:
    assert sent_at("1503435956.000247") == datetime(2017, 8, 22, 21, 5, 56, 247, UTC)


# Once ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_same_message_again_changes_nothing(channel: Channel, contact: Contact) -> None:
    first = receive_message(channel=channel, ts=ts(0), text=QUESTION, author=contact)
    before = Conversation.objects.values().get()
    again = receive_message(channel=channel, ts=ts(0), text="something else", author=contact)
    assert again == first
    assert Conversation.objects.values().get() == before
    assert Message.objects.get().text == QUESTION


def test_of_one_message_twice_in_a_batch_the_first_counts(channel: Channel, contact: Contact) -> None:
    batch = [Incoming(ts(0), "first", contact), Incoming(ts(9), QUESTION, contact), Incoming(ts(0), "second", contact)]
    first, _, second = receive_messages(channel=channel, batch=batch)
    assert first == second
    assert sorted(Message.objects.values_list("text", flat=True)) == sorted([QUESTION, "first"])


# Late, and a person in between ────────────────────────────────────────────────────────────────────────


def test_a_root_that_comes_after_its_replies_heads_their_conversation(channel: Channel, contact: Contact) -> None:
    for seconds in (60, 90):
        receive_message(channel=channel, ts=ts(seconds), text="more on this", author=contact, thread_ts=ts(0))
    receive_message(channel=channel, ts=ts(0), text=QUESTION, author=contact, thread_ts=ts(0))
    conversation = Conversation.objects.get()
    assert (conversation.title, conversation.opened_at, conversation.waiting_since) == (QUESTION, at(0), at(0))
    assert (conversation.last_message_text, conversation.message_count) == ("more on this", 3)
    assert Message.objects.get(ts=ts(0)).thread_ts is None


def test_a_greeting_is_the_title_until_the_customer_says_what_it_is_about(
    channel: Channel, contact: Contact, dana: User
) -> None:
    said: list[tuple[str, User | Contact]] = [
        ("Hi team 👋", contact),
        ("Hello! How can I help you today?", dana),
        ("Our invoices are empty", contact),
    ]
    titles = []
    for index, (text, author) in enumerate(said):
        message = receive_message(channel=channel, ts=ts(index * 60), text=text, author=author)
        titles.append(message.conversation.title)
    assert titles == ["Hi team 👋", "Hi team 👋", "Our invoices are empty"]
    receive_message(channel=channel, ts=ts(90), text="The export is empty too", author=contact)
    assert Conversation.objects.get().title == "The export is empty too", "it was said before, though it came later"


def test_a_late_question_before_our_reply_undoes_that_we_wrote_first(
    channel: Channel, contact: Contact, dana: User
) -> None:
    receive_message(channel=channel, ts=ts(60), text=LOOKING, author=dana, thread_ts=ts(0))
    assert Conversation.objects.get().status == Status.CLOSED
    receive_message(channel=channel, ts=ts(0), text=QUESTION, author=contact)
    conversation = Conversation.objects.get()
    assert (conversation.status, conversation.first_response_at, conversation.closed_at) == (
        "in_progress",
        at(60),
        None,
    )
    changes = conversation.events.filter(kind=EventKind.STATUS_CHANGED)
    assert [e.data["to"] for e in changes] == ["closed", "in_progress"]


def test_a_late_message_joins_what_was_open_when_it_was_said(channel: Channel, contact: Contact, dana: User) -> None:
    receive_message(channel=channel, ts=ts(0), text=QUESTION, author=contact)
    receive_message(channel=channel, ts=ts(600), text=DONE, author=dana)
    receive_message(channel=channel, ts=ts(300), text="It is the CSV one", author=contact)
    conversation = Conversation.objects.get()
    assert (conversation.status, conversation.closed_at, conversation.waiting_since) == ("closed", at(600), None)


def test_a_late_question_opens_what_was_said_shortly_after_it(channel: Channel, contact: Contact) -> None:
    receive_message(channel=channel, ts=ts(300), text="It is the CSV one", author=contact)
    late = receive_message(channel=channel, ts=ts(0), text=QUESTION, author=contact)
    conversation = Conversation.objects.get()
    assert (conversation.title, conversation.waiting_since, late.grouping_rule) == (QUESTION, at(0), "late")


def test_in_a_batch_too_a_late_message_is_placed_by_what_was_said_before_it(channel: Channel, contact: Contact) -> None:
    morning = receive_message(channel=channel, ts=ts(0), text=QUESTION, author=contact)
    receive_message(channel=channel, ts=ts(3 * HOUR), text=QUESTION, author=contact)
    batch = [Incoming(ts(seconds), "Hello?", contact) for seconds in (600, 9 * HOUR)]
    late, _ = receive_messages(channel=channel, batch=batch)
    assert late.conversation == morning.conversation


def test_a_correction_comes_last_in_the_timeline(channel: Channel, contact: Contact, dana: User) -> None:
    root = ts(0)
    for seconds, text, author in ((0, QUESTION, contact), (10, DONE, dana), (20, "It is back", contact)):
        receive_message(channel=channel, ts=ts(seconds), text=text, author=author, thread_ts=root)
    receive_message(channel=channel, ts=ts(15), text=LOOKING, author=dana, thread_ts=root)
    conversation = Conversation.objects.get()
    assert (conversation.status, conversation.waiting_since) == ("in_progress", at(20))
    changes = conversation.events.filter(kind=EventKind.STATUS_CHANGED)
    assert [event.data["to"] for event in changes] == ["closed", "todo", "in_progress"]


def test_a_persons_choice_stands_against_a_late_message(channel: Channel, contact: Contact, dana: User) -> None:
    receive_message(channel=channel, ts=ts(0), text=QUESTION, author=contact)
    receive_message(channel=channel, ts=ts(100), text="Hello?", author=contact, thread_ts=ts(0))
    Conversation.objects.get().close(by=dana)
    for text, author in (("And the PDF one?", contact), (LOOKING, dana)):
        receive_message(channel=channel, ts=cast.make_ts(at(50)), text=text, author=author, thread_ts=ts(0))
        conversation = Conversation.objects.get()
        assert (conversation.status, conversation.status_by_person) == (Status.CLOSED, True)
        assert (conversation.waiting_since, conversation.message_count > 2) == (None, True)
    assert conversation.events.filter(kind=EventKind.STATUS_CHANGED).count() == 1


def test_a_newer_message_may_change_what_a_person_chose(channel: Channel, contact: Contact, dana: User) -> None:
    """Newer than what the person saw, whatever the clocks say: here Slack's is far behind ours."""
    receive_message(channel=channel, ts=ts(0), text=QUESTION, author=contact)
    Conversation.objects.get().close(by=dana)
    receive_message(channel=channel, ts=ts(100), text="It is still empty", author=contact, thread_ts=ts(0))
    conversation = Conversation.objects.get()
    assert (conversation.status, conversation.status_by_person, conversation.waiting_since) == ("todo", False, at(100))
    happened = list(conversation.events.filter(kind=EventKind.STATUS_CHANGED).values_list("data__to", flat=True))
    assert happened == ["closed", "todo"]

    # What comes late, between the two, does not bring the choice back.
    receive_message(channel=channel, ts=ts(50), text="Hello?", author=contact, thread_ts=ts(0))
    conversation.refresh_from_db()
    assert (conversation.status, conversation.waiting_since) == ("todo", at(50))


def test_what_followed_a_persons_choice_still_stands_after_a_late_message(
    channel: Channel, contact: Contact, dana: User
) -> None:
    receive_message(channel=channel, ts=ts(100), text=QUESTION, author=contact, thread_ts=ts(0))
    conversation = Conversation.objects.get()
    conversation.start(by=dana)
    receive_message(channel=channel, ts=ts(200), text=DONE, author=dana, thread_ts=ts(0))
    receive_message(channel=channel, ts=ts(50), text="One more thing", author=contact, thread_ts=ts(0))
    conversation.refresh_from_db()
    assert (conversation.status, conversation.status_by_person, conversation.waiting_since) == ("closed", False, None)


# In no conversation, until somebody makes one ────────────────────────────────────────────────────────


def test_where_only_threads_count_a_message_waits_until_somebody_replies(
    channel: Channel, contact: Contact, dana: User
) -> None:
    Channel.objects.filter(pk=channel.pk).update(grouping=Grouping.THREADS)
    for seconds, text in ((0, QUESTION), (60, "Good morning")):
        receive_message(channel=channel, ts=ts(seconds), text=text, author=contact)
    unsorted = Conversation.objects.get()
    assert (unsorted.is_unsorted, unsorted.status, unsorted.waiting_since) == (True, Status.CLOSED, None)
    assert (unsorted.message_count, unsorted.last_message_text) == (2, "Good morning")
    assert not unsorted.events.exists()

    reply = receive_message(channel=channel, ts=ts(90), text=LOOKING, author=dana, thread_ts=ts(0))
    conversation = Conversation.objects.get(is_unsorted=False)
    assert [message.text for message in conversation.messages.all()] == [QUESTION, LOOKING]
    assert (conversation.title, conversation.status, conversation.opened_at) == (QUESTION, "in_progress", at(0))
    assert (conversation.first_response_at, conversation.message_count) == (at(90), 2)
    assert {message.grouping_reason for message in conversation.messages.all()} == {reply.grouping_reason}
    assert [event.kind for event in conversation.events.order_by("pk")] == [
        EventKind.OPENED, EventKind.MESSAGE_ADDED, EventKind.MESSAGE_ADDED, EventKind.STATUS_CHANGED,
    ]  # fmt: skip
    unsorted.refresh_from_db()
    assert (unsorted.message_count, unsorted.last_message_text) == (1, "Good morning")


def test_in_one_batch_a_root_and_its_reply_are_a_conversation(channel: Channel, contact: Contact, dana: User) -> None:
    Channel.objects.filter(pk=channel.pk).update(grouping=Grouping.THREADS)
    batch = [Incoming(ts(0), QUESTION, contact), Incoming(ts(90), LOOKING, dana, thread_ts=ts(0))]
    root, reply = receive_messages(channel=channel, batch=batch)
    assert root.conversation == reply.conversation
    assert Message.objects.filter(conversation__is_unsorted=True).count() == 0


def test_by_hand_nothing_is_a_conversation_until_somebody_makes_it_one(
    channel: Channel, contact: Contact, dana: User
) -> None:
    Channel.objects.filter(pk=channel.pk).update(grouping=Grouping.MANUAL)
    root = receive_message(channel=channel, ts=ts(0), text=QUESTION, author=contact)
    receive_message(channel=channel, ts=ts(60), text="It is the CSV one", author=contact, thread_ts=ts(0))
    receive_message(channel=channel, ts=ts(90), text="Good morning", author=contact)
    assert Conversation.objects.get().message_count == 3

    correction = split_off(messages=[root], by=dana)
    made = correction.target
    receive_message(channel=channel, ts=ts(120), text=LOOKING, author=dana, thread_ts=ts(0))
    made.refresh_from_db()
    assert (made.title, made.status, made.message_count) == (QUESTION, "in_progress", 3)
    unsorted = Conversation.objects.get(is_unsorted=True)
    assert (unsorted.message_count, unsorted.last_message_text, unsorted.merged_into) == (1, "Good morning", None)

    undo(correction=correction, by=dana)
    unsorted.refresh_from_db()
    assert (unsorted.message_count, unsorted.status) == (4, Status.CLOSED)


def test_where_every_message_is_its_own_only_threads_go_together(channel: Channel, contact: Contact) -> None:
    Channel.objects.filter(pk=channel.pk).update(grouping=Grouping.EACH_MESSAGE)
    for seconds, thread in ((0, None), (1, None), (2, ts(0))):
        receive_message(channel=channel, ts=ts(seconds), text="and the CSV one", author=contact, thread_ts=thread)
    assert sorted(Conversation.objects.values_list("message_count", flat=True)) == [1, 2]


# Cost ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("mode", [Grouping.QUIET_PERIOD, Grouping.THREADS])
def test_the_number_of_queries_does_not_grow_with_the_batch(
    channel: Channel, contact: Contact, dana: User, mode: Grouping
) -> None:
    Channel.objects.filter(pk=channel.pk).update(grouping=mode)
    receive_message(channel=channel, ts=ts(0), text=QUESTION, author=contact)
    asked = {size: [size * 100 * DAY + i * 5 * HOUR for i in range(size)] for size in (2, 40)}
    bundles: dict[str, Callable[[float], Incoming]] = {
        "new": lambda at: Incoming(ts(at), QUESTION, contact),
        "replies": lambda at: Incoming(ts(at + 60), LOOKING, dana, thread_ts=ts(at)),
        "late": lambda at: Incoming(ts(at + 30), "Hello?", contact, thread_ts=ts(at)),
        "answers": lambda at: Incoming(ts(at + 2 * HOUR), DONE, dana),
    }
    for what, bundle in bundles.items():
        few, many = (_queries(channel, [bundle(at) for at in times]) for times in asked.values())
        assert len(few) == len(many), "\n".join([what, *few, "", *many])
        assert len(few) <= (13 if mode == Grouping.QUIET_PERIOD else 18)


def _queries(channel: Channel, batch: Sequence[Incoming]) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        receive_messages(channel=channel, batch=batch)
    return [query["sql"][:120] for query in captured if "SAVEPOINT" not in query["sql"]]


# Any order, any bundles ───────────────────────────────────────────────────────────────────────────────

TEXTS = ["Morning!", QUESTION, LOOKING, DONE, "thanks!", "```select 1```", "And the PDF one?", ""]
lines = st.lists(
    st.tuples(
        st.sampled_from([1, 20, 300, 2000, 5000, 2 * DAY]),
        st.sampled_from(["hank", "mindy", "dana"]),
        st.sampled_from(TEXTS),
        st.none() | st.integers(0, 6),
    ),
    min_size=1,
    max_size=9,
)
few = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture
def speakers(workspace: Workspace, account: Account, dana: User) -> dict[str, User | Contact]:
    return {
        "dana": dana,
        "hank": cast.make_contact(workspace=workspace, account=account),
        "mindy": cast.make_contact(workspace=workspace, account=account, name="Mindy"),
    }


@few
@given(drawn=lines, random=st.randoms(use_true_random=False))
def test_a_batch_is_the_same_as_one_by_one(
    channel: Channel, speakers: dict[str, User | Contact], drawn: list[Line], random: Random
) -> None:
    """Also where some of it, earlier and later, was known before."""
    history = _history(drawn, speakers)
    known = [[one] for one in history if random.random() < 0.3]
    fresh = [one for one in history if [one] not in known]
    cuts = sorted(random.sample(range(len(fresh) + 1), min(2, len(fresh))))
    bundles = [fresh[a:b] for a, b in zip([0, *cuts], [*cuts, len(fresh)], strict=True)]
    one_by_one = _after(channel, [*known, *([one] for one in fresh)])
    assert one_by_one == _after(channel, [*known, fresh]) == _after(channel, [*known, *bundles])


@few
@given(drawn=lines, random=st.randoms(use_true_random=False))
def test_in_any_order_nothing_is_lost_and_each_conversation_stands_as_its_messages_say(
    channel: Channel, speakers: dict[str, User | Contact], drawn: list[Line], random: Random
) -> None:
    history = _history(drawn, speakers)
    shuffled = [*history, *random.choices(history, k=2)]  # some twice
    random.shuffle(shuffled)
    cut = random.randint(0, len(shuffled))
    with _undone():
        for bundle in (shuffled[:cut], *([one] for one in shuffled[cut:])):
            receive_messages(channel=channel, batch=bundle)
        assert sorted(str(message.ts) for message in Message.objects.all()) == sorted(one.ts for one in history)
        homes = dict(Message.objects.values_list("ts", "conversation_id"))
        for one in history:
            if one.thread_ts:
                assert homes[one.ts] == homes[one.thread_ts], "a thread is one conversation, its root included"
        for conversation in Conversation.objects.all():
            _assert_stands_as_its_messages_say(conversation)


@few
@given(drawn=lines, random=st.randoms(use_true_random=False))
def test_threads_come_out_the_same_in_any_order(
    channel: Channel, speakers: dict[str, User | Contact], drawn: list[Line], random: Random
) -> None:
    """Roots lie so far apart that none of them belongs to another."""
    history = []
    for index, (gap, who, text, root) in enumerate(drawn):
        place = (root or 0) % 3
        history.append(
            Incoming(
                ts(place * 30 * DAY + index * 2_000 + gap % 1999 + 1), text, speakers[who], "", ts(place * 30 * DAY)
            )
        )
    history += [Incoming(ts(place * 30 * DAY), QUESTION, speakers["hank"]) for place in range(3)]
    history.sort(key=lambda one: one.sent_at)
    shuffled = list(history)
    random.shuffle(shuffled)
    assert _after(channel, [[one] for one in shuffled]) == _after(channel, [history])


def _history(drawn: list[Line], speakers: dict[str, User | Contact]) -> list[Incoming]:
    """In order of time; a thread's root is an earlier line outside threads."""
    history: list[Incoming] = []
    clock = 0
    for gap, who, text, root in drawn:
        clock += gap
        roots = [one.ts for one in history if one.thread_ts is None]
        thread = roots[root % len(roots)] if root is not None and roots else None
        history.append(Incoming(ts(clock), text, speakers[who], "", thread))
    return history


def _after(channel: Channel, bundles: Sequence[Sequence[Incoming]]) -> Picture:
    """What is there after these bundles came, by the messages of each conversation; nothing stays of it."""
    with _undone():
        for bundle in bundles:
            receive_messages(channel=channel, batch=bundle)
        return {
            frozenset(str(message.ts) for message in one.messages.all()): (
                one.title, one.status, one.status_changed_at, one.opened_at, one.closed_at, one.waiting_since,
                one.first_response_at, one.message_count, one.last_message_at, one.last_message_text,
                one.last_message_author, one.last_message_inbound,
            )
            for one in Conversation.objects.all()
        }  # fmt: skip


@contextmanager
def _undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _assert_stands_as_its_messages_say(conversation: Conversation) -> None:
    messages = list(conversation.messages.all())
    said = [Said(m.sent_at, m.kind == MessageKind.INBOUND, m.text) for m in messages]
    standing, _ = fold(said)
    assert conversation.standing == standing
    first, last = messages[0], messages[-1]
    assert (conversation.message_count, conversation.opened_at) == (len(messages), first.sent_at)
    telling = [m for m in messages if m.kind == MessageKind.INBOUND and m.is_telling]
    assert conversation.title == title_of((telling or messages)[0].text)
    assert conversation.titled_at == (telling[0].sent_at if telling else None)
    assert (conversation.last_message_at, conversation.last_message_author) == (last.sent_at, last.author_name)
    assert conversation.closed_at == (standing.changed_at if standing.status == Status.CLOSED else None)
    recorded = conversation.events.filter(kind=EventKind.STATUS_CHANGED).last()
    assert conversation.status == (recorded.data["to"] if recorded else Status.TODO)
