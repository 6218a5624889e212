"""How often Slack is called, by several processes at once."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from django.utils import timezone

from accounts.models import Contact
from conversations.models import Message
from integrations.models import Delivery, DeliveryState, InboundEvent, Installation
from integrations.outbox import deliver, publish
from integrations.redis_client import AT_ONCE
from integrations.slack import pacing
from integrations.slack.client import SlackError, call
from integrations.slack.inbox import drain
from integrations.slack.pacing import Limit, take
from tests import cast
from tests.integrations.slack.envelopes import envelope, keep, said, work
from tests.processes import Processes, wait_until
from tests.sandbox_process import SandboxProcess

TRIAGE = "C0TRIAGE01"
numbers = itertools.count(10_000_000)


@pytest.fixture
def number() -> int:
    """Of an installation that nobody has called for."""
    return next(numbers)


def wait_of(number: int, method: str, channel_id: str = "") -> float:
    """0 when the call may be made, which then counts."""
    try:
        take(number, method, channel_id)
    except SlackError as error:
        return error.retry_after or 0
    return 0


def test_a_minutes_calls_may_come_at_once_and_no_more(number: int) -> None:
    assert [wait_of(number, "users.list") for _ in range(20)] == [0] * 20
    assert 50 < wait_of(number, "users.list") <= pacing.MINUTE
    assert wait_of(number, "conversations.list") == 0, "each method for itself"
    assert wait_of(next(numbers), "users.list") == 0, "each workspace for itself"


def test_the_next_call_is_due_when_the_first_is_over(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "LIMITS", {"auth.test": Limit(2, 0.1)})
    taken = 0
    wait = 0.0
    while not wait:
        wait = wait_of(number, "auth.test")
        taken += not wait
    assert taken >= 2
    assert wait <= 0.1
    wait_until(lambda: wait_of(number, "auth.test") == 0)


def test_a_channel_takes_one_message_a_second(number: int) -> None:
    assert wait_of(number, "chat.postMessage", "C1") == 0
    assert 0 < wait_of(number, "chat.postMessage", "C1") <= pacing.PER_CHANNEL.seconds
    assert wait_of(number, "chat.postMessage", "C2") == 0
    assert wait_of(number, "chat.update", "C1") == 0


def test_what_one_limit_refuses_does_not_count_for_the_other(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "LIMITS", {"chat.postMessage": Limit(2, 60)})
    assert wait_of(number, "chat.postMessage", "C1") == 0
    for _ in range(5):
        assert 0 < wait_of(number, "chat.postMessage", "C1") < 2
    assert wait_of(number, "chat.postMessage", "C2") == 0
    assert wait_of(number, "chat.postMessage", "C3") > 2


def test_a_refusal_of_slacks_holds_for_all(sandbox: SandboxProcess, acme: Installation) -> None:
    rule = {"fault": "rate_limited", "retry_after_seconds": 30, "times": 2}
    sandbox.api("misbehave", calls=[rule | {"method": "team.info"}, rule | {"method": "chat.postMessage"}])
    for _ in range(3):
        with pytest.raises(SlackError):
            call(acme, "team.info")
        with pytest.raises(SlackError):
            call(acme, "chat.postMessage", channel=TRIAGE, text="?")
    assert len([c for c in sandbox.log()["calls"] if c["status"] == 429]) == 2
    assert 20 < wait_of(acme.pk, "team.info") <= 30
    assert 20 < wait_of(acme.pk, "chat.postMessage", TRIAGE) <= 30
    assert wait_of(acme.pk, "chat.postMessage", "C0ANOTHER1") == 0, "a busy channel holds up no other"


def test_without_redis_slack_is_called_all_the_same(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    away = redis.Redis(host="127.0.0.1", port=9, retry=AT_ONCE)
    monkeypatch.setattr(pacing, "redis_client", lambda: away)
    monkeypatch.setattr(pacing, "_script", lambda: away.register_script(pacing.TAKE))
    pacing._complain.cache_clear()
    assert [wait_of(number, "users.list") for _ in range(30)] == [0] * 30
    complaints = pacing._complain.cache_info()
    assert 1 <= complaints.misses <= 2, "complains once a minute"
    assert complaints.hits + complaints.misses == 30


WORK = """
from integrations.outbox import deliver
import time
while True:
    deliver() or time.sleep(0.05)
"""


@pytest.fixture
def storm(acme: Installation) -> Iterator[int]:
    """Conversations of which the triage channel must be told."""
    hank: Contact = cast.make_contact(workspace=acme.workspace)
    for _ in range(6):
        channel = cast.make_channel(workspace=acme.workspace)
        for text in ("Hello?", "Is anybody there?"):
            cast.say(text, channel=channel, by=hank)
    while publish():
        pass
    yield 6
    Delivery.objects.update(state=DeliveryState.FAILED, next_attempt_at=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_two_processes_keep_slacks_pace_together(sandbox: SandboxProcess, storm: int, tmp_path: Path) -> None:
    """More than one message a second into a channel is refused by the sandbox; one call in five fails anyway."""
    sandbox.api("misbehave", posts_per_second=1, calls=[{"method": "chat.postMessage", "share": 0.2}])
    with Processes(tmp_path, SLACK_API_URL=f"{sandbox.url}/api/") as processes:
        for name in ("one", "other"):
            processes.start_python(name, WORK)
        wait_until(lambda: Delivery.objects.filter(state=DeliveryState.DONE).count() == storm)
    posts = [entry for entry in sandbox.log()["calls"] if entry["method"] == "chat.postMessage"]
    taken = [entry["at"] for entry in posts if entry["status"] == 200]
    assert len(taken) == storm
    gaps = [later - earlier for earlier, later in itertools.pairwise(sorted(entry["at"] for entry in posts))]
    assert min(gaps) > 1
    asked = sum(len(delivery.response["attempts"]) for delivery in Delivery.objects.all())
    assert asked == len(posts), "what was not sent for its pace is no try"


def test_a_line_waits_one_by_one(sandbox: SandboxProcess, acme: Installation, storm: int) -> None:
    """One post, one that finds it is too early; the others are not even tried."""
    deliver()
    waiting = Delivery.objects.filter(state=DeliveryState.PENDING, attempts=0).order_by("next_attempt_at")
    assert waiting.count() == storm - 1
    times = list(waiting.values_list("next_attempt_at", flat=True))
    assert all(later > earlier for earlier, later in itertools.pairwise(times))


def test_messages_wait_until_slack_can_be_asked_who_speaks(acme: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "LIMITS", {"users.info": Limit(1, 1)})
    channel = cast.make_channel(workspace=acme.workspace)
    speakers = ("U0MIA00001", "U0NOAH0001")
    rows = keep(
        *(envelope(said("Help!", user=i, channel=channel.external_id), team=acme.external_id) for i in speakers)
    )
    drain()
    assert not Message.objects.exists()
    assert set(InboundEvent.objects.values_list("attempts", "failed_at", "error")) == {(0, None, "")}

    def drained() -> bool:
        drain()
        return Message.objects.count() == 2

    wait_until(drained)
    assert Contact.objects.filter(external_id__in=speakers, profile_read_at__isnull=False).count() == 2
    assert {row.attempts for row in InboundEvent.objects.filter(pk__in=[row.pk for row in rows])} == {0}


def test_messages_do_not_wait_for_long(acme: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "LIMITS", {"users.info": Limit(1, 60)})
    channel = cast.make_channel(workspace=acme.workspace)
    take(acme.pk, "users.info")
    event = said("Help!", user="U0MIA00001", channel=channel.external_id, team="T0GLOBEX01")
    assert work(envelope(event, team=acme.external_id)) == ["captured"]
