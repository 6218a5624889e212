"""Events become deliveries, deliveries become one post, whatever Slack answers or does not."""

from __future__ import annotations

import threading
from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Channel, Contact, User
from conversations.models import Automatic, Conversation, ConversationEvent, Priority
from conversations.status import Status
from integrations import outbox
from integrations.attempts import ATTEMPTS, SENT, retry, tries
from integrations.models import Delivery, DeliveryKind, DeliveryState, Installation, Link
from integrations.outbox import LEASE, deliver, publish
from integrations.redis_client import redis_client
from integrations.slack import pacing
from integrations.slack.client import call
from tests import cast
from tests.sandbox_process import Json, SandboxProcess

TRIAGE, SUPPORT = "C0TRIAGE01", "C0GENERAL1"


@pytest.fixture(autouse=True)
def _unpaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here nobody waits for his turn."""
    monkeypatch.setattr(pacing, "PER_CHANNEL", pacing.Limit(1000, 1))


@pytest.fixture
def hank(acme: Installation) -> Contact:
    return cast.make_contact(workspace=acme.workspace)


@pytest.fixture
def conversation(acme: Installation, hank: Contact) -> Conversation:
    """A question in a customer's channel, of which nobody was told yet."""
    return cast.say("The export is empty", channel=cast.make_channel(workspace=acme.workspace), by=hank).conversation


def ask(text: str, channel: Channel) -> None:
    cast.say(text, channel=channel, by=Contact.objects.get(name="Hank Scorpio"))


def tell() -> int:
    """Publish all and send what is due; answers the number of sends."""
    while publish():
        pass
    sent = 0
    while tried := deliver():
        sent += tried
    return sent


def posts(sandbox: SandboxProcess) -> list[Json]:
    return [message for message in sandbox.messages(TRIAGE) if message.get("bot_id")]


def calls(sandbox: SandboxProcess, *methods: str) -> list[Json]:
    return [call for call in sandbox.log()["calls"] if call["method"] in methods]


def misbehave(sandbox: SandboxProcess, fault: str, method: str = "chat.postMessage", **more: object) -> None:
    rule = {"method": method, "fault": fault, "timeout_seconds": 0.1} | more
    sandbox.api("misbehave", calls=[rule])


def let_time_pass() -> None:
    """Slack lets us call again."""
    for key in redis_client().scan_iter("pylon:slack:*"):
        redis_client().delete(key)


def make_due() -> None:
    Delivery.objects.update(next_attempt_at=timezone.now())


def lose_worker() -> None:
    """As if a worker had died long ago with what it had in flight."""
    Delivery.objects.filter(state=DeliveryState.DONE).update(
        state=DeliveryState.SENDING, claimed_at=timezone.now() - LEASE * 2, finished_at=None
    )


def test_a_conversation_is_posted_once_and_edited_in_place(sandbox: SandboxProcess, conversation: Conversation) -> None:
    assert tell() == 1
    (post,) = posts(sandbox)
    link = Link.objects.get()
    assert (link.external_id, link.place, link.drawn_version) == (post["ts"], TRIAGE, conversation.version)
    conversation.close(by=Automatic("rule", "It is done"))
    assert tell() == 1
    (edited,) = posts(sandbox)
    assert edited["ts"] == post["ts"]
    assert "Closed" in edited["blocks"][0]["text"]["text"]


def test_a_burst_is_one_call(sandbox: SandboxProcess, conversation: Conversation) -> None:
    for number in range(20):
        ask(f"And {number}?", conversation.channel)
        publish()
    assert Delivery.objects.count() == 1
    assert tell() == 1
    assert len(calls(sandbox, "chat.postMessage", "chat.update")) == 1
    assert "21 messages" in str(posts(sandbox)[0]["blocks"])


def test_what_is_shown_already_is_not_sent_again(sandbox: SandboxProcess, conversation: Conversation) -> None:
    tell()
    ConversationEvent.objects.update(published_at=None)
    tell()
    again = Delivery.objects.filter(kind=DeliveryKind.TRIAGE_POST).latest("pk")
    assert again.response["skipped"] == "already shown"
    assert not calls(sandbox, "chat.update")


def test_each_event_is_published_once(conversation: Conversation) -> None:
    assert publish() > 0
    assert publish() == 0
    assert not ConversationEvent.objects.filter(published_at=None).exists()


def test_the_owners_own_channel_comes_first(acme: Installation, conversation: Conversation) -> None:
    dana = User.objects.get(external_id="U0DANA0001")
    own = cast.make_channel(workspace=acme.workspace, kind="triage", external_team_id=acme.external_id)
    cast.make_triage_channel(workspace=acme.workspace, owner=dana, channel=own)
    conversation.assign(dana, by=Automatic("rule", ""))
    publish()
    assert Delivery.objects.get().place == own.external_id


def test_a_left_triage_channel_is_none(acme: Installation, conversation: Conversation) -> None:
    Channel.objects.filter(external_id=TRIAGE).update(left_at=timezone.now())
    publish()
    assert not Delivery.objects.exists()


def test_what_nobody_must_answer_is_not_posted(acme: Installation, hank: Contact) -> None:
    channel = cast.make_channel(workspace=acme.workspace)
    cast.say("We have a new release", channel=channel, by=User.objects.get(external_id="U0DANA0001"))
    cast.say("Thanks!", channel=channel, by=hank, ago=timedelta(days=3))
    assert set(Conversation.objects.values_list("status", flat=True)) == {Status.CLOSED}
    publish()
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("changes", [{"is_shared": True}, {"kind": "customer"}])
def test_nothing_is_posted_where_customers_read(
    sandbox: SandboxProcess, conversation: Conversation, changes: Json
) -> None:
    publish()
    Channel.objects.filter(external_id=TRIAGE).update(**changes)
    deliver()
    assert Delivery.objects.get().state == DeliveryState.FAILED
    conversation.close(by=User.objects.get(external_id="U0DANA0001")).reopen(by=User.objects.all()[0])
    tell()
    assert Delivery.objects.count() == 1
    assert not calls(sandbox, "chat.postMessage")


def test_a_new_owner_takes_the_post_along_and_back(
    sandbox: SandboxProcess, acme: Installation, conversation: Conversation
) -> None:
    """The old post says where it went, the new one appears; a conversation that comes back takes its old post."""
    dana = User.objects.get(external_id="U0DANA0001")
    conversation.assign(None, by=dana)
    call(acme, "conversations.join", channel=SUPPORT)
    own = cast.make_channel(
        workspace=acme.workspace, kind="internal", external_id=SUPPORT, name="danas", external_team_id=acme.external_id
    )
    cast.make_triage_channel(workspace=acme.workspace, owner=dana, channel=own)
    tell()
    first = Link.objects.get()
    assert (first.place, first.ended_at) == (TRIAGE, None)
    conversation.assign(dana, by=dana)
    tell()
    tell()
    assert [(link.place, link.ended_at is None) for link in Link.objects.order_by("pk")] == [
        (TRIAGE, False), (SUPPORT, True),
    ]  # fmt: skip
    assert "now in #danas" in posts(sandbox)[-1]["blocks"][0]["text"]["text"]
    conversation.assign(None, by=dana)
    tell()
    assert [(link.place, link.ended_at is None) for link in Link.objects.order_by("pk")] == [
        (TRIAGE, True), (SUPPORT, False),
    ]  # fmt: skip
    assert len(calls(sandbox, "chat.postMessage")) == 2


def test_too_many_requests_are_waited_for(sandbox: SandboxProcess, conversation: Conversation) -> None:
    """The others for the same channel wait too, and no try is counted."""
    others = [cast.make_channel(workspace=conversation.workspace) for _ in range(3)]
    for channel in others:
        ask("Hello, can you help?", channel)
    misbehave(sandbox, "rate_limited", retry_after_seconds=30)
    tell()
    assert len(calls(sandbox, "chat.postMessage")) == 1
    soonest = timezone.now() + timedelta(seconds=20)
    assert Delivery.objects.filter(state=DeliveryState.PENDING, next_attempt_at__gt=soonest, attempts=0).count() == 4
    for _ in range(ATTEMPTS):
        make_due()
        deliver()
    assert len(calls(sandbox, "chat.postMessage")) == 1, "all workers know"
    misbehave(sandbox, "rate_limited", times=0)
    let_time_pass()
    make_due()
    tell()
    assert len(posts(sandbox)) == 4


@pytest.mark.parametrize("fault", ["server_error", "timeout"])
def test_what_passes_is_tried_again(sandbox: SandboxProcess, conversation: Conversation, fault: str) -> None:
    misbehave(sandbox, fault, times=2)
    tell()
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts) == (DeliveryState.PENDING, 1)
    assert delivery.next_attempt_at > timezone.now()
    for _ in range(2):
        make_due()
        tell()
    assert len(posts(sandbox)) == 1
    delivery.refresh_from_db()
    assert [each["outcome"] for each in tries(delivery)][-1] == SENT
    assert len(tries(delivery)) == 3
    assert delivery.response["ts"]


def test_it_is_given_up_in_the_end(sandbox: SandboxProcess, conversation: Conversation) -> None:
    misbehave(sandbox, "server_error")
    for _ in range(ATTEMPTS + 2):
        tell()
        make_due()
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts) == (DeliveryState.FAILED, ATTEMPTS)
    assert delivery.error


def test_what_does_not_pass_is_not_tried_again(acme: Installation, conversation: Conversation) -> None:
    gone = cast.make_channel(
        workspace=acme.workspace, kind="triage", external_id="C_GONE", external_team_id=acme.external_id
    )
    acme.workspace.triage_channels.update(channel=gone)
    tell()
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts, delivery.error) == (DeliveryState.FAILED, 1, "channel_not_found")


def test_one_broken_delivery_stops_no_other(sandbox: SandboxProcess, conversation: Conversation) -> None:
    publish()
    broken = Delivery.objects.create(
        workspace=conversation.workspace, installation=Installation.objects.get(), kind="answer",
        next_attempt_at=timezone.now() - timedelta(days=1),
    )  # fmt: skip
    tell()
    broken.refresh_from_db()
    assert (broken.state, broken.error) == (DeliveryState.PENDING, "KeyError: 'url'")
    assert len(posts(sandbox)) == 1


def test_a_post_of_which_we_did_not_hear_is_found(sandbox: SandboxProcess, conversation: Conversation) -> None:
    """The worker died between Slack's post and our note of it."""
    tell()
    Link.objects.all().delete()
    lose_worker()
    ask("Hello?", conversation.channel)
    tell()
    (post,) = posts(sandbox)
    assert Link.objects.get().external_id == post["ts"]
    assert "2 messages" in str(post["blocks"])


def test_it_is_found_by_a_newer_delivery_too(sandbox: SandboxProcess, conversation: Conversation) -> None:
    """The first failed after posting and handed its tries over to one made much later."""
    tell()
    Link.objects.all().delete()
    Delivery.objects.update(created_at=timezone.now() - timedelta(minutes=10))
    lose_worker()
    ask("Hello?", conversation.channel)
    publish()
    misbehave(sandbox, "server_error", "conversations.history", times=1)
    deliver()
    assert "took over" in Delivery.objects.earliest("pk").error
    make_due()
    tell()
    assert len(posts(sandbox)) == 1


def test_what_is_in_flight_is_not_taken_over(sandbox: SandboxProcess, conversation: Conversation) -> None:
    tell()
    lose_worker()
    Delivery.objects.update(claimed_at=timezone.now())
    ask("Hello?", conversation.channel)
    publish()
    assert deliver() == 0, "the newer one waits for the one in flight"


def test_a_deleted_post_is_posted_anew(sandbox: SandboxProcess, conversation: Conversation) -> None:
    tell()
    (first,) = posts(sandbox)
    sandbox.web_api("chat.delete", channel=TRIAGE, ts=first["ts"])
    ask("Hello?", conversation.channel)
    tell()
    (second,) = posts(sandbox)
    assert second["ts"] != first["ts"]
    assert Link.objects.get().external_id == second["ts"]


def test_posted_anew_only_once(sandbox: SandboxProcess, conversation: Conversation) -> None:
    """The worker died between the new post and our note of it."""
    tell()
    old = Link.objects.get()
    sandbox.web_api("chat.delete", channel=TRIAGE, ts=old.external_id)
    ask("Hello?", conversation.channel)
    tell()
    Link.objects.filter(pk=old.pk).update(external_id=old.external_id, drawn_version=0)
    lose_worker()
    tell()
    assert len(posts(sandbox)) == 1


@pytest.mark.django_db(transaction=True)
def test_many_workers_post_once(sandbox: SandboxProcess, conversation: Conversation) -> None:
    for channel in [cast.make_channel(workspace=conversation.workspace) for _ in range(15)]:
        ask("Hello, can you help?", channel)

    def work() -> None:
        tell()
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tell()
    assert len(posts(sandbox)) == len(calls(sandbox, "chat.postMessage")) == Link.objects.count() == 16


def test_a_slow_worker_leaves_the_rest_to_others(conversation: Conversation) -> None:
    publish()
    (claimed,) = outbox._claim()
    mine = Delivery.objects.get(pk=claimed)
    Delivery.objects.update(claimed_at=timezone.now() - LEASE * 2)
    assert outbox._claim() == [claimed]
    assert not outbox._still_ours(mine)


def test_what_failed_is_sent_again_on_request(sandbox: SandboxProcess, conversation: Conversation) -> None:
    """The post that Slack made without our hearing of it is found, not made twice."""
    tell()
    Link.objects.all().delete()
    Delivery.objects.update(state=DeliveryState.FAILED, attempts=ATTEMPTS)
    assert retry(Delivery.objects.all()) == 1
    tell()
    assert retry(Delivery.objects.all()) == 0
    assert Delivery.objects.get().state == DeliveryState.DONE
    assert len(posts(sandbox)) == 1


def test_a_newer_delivery_makes_up_for_one_that_failed(sandbox: SandboxProcess, conversation: Conversation) -> None:
    publish()
    Delivery.objects.update(state=DeliveryState.FAILED, attempts=ATTEMPTS)
    ask("Hello?", conversation.channel)
    publish()
    assert retry(Delivery.objects.filter(state=DeliveryState.FAILED)) == 1
    tell()
    assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.DONE}
    assert len(posts(sandbox)) == 1


def test_two_hundred_change_at_once(acme: Installation, sandbox: SandboxProcess, conversation: Conversation) -> None:
    """In one channel: a post each and at most one waiting update each, no more a minute than Slack takes, and all
    show the final state."""
    dana = User.objects.get(external_id="U0DANA0001")
    many = [cast.make_conversation(channel=conversation.channel, title=f"Matter {n}") for n in range(199)]
    many.append(conversation)
    for one in many:
        one.assign(dana, by=dana)
    assert max(minutes(sandbox, "chat.postMessage")) <= pacing.LIMITS["chat.postMessage"].calls
    for one in many:
        one.start(by=dana)
        one.prioritise(Priority.HIGH, by=dana)
        one.close(by=dana)
    while publish():
        pass
    waiting = Delivery.objects.filter(state=DeliveryState.PENDING)
    assert waiting.count() == waiting.values("conversation").distinct().count() == 200
    assert max(minutes(sandbox, "chat.update")) <= pacing.LIMITS["chat.update"].calls
    shown = posts(sandbox)
    assert len(shown) == len(calls(sandbox, "chat.postMessage")) == len(calls(sandbox, "chat.update")) == 200
    assert all(one["blocks"][0]["text"]["text"].startswith("🟢 Closed") for one in shown)


def minutes(sandbox: SandboxProcess, method: str) -> list[int]:
    """Send all, however many minutes it takes; answers the calls of each."""
    made = [len(calls(sandbox, method))]
    while tell() and made[-1:] != made[-2:-1]:
        made.append(len(calls(sandbox, method)))
        let_time_pass()
        make_due()
    return [after - before for before, after in pairwise(made)]
