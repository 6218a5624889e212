"""What is counted follows what happens, whatever happens."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from io import StringIO
from threading import Thread

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from accounts.models import Channel, Contact, User, Workspace
from conversations.analytics.counting import count_anew
from conversations.announce import announce
from conversations.corrections import merge, undo
from conversations.models import Conversation, Fact, Message, Tally, Uncounted
from conversations.services import delete_message
from tests import cast
from triage.models import Calendar, ResponseTarget
from triage.reckoning import count_all
from triage.tasks import count_figures

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 11, 2, 9, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ASKS = "The export is empty since this morning, can you have a look?"
DONE = "This is fixed now, please try again."


@pytest.fixture
def asked(channel: Channel, contact: Contact) -> Message:
    return cast.say(ASKS, channel=channel, by=contact, at=MONDAY)


@pytest.fixture
def answered(asked: Message, channel: Channel, dana: User) -> Message:
    """After an hour; with that it is closed."""
    return cast.say(DONE, channel=channel, by=dana, at=MONDAY + HOUR, thread_ts=asked.ts)


def kinds() -> Counter[str]:
    count_all()
    return Counter(Fact.objects.values_list("kind", flat=True))


def fact(kind: str) -> Fact:
    count_all()
    return Fact.objects.get(kind=kind)


def test_a_message_of_long_ago_changes_the_day_it_was_sent(answered: Message, channel: Channel, dana: User) -> None:
    assert fact("first_response").value == 3600
    late = cast.say("Looking into it.", channel=channel, by=dana, at=MONDAY + 5 * MINUTE, thread_ts=answered.thread_ts)
    assert late.conversation == answered.conversation
    assert fact("first_response").value == 300
    assert fact("touches").value == 2


def test_what_was_deleted_had_been_said(answered: Message, channel: Channel) -> None:
    before = kinds()
    delete_message(channel=channel, ts=str(answered.ts), deleted_at=MONDAY + 2 * HOUR)
    assert kinds() == before


def test_of_a_deleted_conversation_nothing_is_left(asked: Message) -> None:
    assert kinds()["new"] == 1
    asked.events.all().delete()
    asked.delete()
    Conversation.objects.get().delete()
    assert not kinds()
    assert not Tally.objects.exists()


def test_thanks_alone_was_never_open(channel: Channel, contact: Contact) -> None:
    cast.say("Thanks a lot!", channel=channel, by=contact, at=MONDAY)
    assert kinds() == {"new": 1, "auto_change": 1}


def test_another_time_zone_or_calendar_counts_everything_anew(answered: Message, workspace: Workspace) -> None:
    assert (fact("closed").hour, fact("closed").working) == (10, 3600)
    Workspace.objects.update(time_zone="Asia/Kolkata")
    assert (fact("closed").hour, str(fact("closed").day)) == (15, "2026-11-02")
    Calendar.objects.create(workspace=workspace, name="Ours", hours={"0": [["09:30", "17:00"]]})
    assert (fact("closed").value, fact("closed").working) == (3600, 1800)
    Calendar.objects.update(holidays={"2026-11-02": "Founding day"})
    assert (fact("closed").value, fact("closed").working) == (3600, 0)


def test_a_correction_that_is_taken_back_leaves_no_trace(
    asked: Message, channel: Channel, contact: Contact, dana: User
) -> None:
    other = cast.say("Can we add five seats?", channel=channel, by=contact, at=MONDAY + 30 * HOUR).conversation
    correction = merge(source=other, target=asked.conversation, by=dana)
    assert kinds()["correction"] == 1
    undo(correction=correction, by=dana)
    assert kinds()["correction"] == 0


def test_what_was_not_to_be_seen_yet_comes_after_a_persons_change(
    asked: Message, channel: Channel, contact: Contact, dana: User
) -> None:
    asked.conversation.close(by=dana)  # knowing the question alone
    late = cast.say("Is anybody there?", channel=channel, by=contact, at=MONDAY + HOUR, thread_ts=asked.ts)
    cast.say(DONE, channel=channel, by=dana, at=MONDAY + 3 * HOUR, thread_ts=late.thread_ts)
    assert fact("unanswered").began_at == asked.sent_at
    assert fact("first_response").began_at == late.sent_at


def test_a_target_changed_later_changes_nothing_that_was_judged(answered: Message, workspace: Workspace) -> None:
    target = ResponseTarget.objects.create(workspace=workspace, minutes=90)
    assert kinds()["target_met"] == 1
    target.minutes = 30
    target.save()
    announce(workspace.pk, [answered.conversation_id])
    count_anew(workspace)
    assert kinds()["target_met"] == 1
    Fact.objects.all().delete()
    count_anew(workspace)
    assert kinds()["target_missed"] == 1


def test_sample_conversations_are_apart(workspace: Workspace, answered: Message, contact: Contact, dana: User) -> None:
    sample = cast.make_channel(workspace=workspace, owner=dana, is_sample=True)
    cast.say(ASKS, channel=sample, by=contact, at=MONDAY)
    assert kinds()["new"] == 2
    assert Tally.objects.get(slice="all", day=MONDAY.date(), span="day").figures["new"]["n"] == 1


def test_a_change_that_commits_late_is_counted(transactional_db: None) -> None:
    """Though a later one, with a higher id, was counted before it."""
    workspace = cast.make_workspace()
    contact, dana = cast.make_contact(workspace=workspace), cast.make_teammate(workspace=workspace)
    for _ in range(2):
        cast.say(ASKS, channel=cast.make_channel(workspace=workspace), by=contact, at=MONDAY)
    first, second = Conversation.objects.order_by("pk")
    with transaction.atomic():
        first.tag(["first"], by=dana)
        other = Thread(target=_elsewhere, args=[second, dana])
        other.start()
        other.join(timeout=20)
    assert set(tags()) == {("second",), ("first",)}


def _elsewhere(conversation: Conversation, by: User) -> None:
    conversation.tag(["second"], by=by)
    assert set(tags()) == {("second",), ()}
    connection.close()


def tags() -> list[tuple[str, ...]]:
    count_all()
    return [tuple(tags) for tags in Fact.objects.filter(kind="new").values_list("tags", flat=True)]


def test_the_task_counts(answered: Message) -> None:
    count_figures()
    assert Fact.objects.filter(kind="closed").exists()
    assert not Uncounted.objects.exists()


def test_check_names_what_differs_and_rebuild_puts_it_right(answered: Message, workspace: Workspace) -> None:
    count_all()
    assert "What was counted is what happened." in run("check")
    Fact.objects.filter(kind="closed").delete()
    tally = Tally.objects.get(slice="all")
    tally.figures["new"]["n"] = 7
    tally.save()
    seen = StringIO()
    with pytest.raises(CommandError, match="differences"):
        call_command("analytics", "check", stdout=seen)
    assert "Acme: #1: missing: closed on 2026-11-02" in seen.getvalue()
    assert "2026-11-02, all : the tally is not the sum of its facts" in seen.getvalue()
    assert "1 conversations to count" in run("rebuild")
    assert "What was counted is what happened." in run("check")


def test_from_a_day_on_only_what_was_alive_is_counted_anew(answered: Message) -> None:
    count_all()
    assert "0 conversations to count" in run("rebuild", "--from", "2026-11-04")


def run(*words: str) -> str:
    seen = StringIO()
    call_command("analytics", *words, stdout=seen)
    return seen.getvalue()
