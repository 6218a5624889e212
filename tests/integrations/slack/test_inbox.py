"""The inbox is worked lane by lane, in order, each event once, whatever goes wrong in between."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Channel, Contact, User
from conversations.models import Conversation, Message
from integrations.models import InboundEvent, Installation
from integrations.slack import inbox
from integrations.slack.inbox import ATTEMPTS, drain
from tests import cast
from tests.integrations.slack.envelopes import Json, envelope, joined, keep, said, work
from tests.processes import Processes, wait_until

pytestmark = pytest.mark.usefixtures("installation")


def due(*rows: InboundEvent) -> None:
    """As if the time had come to try again."""
    InboundEvent.objects.filter(pk__in=[row.pk for row in rows]).update(next_attempt_at=timezone.now())


def message(text: str, channel: Channel, contact: Contact, **more: object) -> Json:
    event = said(text, user=contact.external_id, channel=channel.external_id, team=contact.external_team_id, **more)
    return envelope(event)


def click(channel: Channel, user: User, **container: str) -> Json:
    return {
        "type": "block_actions",
        "team": {"id": cast.OUR_TEAM},
        "user": {"id": user.external_id, "team_id": cast.OUR_TEAM},
        "channel": {"id": channel.external_id},
        "container": container,
    }


def drain_and_close() -> None:
    """What a thread of its own does."""
    drain()
    connection.close()


def deletion(payload: Json) -> Json:
    event = payload["event"]
    return envelope(
        {
            "type": "message",
            "subtype": "message_deleted",
            "channel": event["channel"],
            "deleted_ts": event["ts"],
            "event_ts": cast.make_ts(),
        }
    )


def test_a_lane_is_worked_in_the_order_of_arrival(channel: Channel, contact: Contact) -> None:
    first = message("The export is empty", channel, contact)
    assert work(first, deletion(first)) == ["captured", "deleted"]
    assert Message.objects.get().deleted_at


@pytest.mark.parametrize("fill", [0, inbox.BATCH])
def test_one_bad_event_holds_up_nobody(channel: Channel, contact: Contact, dana: User, fill: int) -> None:
    before = [message(f"Question {number}?", channel, contact) for number in range(fill + 2)]
    bad = click(channel, dana, message_ts="Poison")
    rows = keep(*before, bad, message("One more?", channel, contact))
    # PostgreSQL can't search for it. The receiver would have left it out.
    poison = rows[-2]
    poison.body = poison.body.replace("Poison", r"\u0000")
    poison.save(update_fields=["body"])
    drain()
    assert Message.objects.count() == fill + 3
    poison.refresh_from_db()
    assert (poison.attempts, poison.processed_at, poison.failed_at) == (1, None, None)
    assert "NUL" in poison.error
    assert not InboundEvent.objects.filter(processed_at=None).exclude(pk=poison.pk).exists()


def test_one_that_waits_for_another_leaves_its_batch_together(
    channel: Channel, contact: Contact, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    later = message("Not here yet", channel, contact)
    rows = keep(deletion(later), *(message(f"Question {number}?", channel, contact) for number in range(30)))
    with django_assert_max_num_queries(120):  # one by one they take 900
        drain()
    rows[0].refresh_from_db()
    assert (rows[0].attempts, rows[0].processed_at) == (1, None)
    assert Message.objects.count() == 30
    keep(later)
    drain()
    due(rows[0])
    drain()
    assert Message.objects.get(text="Not here yet").deleted_at


def test_an_event_that_cannot_even_be_read_holds_up_nobody(channel: Channel, contact: Contact) -> None:
    rows = keep(*(message(f"Question {number}?", channel, contact) for number in range(3)))
    rows[1].body = "[" * 100_000
    rows[1].save(update_fields=["body"])
    drain()
    rows[1].refresh_from_db()
    assert Message.objects.count() == 2
    assert "Error" in rows[1].error


def test_a_failing_event_is_given_up_visibly(channel: Channel, contact: Contact) -> None:
    (row,) = keep(message("?", channel, contact))
    row.body = "[]"
    row.save(update_fields=["body"])
    for attempt in range(1, ATTEMPTS + 1):
        due(row)
        drain()
        row.refresh_from_db()
        assert (row.attempts, bool(row.failed_at)) == (attempt, attempt == ATTEMPTS)
    due(row)
    drain()
    row.refresh_from_db()
    assert row.attempts == ATTEMPTS


def test_what_must_wait_for_another_waits(channel: Channel, contact: Contact) -> None:
    first = message("The export is empty", channel, contact)
    (row,) = keep(deletion(first))
    drain()
    row.refresh_from_db()
    assert (row.processed_at, row.attempts, row.error) == (None, 1, "")
    assert row.next_attempt_at
    assert row.next_attempt_at > timezone.now() + timedelta(seconds=2)
    assert work(first) == ["captured"]
    due(row)
    drain()
    row.refresh_from_db()
    assert row.outcome == "deleted"
    assert Message.objects.get().deleted_at


def test_waiting_ends(channel: Channel, contact: Contact) -> None:
    (row,) = keep(deletion(message("?", channel, contact)))
    for _ in range(ATTEMPTS):
        due(row)
        drain()
    row.refresh_from_db()
    assert row.processed_at
    assert row.failed_at is None
    assert row.outcome == "given up: the deleted message is not known"


def test_the_same_event_twice_is_worked_once(channel: Channel, contact: Contact) -> None:
    payload = message("The export is empty", channel, contact)
    assert work(payload, payload) == ["captured", "captured"]
    assert InboundEvent.objects.count() == Message.objects.count() == 1


@pytest.mark.parametrize(
    ("payload", "outcome"),
    [
        (envelope({"type": "message", "text": "?"}, team="T_NOBODY"), "a team in which we are not installed"),
        (envelope({"type": "a_new_kind", "channel": "C1"}), "nothing to do"),
        ({"event": 7}, "a team in which we are not installed"),
        (envelope({"type": "message", "channel": "C1", "ts": "1.2", "text": "?"}), "a message without a speaker"),
        (envelope(said("?", user="U1", channel="D1", channel_type="im")), "a direct message"),
        (envelope(joined(user="U1", channel="C1", inviter=None)), "nothing to do"),
        (envelope({"type": "channel_rename", "channel": {"id": "C0", "name": "x"}}), "a channel we don't know"),
        (envelope({"type": "member_left_channel", "user": "U1", "channel": "C1"}), "somebody left"),
        (
            {"type": "view_submission", "team": {"id": cast.OUR_TEAM}, "user": {"id": "U1"}},
            "submitted by somebody who is no teammate: nothing done",
        ),
    ],
)
def test_what_does_not_concern_us(payload: Json, outcome: str) -> None:
    assert work(payload) == [outcome]
    assert not Channel.objects.exists()
    assert not Conversation.objects.exists()


def test_only_customers_channels_are_captured(installation: Installation, dana: User, contact: Contact) -> None:
    for kind in ("internal", "ignored", "triage"):
        channel = cast.make_channel(workspace=installation.workspace, kind=kind)
        work(message("Hello?", channel, contact))
    assert not Conversation.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_at_once_do_nothing_twice(channel: Channel, contact: Contact) -> None:
    other = cast.make_channel(workspace=channel.workspace, account=channel.account)
    keep(*(message(f"Question {number}?", place, contact) for number in range(150) for place in (channel, other)))

    threads = [threading.Thread(target=drain_and_close) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Message.objects.count() == 300
    assert not InboundEvent.objects.exclude(outcome="captured").exists()


@pytest.mark.django_db(transaction=True)
def test_a_lane_that_another_holds_is_left_to_it(channel: Channel, contact: Contact) -> None:
    (row,) = keep(message("The export is empty", channel, contact))
    with transaction.atomic():
        assert inbox._take(row.lane)
        thread = threading.Thread(target=drain_and_close)
        thread.start()
        thread.join()
        assert not Message.objects.exists()
    drain()
    assert Message.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_mid_transaction_leaves_its_events(
    channel: Channel, contact: Contact, tmp_path: Path
) -> None:
    keep(*(message(f"Question {number}?", channel, contact) for number in range(10)))
    with Processes(tmp_path) as processes:
        with transaction.atomic():
            Channel.objects.select_for_update().get(pk=channel.pk)
            processes.start_python("drain", "from integrations.slack.inbox import drain; drain()")
            wait_until(_somebody_waits_for_a_lock, what=f"see {processes.log('drain')}")
            processes.kill("drain")
        assert not Message.objects.exists()

        def drained() -> bool:
            drain()  # the database notices the death only when it answers the dead
            return Message.objects.count() == 10

        wait_until(drained)
    assert not InboundEvent.objects.exclude(outcome="captured", attempts=0).exists()


def _somebody_waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype IN ('transactionid', 'tuple')")
        (waiting,) = cursor.fetchone() or (0,)
    return bool(waiting)
