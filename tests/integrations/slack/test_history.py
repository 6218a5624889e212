"""A channel's past: read in pieces, handed over in order, once, beside what is said meanwhile."""

from __future__ import annotations

import json
import random
import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from accounts.models import Channel, ChannelKind, Grouping, User
from conversations.models import Conversation, ConversationEvent, EventKind, Message
from conversations.services import receive_messages
from conversations.status import Status
from integrations.models import Delivery, HistoryReading, Installation, ReadingState
from integrations.outbox import publish
from integrations.slack import history
from integrations.slack.history import begin_reading, work
from integrations.slack.inbox import drain
from tests import cast
from tests.integrations.slack.envelopes import Json, envelope, keep
from tests.sandbox_process import SandboxProcess

GLOBEX = "C0EXTGLOBX"
MIA, DANA = "U0MIA00001", "U0DANA0001"


@pytest.fixture
def globex(acme: Installation, sandbox: SandboxProcess) -> Channel:
    """#ext-globex, which we have just been invited to. Slack counts no call of the tests before."""
    cache.clear()
    sandbox.api("invite", channel=GLOBEX, user="app", by=DANA)
    workspace = acme.workspace
    owner = User.objects.get(external_id=DANA)
    account = cast.make_account(workspace=workspace, external_team_id="T0GLOBEX1", owner=owner)
    return cast.make_channel(
        workspace=workspace, account=account, owner=owner, name="ext-globex", external_id=GLOBEX,
        external_team_id=acme.external_id, joined_at=timezone.now(), details_read_at=timezone.now(),
        grouping=Grouping.QUIET_PERIOD,
    )  # fmt: skip


def ago(**parts: float) -> float:
    return (timezone.now() - timedelta(**parts)).timestamp()


def begin(channel: Channel, *, days: float = 90, **more: Any) -> HistoryReading:
    now = timezone.now()
    return begin_reading(channel=channel, oldest=now - timedelta(days=days), latest=now, **more)


def read(reading: HistoryReading) -> HistoryReading:
    assert work(seconds=60)
    reading.refresh_from_db()
    return reading


def now_due(reading: HistoryReading) -> None:
    """As if its time had come."""
    HistoryReading.objects.filter(pk=reading.pk).update(next_attempt_at=timezone.now())


def calls(sandbox: SandboxProcess, method: str) -> list[Json]:
    return [call for call in sandbox.log()["calls"] if call["method"] == method]


def texts() -> list[str]:
    return list(Message.objects.order_by("sent_at").values_list("text", flat=True))


def test_the_past_is_brought_in_with_its_threads_and_last_wordings(globex: Channel, sandbox: SandboxProcess) -> None:
    before = sandbox.post_message(GLOBEX, MIA, "Long before", ts=ago(days=100))
    asked = sandbox.post_message(GLOBEX, MIA, "The export is empty", ts=ago(days=40))
    sandbox.post_message(GLOBEX, DANA, "Taking a look", thread_ts=asked, ts=ago(days=40, minutes=-5))
    sandbox.post_message(GLOBEX, DANA, "Fixed, I jsut confirmed it", thread_ts=asked, ts=ago(days=39))
    typo = sandbox.messages(GLOBEX, thread_ts=asked)[-1]["ts"]
    sandbox.api("edit", channel=GLOBEX, **{"as": DANA}, message_ts=typo, text="Fixed, I just confirmed it")
    gone = sandbox.post_message(GLOBEX, MIA, "Wrong channel", ts=ago(days=30))
    sandbox.api("delete", channel=GLOBEX, **{"as": MIA}, message_ts=gone)
    rooted = sandbox.post_message(GLOBEX, MIA, "A root that goes", ts=ago(days=20))
    sandbox.post_message(GLOBEX, MIA, "A reply that stays", thread_ts=rooted, ts=ago(days=20, minutes=-1))
    sandbox.api("delete", channel=GLOBEX, **{"as": MIA}, message_ts=rooted)

    reading = read(begin(globex))
    assert (reading.state, reading.percent, reading.error) == (ReadingState.DONE, 100, "")
    assert texts() == ["The export is empty", "Taking a look", "Fixed, I just confirmed it", "A reply that stays"]
    assert (reading.messages_seen, reading.messages_new) == (4, 4)
    assert Message.objects.get(ts=typo).edited_at
    assert not Message.objects.filter(ts=before).exists()
    conversation = Message.objects.get(ts=asked).conversation
    assert conversation.status == Status.CLOSED
    assert conversation.owner == globex.owner
    assert set(Message.objects.filter(ts=asked).values_list("author_contact__name", flat=True)) == {"Mia Tanaka"}

    again = read(begin(globex))
    assert (again.messages_seen, again.messages_new) == (4, 0)
    assert Message.objects.count() == 4


def test_old_conversations_are_closed_and_nobody_is_told(globex: Channel, sandbox: SandboxProcess) -> None:
    unanswered = sandbox.post_message(GLOBEX, MIA, "Nobody ever answered this?", ts=ago(days=60))
    answered = sandbox.post_message(GLOBEX, MIA, "Is there a limit?", ts=ago(days=50))
    sandbox.post_message(GLOBEX, DANA, "No, there is none.", thread_ts=answered, ts=ago(days=50, minutes=-9))
    taken = sandbox.post_message(GLOBEX, MIA, "It fails again", ts=ago(days=45))
    sandbox.post_message(GLOBEX, DANA, "Taking a look", thread_ts=taken, ts=ago(days=45, minutes=-9))
    recent = sandbox.post_message(GLOBEX, MIA, "Could you check our invoice?", ts=ago(days=3))

    read(begin(globex))
    while publish():
        pass
    of = {str(m.ts): m.conversation for m in Message.objects.select_related("conversation")}
    assert Conversation.objects.count() == 4
    assert {of[ts].status for ts in (unanswered, answered, taken)} == {Status.CLOSED}
    assert of[unanswered].waiting_since is None
    assert of[unanswered].closed_at == of[unanswered].last_message_at
    why = ConversationEvent.objects.get(conversation=of[taken], kind=EventKind.STATUS_CHANGED, by_rule="history")
    assert why.reason == "From the channel’s past"
    # What was said lately is as if it had been heard live.
    assert of[recent].status == Status.TODO
    assert [delivery.conversation for delivery in Delivery.objects.all()] == [of[recent]]


def test_how_long_quiet_is_old_can_be_chosen(globex: Channel, sandbox: SandboxProcess) -> None:
    sandbox.post_message(GLOBEX, MIA, "Nobody ever answered this?", ts=ago(days=60))
    read(begin(globex, quiet_days=70))
    assert Conversation.objects.get().status == Status.TODO


def test_a_conversation_from_the_past_opens_when_the_customer_writes_again(
    globex: Channel, sandbox: SandboxProcess
) -> None:
    asked = sandbox.post_message(GLOBEX, MIA, "Nobody ever answered this?", ts=ago(days=60))
    read(begin(globex))
    contact = Message.objects.get().author_contact
    cast.say("Any news about this?", channel=globex, by=contact, thread_ts=asked)
    assert Conversation.objects.get().status == Status.TODO


def test_windows_follow_one_another_however_much_is_in_them(
    globex: Channel, sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More in a day than a window takes: it is narrowed, and nothing is lost or out of order."""
    said = [sandbox.post_message(GLOBEX, MIA, f"Number {n}", ts=ago(days=3, minutes=-n * 50)) for n in range(80)]
    sandbox.api("misbehave", history_page=10)
    taken: list[list[str]] = []
    receive = receive_messages

    def noted(**given: Any) -> list[Message]:
        taken.append([one.ts for one in given["batch"]])
        return receive(**given)

    monkeypatch.setattr(history, "receive_messages", noted)
    reading = read(begin(globex, days=4))
    assert reading.messages_new == 80
    assert [ts for batch in taken for ts in batch] == said
    assert max(map(len, taken)) < 40


def test_a_message_at_a_windows_edge_is_in_one_of_them(globex: Channel, sandbox: SandboxProcess) -> None:
    oldest = timezone.now().replace(microsecond=0) - timedelta(days=10)
    edges = [oldest + timedelta(days=days) for days in (0, 1, 3, 7)]  # each window is twice as long as the one before
    said = [sandbox.post_message(GLOBEX, MIA, "On the second", ts=at.timestamp()) for at in edges]
    read(begin_reading(channel=globex, oldest=oldest, latest=timezone.now()))
    assert sorted(map(str, Message.objects.values_list("ts", flat=True))) == said
    assert [float(call["args"]["oldest"]) for call in calls(sandbox, "conversations.history")] == [
        at.timestamp() - 0.000001 for at in edges
    ]


def test_a_dead_workers_reading_goes_on_where_it_was(globex: Channel, sandbox: SandboxProcess) -> None:
    for day in range(30, 0, -1):
        sandbox.post_message(GLOBEX, MIA, f"Day {day}", ts=ago(days=day))
    reading = begin(globex, days=31)
    worker = history._Reader(history._claim(None) or reading)
    while not worker.reading.messages_new:
        worker._step()
        worker.reading.refresh_from_db(fields=["messages_new", "reached"])
    reached = worker.reading.reached
    assert not history._claim(None)  # the dead worker's, for a while

    HistoryReading.objects.update(next_attempt_at=timezone.now() - history.LEASE)
    asked = len(calls(sandbox, "conversations.history"))
    read(reading)
    assert (reading.state, reading.messages_seen, reading.messages_new) == (ReadingState.DONE, 30, 30)
    oldest = [float(call["args"]["oldest"]) for call in calls(sandbox, "conversations.history")[asked:]]
    assert min(oldest) >= float(reached) - 0.001
    # Had it only been slow, it could keep nothing any more.
    with pytest.raises(history._TakenOver):
        worker._save(messages_new=99)


def test_a_refused_call_puts_the_reading_off(globex: Channel, sandbox: SandboxProcess) -> None:
    sandbox.post_message(GLOBEX, MIA, "The export is empty", ts=ago(days=2))
    limited = {"method": "conversations.history", "fault": "rate_limited", "retry_after_seconds": 30, "times": 1}
    broken = {"method": "conversations.history", "fault": "server_error", "times": 1}
    sandbox.api("misbehave", calls=[broken, limited])
    reading = read(begin(globex))
    assert (reading.state, reading.attempts) == (ReadingState.WAITING, 1)
    now_due(reading)
    read(reading)
    assert (reading.state, reading.error, reading.attempts) == (ReadingState.WAITING, "ratelimited", 1)
    assert timedelta(seconds=25) < reading.next_attempt_at - timezone.now() <= timedelta(seconds=30)
    cache.clear()
    now_due(reading)
    assert read(reading).state == ReadingState.DONE
    assert (reading.error, reading.messages_new) == ("", 1)


def test_a_channel_that_cannot_be_read_is_given_up_and_taken_up_again(globex: Channel, sandbox: SandboxProcess) -> None:
    sandbox.api("leave", channel=GLOBEX, user="app")
    reading = read(begin(globex))
    assert reading.state == ReadingState.FAILED
    assert "invite it" in reading.explanation
    sandbox.api("invite", channel=GLOBEX, user="app", by=DANA)
    reading.resume(by=None)
    assert read(reading).state == ReadingState.DONE


def test_stopped_and_gone_on(globex: Channel, sandbox: SandboxProcess) -> None:
    sandbox.post_message(GLOBEX, MIA, "The export is empty", ts=ago(days=2))
    reading = begin(globex)
    claimed = history._claim(None)
    assert claimed
    worker = history._Reader(claimed)
    reading.stop(by=None)
    worker.run(until=time.monotonic() + 60)
    assert read(reading).state == ReadingState.STOPPED
    assert not Message.objects.exists()
    other = begin(globex)
    with pytest.raises(ValidationError, match="being read already"):
        reading.resume(by=None)
    other.stop(by=None)
    reading.resume(by=None)
    assert read(reading).messages_new == 1


def test_a_capped_app_gets_fifteen_a_minute(globex: Channel, sandbox: SandboxProcess) -> None:
    said = [sandbox.post_message(GLOBEX, MIA, f"Number {n}", ts=ago(minutes=40 - n)) for n in range(20)]
    sandbox.api("misbehave", history_page=15)
    reading = read(begin(globex, days=0.5))
    assert (reading.state, reading.error) == (ReadingState.WAITING, "capped")
    assert timedelta(seconds=50) < reading.next_attempt_at - timezone.now() <= timedelta(seconds=60)
    assert Installation.objects.get().history_capped_at
    assert [call["args"]["limit"] for call in calls(sandbox, "conversations.history")] == ["200"]
    # Not even another reading may ask within the minute.
    now_due(reading)
    assert read(reading).state == ReadingState.WAITING
    cache.clear()
    now_due(reading)
    assert read(reading).state == ReadingState.DONE
    assert [call["args"]["limit"] for call in calls(sandbox, "conversations.history")] == ["200", "15"]
    assert sorted(map(str, Message.objects.values_list("ts", flat=True))) == said


@pytest.mark.django_db(transaction=True)
def test_live_events_that_come_meanwhile_make_nothing_twice(globex: Channel, sandbox: SandboxProcess) -> None:
    """The same messages on both ways at once, the live ones in any order."""
    said: list[str] = []
    for n in range(60):
        thread = {"thread_ts": said[-1]} if n % 3 == 2 else {}
        said.append(sandbox.post_message(GLOBEX, [MIA, DANA][n % 2], f"Number {n}", ts=ago(hours=30 - n / 3), **thread))
    for ts in said[::10]:
        sandbox.api("edit", channel=GLOBEX, **{"as": MIA}, message_ts=ts, text="As it was meant")
    events = [json.loads(delivery["body"]) for delivery in sandbox.settle()["deliveries"]]
    live = [envelope(one["event"], team=globex.external_team_id) for one in events if one["event"]["type"] == "message"]
    random.Random(3).shuffle(live)  # noqa: S311 - only has to be mixed
    sandbox.api("misbehave", history_page=4)
    reading = begin(globex, days=2)

    def read_in_a_thread() -> None:
        work(seconds=60)
        connection.close()

    reader = threading.Thread(target=read_in_a_thread)
    reader.start()
    for start in range(0, len(live), 7):
        keep(*live[start : start + 7])
        drain()
    reader.join()

    reading.refresh_from_db()
    assert (reading.state, reading.messages_seen) == (ReadingState.DONE, 60)
    stored = list(Message.objects.order_by("sent_at").values_list("ts", "text"))
    texts = {ts: "As it was meant" if n % 10 == 0 else f"Number {n}" for n, ts in enumerate(said)}
    assert stored == list(texts.items())
    added = ConversationEvent.objects.filter(kind=EventKind.MESSAGE_ADDED)
    assert added.count() == added.values("message").distinct().count() == 60
    # A thread is one conversation, whoever brought its messages.
    roots = Message.objects.exclude(thread_ts=None).values_list("thread_ts", "conversation")
    assert len(set(roots)) == len({root for root, _ in roots})


def test_what_cannot_be_read_is_refused(globex: Channel) -> None:
    begin(globex)
    with pytest.raises(ValidationError, match="being read already"):
        begin(globex)
    with pytest.raises(ValidationError, match="must come before"):
        begin(globex, days=-1)
    triage = cast.make_channel(workspace=globex.workspace, kind=ChannelKind.TRIAGE, external_team_id="")
    with pytest.raises(ValidationError, match="not a customer’s"):
        begin(triage)
    elsewhere = cast.make_channel(workspace=globex.workspace, external_team_id="T0OTHER99")
    with pytest.raises(ValidationError, match="not connected"):
        begin(elsewhere)
