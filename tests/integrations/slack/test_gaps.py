"""What got lost on the way is found by comparing with Slack. Here the sandbox's events reach nobody: all are lost."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Channel
from conversations.models import Message
from integrations.models import HistoryReading, InboundEvent, Installation, Provider, ReadingState
from integrations.slack import gaps
from integrations.slack.gaps import plan
from integrations.slack.history import begin_reading, work
from tests import cast
from tests.integrations.slack.test_history import DANA, GLOBEX, MIA, ago, calls, globex
from tests.sandbox_process import SandboxProcess

__all__ = ["globex"]


@pytest.fixture
def joined(globex: Channel) -> Channel:
    """We have been in #ext-globex for a month."""
    globex.joined_at = timezone.now() - timedelta(days=30)
    globex.save(update_fields=["joined_at"])
    return globex


def known(channel: Channel, *, days: float) -> None:
    """Bring in what there is by now."""
    now = timezone.now()
    begin_reading(channel=channel, oldest=now - timedelta(days=days), latest=now)
    assert work(seconds=60)
    HistoryReading.objects.all().delete()


def check(channel: Channel) -> HistoryReading:
    """What a check of the channel finds."""
    reading = gaps.begin(Installation.objects.get(), channel)
    assert reading
    assert work(seconds=60)
    reading.refresh_from_db()
    assert reading.state == ReadingState.DONE
    return reading


def found(reading: HistoryReading) -> tuple[int, int, int]:
    return reading.messages_new, reading.edits_found, reading.deletions_found


def checked(*channels: Channel, at: datetime) -> None:
    """As if the last check of each had been begun then."""
    for channel in channels:
        HistoryReading.objects.create(
            workspace=channel.workspace, installation=Installation.objects.get(), channel=channel, is_check=True,
            state=ReadingState.DONE, oldest="1.0", latest=f"{at.timestamp():.6f}", created_at=at,
        )  # fmt: skip


def heard(at: datetime) -> None:
    """As if Slack's last event had come then."""
    event = InboundEvent.objects.create(
        provider=Provider.SLACK, external_id=f"Ev{at}", kind="message", lane="", body=""
    )
    InboundEvent.objects.filter(pk=event.pk).update(received_at=at, processed_at=at)


def test_holes_edits_and_deletions_are_found(joined: Channel, sandbox: SandboxProcess) -> None:
    sandbox.post_message(GLOBEX, MIA, "Hello", ts=ago(hours=20))
    asked = sandbox.post_message(GLOBEX, MIA, "The export is emtpy", ts=ago(hours=9))
    wrong = sandbox.post_message(GLOBEX, MIA, "Wrong channel", ts=ago(hours=8))
    reply = sandbox.post_message(GLOBEX, DANA, "Taking a look", thread_ts=asked, ts=ago(hours=7))
    slip = sandbox.post_message(GLOBEX, DANA, "Not here", thread_ts=asked, ts=ago(hours=6))
    alone = sandbox.post_message(GLOBEX, MIA, "One more thing", ts=ago(hours=5))
    only = sandbox.post_message(GLOBEX, DANA, "The only reply", thread_ts=alone, ts=ago(hours=4))
    rooted = sandbox.post_message(GLOBEX, MIA, "A root that goes", ts=ago(hours=4))
    stays = sandbox.post_message(GLOBEX, MIA, "A reply that stays", thread_ts=rooted, ts=ago(hours=3))
    known(joined, days=2)
    assert found(check(joined)) == (0, 0, 0)

    sandbox.api("edit", channel=GLOBEX, **{"as": MIA}, message_ts=asked, text="The export is empty")
    sandbox.api("edit", channel=GLOBEX, **{"as": DANA}, message_ts=reply, text="Taking a look now")
    for who, ts in [(MIA, wrong), (DANA, slip), (DANA, only), (MIA, rooted)]:
        sandbox.api("delete", channel=GLOBEX, **{"as": who}, message_ts=ts)
    missed = sandbox.post_message(GLOBEX, MIA, "Is anybody there?", ts=ago(hours=2))
    answer = sandbox.post_message(GLOBEX, DANA, "Yes", thread_ts=missed, ts=ago(hours=1.9))
    sandbox.post_message(GLOBEX, MIA, "This second’s event is still on its way")
    HistoryReading.objects.all().delete()

    reading = check(joined)
    assert found(reading) == (2, 2, 4)
    by_ts = {str(message.ts): message for message in Message.objects.all()}
    assert by_ts[missed].conversation == by_ts[answer].conversation
    assert by_ts[asked].text == "The export is empty"
    assert by_ts[reply].text == "Taking a look now"
    assert {ts for ts, message in by_ts.items() if message.deleted_at} == {wrong, slip, only, rooted}
    assert stays in by_ts
    assert found(check(joined)) == (0, 0, 0)


def test_a_missed_reply_in_an_older_thread_is_found(joined: Channel, sandbox: SandboxProcess) -> None:
    asked = sandbox.post_message(GLOBEX, MIA, "The export is empty", ts=ago(days=5))
    known(joined, days=6)
    assert found(check(joined)) == (0, 0, 0)
    sandbox.post_message(GLOBEX, MIA, "Any news?", thread_ts=asked, ts=ago(minutes=5))
    assert found(check(joined)) == (1, 0, 0)
    assert Message.objects.get(text="Any news?").conversation == Message.objects.get(ts=asked).conversation


def test_what_slack_stopped_keeping_was_not_deleted(joined: Channel, sandbox: SandboxProcess) -> None:
    contact = cast.make_contact(workspace=joined.workspace)
    kept = cast.say("Said before Slack’s retention ended", channel=joined, by=contact, ago=timedelta(hours=9))
    Message.objects.update(created_at=timezone.now() - timedelta(hours=9))
    sandbox.post_message(GLOBEX, MIA, "Newer", ts=ago(hours=2))
    assert found(check(joined)) == (1, 0, 0)
    kept.refresh_from_db()
    assert kept.deleted_at is None


def test_the_past_before_we_came_is_not_brought_in_unasked(globex: Channel, sandbox: SandboxProcess) -> None:
    sandbox.post_message(GLOBEX, MIA, "Before Pylon came", ts=ago(days=1))
    assert found(check(globex)) == (0, 0, 0)


def test_only_checks_that_found_something_are_kept(joined: Channel, sandbox: SandboxProcess) -> None:
    sandbox.post_message(GLOBEX, MIA, "The export is empty", ts=ago(hours=2))
    finding = check(joined)
    check(joined)
    newest = check(joined)
    assert list(HistoryReading.objects.order_by("pk")) == [finding, newest]


def test_a_check_asks_little(joined: Channel, sandbox: SandboxProcess) -> None:
    for n in range(30):
        root = sandbox.post_message(GLOBEX, MIA, f"Question {n}", ts=ago(days=3, minutes=-n))
        sandbox.post_message(GLOBEX, DANA, "Answer", thread_ts=root, ts=ago(days=2, minutes=-n))
    known(joined, days=6)
    check(joined)
    before = len(sandbox.log()["calls"])
    check(joined)
    assert [call["method"] for call in sandbox.log()["calls"][before:]] == ["conversations.history"]


def test_channels_have_their_turn(joined: Channel, settings: Settings) -> None:
    """Those with talk every interval, quiet ones now and then, never one that is being checked."""
    now = timezone.now()
    heard(now)
    quiet = cast.make_channel(workspace=joined.workspace, external_team_id=joined.external_team_id)
    cast.make_channel(workspace=joined.workspace, external_team_id=joined.external_team_id, left_at=now)
    cast.say("The export is empty", channel=joined, by=None, ago=timedelta(days=1))

    assert {one.channel for one in plan()} == {joined, quiet}
    assert plan() == []
    HistoryReading.objects.all().delete()
    checked(joined, quiet, at=now - timedelta(minutes=5))
    assert plan() == []
    HistoryReading.objects.update(created_at=now - timedelta(minutes=11))
    assert [one.channel for one in plan()] == [joined]
    HistoryReading.objects.all().delete()
    checked(quiet, at=now - timedelta(hours=7))
    checked(joined, at=now - timedelta(minutes=11))
    assert [one.channel for one in plan()] == [quiet, joined]
    HistoryReading.objects.all().delete()
    settings.GAP_CHECK_MINUTES = 0
    assert plan() == []


@pytest.mark.parametrize("silence", ["no event came for long", "no check was made for long"])
def test_after_a_downtime_all_channels_are_checked(
    joined: Channel, silence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    quiet = [cast.make_channel(workspace=joined.workspace, external_team_id=joined.external_team_id) for _ in range(3)]
    monkeypatch.setattr(gaps, "AT_ONCE", 3)
    was_down = silence.startswith("no check")
    heard(now if was_down else now - timedelta(hours=1))
    checked(joined, *quiet, at=now - timedelta(minutes=40 if was_down else 11))
    # Silence may be just a quiet night: then the limits count. A worker's absence is over once.
    assert len(plan()) == (4 if was_down else 3)


def test_a_capped_team_is_checked_one_channel_at_a_time(joined: Channel, acme: Installation) -> None:
    cast.make_channel(workspace=joined.workspace, external_team_id=joined.external_team_id)
    acme.history_capped_at = timezone.now()
    acme.save()
    assert len(plan()) == 1
    assert plan() == []


def test_a_check_covers_the_time_since_the_last(joined: Channel, sandbox: SandboxProcess) -> None:
    checked(joined, at=timezone.now() - timedelta(days=12))
    sandbox.post_message(GLOBEX, MIA, "Said while we were away", ts=ago(days=10))
    assert found(check(joined)) == (1, 0, 0)
    assert len(calls(sandbox, "conversations.history")) == 1
