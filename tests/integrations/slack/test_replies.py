"""Replies in the customer's channel: once, as the teammate, in the right place, whatever Slack answers or does not."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from accounts.models import Channel, Contact, User
from conversations.models import Conversation, Message, MessageKind, Reply, ReplyState
from conversations.replying import delete_reply, destination, edit_reply, take_back, try_again, write_reply
from conversations.services import receive_message
from conversations.status import Status
from integrations.attempts import ATTEMPTS, retry
from integrations.models import Delivery, DeliveryKind, DeliveryState, Installation
from integrations.outbox import LEASE, deliver, publish
from integrations.slack import pacing
from integrations.slack.messages import Deleted, Ignored, understand
from integrations.slack.prepare import ours_of
from integrations.slack.sending.reply import METADATA
from tests import cast
from tests.sandbox_process import Json, SandboxProcess

GLOBEX, UMBRELLA = "C0EXTGLOBX", "C0EXTUMBRL"
DANA, MIA, PYLON = "U0DANA0001", "U0MIA00001", "U0PYLON001"


@pytest.fixture(autouse=True)
def _unpaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here nobody waits for his turn."""
    monkeypatch.setattr(pacing, "PER_CHANNEL", pacing.Limit(1000, 1))


@pytest.fixture
def dana(acme: Installation) -> User:
    User.objects.filter(external_id=DANA).update(avatar_url="https://pictures.example/dana.png")
    return User.objects.get(external_id=DANA)


@pytest.fixture
def globex(acme: Installation, sandbox: SandboxProcess, dana: User) -> Channel:
    """The customer's shared channel, of which Pylon is a member."""
    sandbox.api("invite", channel=GLOBEX, user=PYLON, by=DANA)
    return cast.make_channel(
        workspace=acme.workspace, external_id=GLOBEX, external_team_id=acme.external_id, owner=dana, name="ext-globex"
    )


@pytest.fixture
def conversation(sandbox: SandboxProcess, globex: Channel) -> Conversation:
    """Mia of Globex has asked something."""
    mia = cast.make_contact(workspace=globex.workspace, name="Mia", external_id=MIA)
    conversation = ask(sandbox, globex, mia, "The export is empty. Can you help?").conversation
    tell()  # the triage channel
    return conversation


def ask(sandbox: SandboxProcess, channel: Channel, by: Contact, text: str) -> Message:
    """Said in Slack, and captured."""
    ts = sandbox.post_message(channel.external_id, MIA, text)
    return receive_message(channel=channel, ts=ts, text=text, author=by)


def write(
    conversation: Conversation, by: User, text: str = "I am on it.", *, in_channel: bool = False, waits: bool = False
) -> Reply:
    """A reply whose time to be taken back is over, unless it `waits`."""
    place = "" if in_channel else destination(conversation).thread_ts
    reply = write_reply(conversation=conversation, text=text, by=by, key=uuid4(), thread_ts=place)
    if not waits:
        Reply.objects.filter(pk=reply.pk).update(send_after=timezone.now())
    return reply


def tell() -> None:
    """Publish all and send what is due."""
    while publish():
        pass
    while deliver():
        pass


def make_due() -> None:
    Delivery.objects.update(next_attempt_at=timezone.now())


def misbehave(sandbox: SandboxProcess, fault: str, method: str = "chat.postMessage", **more: object) -> None:
    sandbox.api("misbehave", calls=[{"method": method, "fault": fault, "timeout_seconds": 0.1} | more])


def of_us(sandbox: SandboxProcess, thread_ts: str | None = None) -> list[Json]:
    """What Globex reads of us: in a thread, or in the channel itself."""
    query = {"thread_ts": thread_ts} if thread_ts else {}
    return [message for message in sandbox.messages(GLOBEX, **query) if message.get("bot_id")]


def calls(sandbox: SandboxProcess, method: str) -> list[Json]:
    """What we asked of Slack in Globex's channel."""
    asked = [call["args"] for call in sandbox.log()["calls"] if call["method"] == method]
    return [args for args in asked if args.get("channel") == GLOBEX]


def root(conversation: Conversation) -> str:
    return destination(conversation).thread_ts


# Sending ──────────────────────────────────────────────────────────────────────────────────────────────


def test_it_arrives_as_the_teammate_in_the_customers_thread(
    sandbox: SandboxProcess, conversation: Conversation, dana: User
) -> None:
    write(conversation, dana, "I just confirmed with the team: it is *fixed*.")
    tell()
    (shown,) = of_us(sandbox, root(conversation))
    assert (shown["username"], shown["icons"]) == ("Dana Reyes", {"url": "https://pictures.example/dana.png"})
    assert shown["text"] == "I just confirmed with the team: it is *fixed*."
    assert of_us(sandbox) == []
    message = Message.objects.get(kind=MessageKind.OUTBOUND)
    assert (message.ts, message.author_user, message.conversation) == (shown["ts"], dana, conversation)
    assert message.html == "I just confirmed with the team: it is <strong>fixed</strong>."
    reply = Reply.objects.get()
    assert (reply.state, reply.message) == (ReplyState.SENT, message)
    conversation.refresh_from_db()
    assert conversation.status == Status.CLOSED


def test_in_the_channel_when_its_writer_chose_so(
    sandbox: SandboxProcess, conversation: Conversation, dana: User
) -> None:
    write(conversation, dana, in_channel=True)
    tell()
    (shown,) = of_us(sandbox)
    assert "thread_ts" not in shown
    assert Message.objects.get(ts=shown["ts"]).conversation == conversation


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("<!channel> <@U0MIA00001> & co", "&lt;!channel&gt; &lt;@U0MIA00001&gt; &amp; co"),
        ("see https://docs.example/a?b=1&c=2.", "see <https://docs.example/a?b=1&amp;c=2>."),
        ("`https://a.example <b>` *bold*\n• one", "`https://a.example &lt;b&gt;` *bold*\n• one"),
        ("@channel @here", "@channel @here"),
    ],
)
def test_what_was_typed_can_ping_nobody(
    sandbox: SandboxProcess, conversation: Conversation, dana: User, typed: str, sent: str
) -> None:
    write(conversation, dana, typed)
    tell()
    (args,) = calls(sandbox, "chat.postMessage")
    assert (args["text"], args["parse"], args["link_names"]) == (sent, "none", False)
    assert Message.objects.get(kind=MessageKind.OUTBOUND).text == typed


def test_it_can_be_taken_back_until_it_goes_out(
    sandbox: SandboxProcess, conversation: Conversation, dana: User
) -> None:
    reply = write(conversation, dana, waits=True)
    tell()
    make_due()
    tell()
    delivery = Delivery.objects.get(kind=DeliveryKind.REPLY)
    assert (delivery.state, delivery.attempts) == (DeliveryState.PENDING, 0), "however early it is called"
    assert delivery.next_attempt_at > timezone.now() + timedelta(seconds=5)
    take_back(reply=reply, by=dana)
    make_due()
    Reply.objects.update(send_after=timezone.now())
    tell()
    assert not calls(sandbox, "chat.postMessage")
    assert Delivery.objects.get(kind=DeliveryKind.REPLY).response["skipped"] == "Taken back"


@pytest.mark.django_db(transaction=True)
def test_of_several_workers_one_sends(sandbox: SandboxProcess, conversation: Conversation, dana: User) -> None:
    """And whoever takes it back at the same moment either prevents it or is told that it is too late."""
    replies = [write(conversation, dana, f"Number {number}") for number in range(6)]
    publish()
    taken: list[int] = []

    def work() -> None:
        for _ in range(len(replies)):
            deliver()
        connection.close()

    def take() -> None:
        for reply in Reply.objects.order_by("-pk"):
            try:
                take_back(reply=reply, by=dana)
            except ValidationError:
                continue
            taken.append(reply.pk)
        connection.close()

    threads = [threading.Thread(target=target) for target in (work, work, take)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tell()
    sent = set(Reply.objects.filter(state=ReplyState.SENT).values_list("text", flat=True))
    assert len(sent) + len(taken) == len(replies)
    assert sorted(message["text"] for message in of_us(sandbox, root(conversation))) == sorted(sent)


def test_one_after_the_other(sandbox: SandboxProcess, conversation: Conversation, dana: User) -> None:
    write(conversation, dana, "First")
    write(conversation, dana, "Second")
    misbehave(sandbox, "server_error", times=1)
    tell()
    assert of_us(sandbox, root(conversation)) == []
    make_due()
    tell()
    assert [message["text"] for message in of_us(sandbox, root(conversation))] == ["First", "Second"]


# What Slack answers or does not ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("in_channel", [False, True])
def test_a_lost_answer_is_no_second_post(
    sandbox: SandboxProcess, conversation: Conversation, dana: User, in_channel: bool
) -> None:
    reply = write(conversation, dana, in_channel=in_channel)
    misbehave(sandbox, "lost", times=1)
    tell()
    reply.refresh_from_db()
    assert reply.state == ReplyState.SENDING
    assert reply.error.startswith("Slack could not take it")
    make_due()
    tell()
    (shown,) = of_us(sandbox, None if in_channel else root(conversation))
    assert shown["metadata"] == {"event_type": METADATA, "event_payload": {"key": str(reply.key)}}
    assert Message.objects.get(kind=MessageKind.OUTBOUND).ts == shown["ts"]
    assert len(calls(sandbox, "chat.postMessage")) == 1


def test_a_worker_that_died_before_noting_the_post(
    sandbox: SandboxProcess, conversation: Conversation, dana: User
) -> None:
    write(conversation, dana)
    tell()
    Reply.objects.update(state=ReplyState.SENDING, message=None)
    Message.objects.filter(kind=MessageKind.OUTBOUND).delete()
    Delivery.objects.filter(kind=DeliveryKind.REPLY).update(
        state=DeliveryState.SENDING, claimed_at=timezone.now() - LEASE * 2
    )
    tell()
    assert len(of_us(sandbox, root(conversation))) == 1
    assert Reply.objects.get().state == ReplyState.SENT
    assert Message.objects.filter(kind=MessageKind.OUTBOUND).count() == 1


def test_when_it_is_given_up_its_writer_learns_why(
    sandbox: SandboxProcess, conversation: Conversation, dana: User
) -> None:
    reply = write(conversation, dana)
    sandbox.api("leave", channel=GLOBEX, user=PYLON)
    tell()
    reply.refresh_from_db()
    assert (reply.state, reply.error) == (ReplyState.FAILED, "Pylon is not in the channel: invite it again.")
    sandbox.api("invite", channel=GLOBEX, user=PYLON, by=DANA)
    try_again(reply=reply, by=dana)
    tell()
    assert len(of_us(sandbox, root(conversation))) == 1
    assert Reply.objects.get().state == ReplyState.SENT


def test_trying_again_finds_what_had_arrived(sandbox: SandboxProcess, conversation: Conversation, dana: User) -> None:
    """All answers were lost, until it was given up."""
    reply = write(conversation, dana)
    sandbox.api("misbehave", calls=[{"fault": "lost", "times": 1}, {"fault": "server_error"}])
    for _ in range(ATTEMPTS):
        tell()
        make_due()
    reply.refresh_from_db()
    assert reply.state == ReplyState.FAILED
    sandbox.api("misbehave")
    try_again(reply=reply, by=dana)
    tell()
    assert len(of_us(sandbox, root(conversation))) == 1
    assert Reply.objects.get().state == ReplyState.SENT


def test_an_operator_can_send_again_what_failed(
    sandbox: SandboxProcess, conversation: Conversation, dana: User
) -> None:
    write(conversation, dana)
    misbehave(sandbox, "server_error")
    publish()
    Delivery.objects.filter(kind=DeliveryKind.REPLY).update(attempts=ATTEMPTS - 1)
    tell()
    assert Reply.objects.get().state == ReplyState.FAILED
    sandbox.api("misbehave")
    assert retry(Delivery.objects.filter(kind=DeliveryKind.REPLY)) == 1
    assert Reply.objects.get().state == ReplyState.SENDING
    tell()
    assert Reply.objects.get().state == ReplyState.SENT


def test_without_a_connection_it_has_failed_at_once(acme: Installation, conversation: Conversation, dana: User) -> None:
    write(conversation, dana)
    Installation.objects.update(revoked_at=timezone.now())
    tell()
    assert Reply.objects.get().error == "The channel’s Slack workspace is not connected."
    assert not Delivery.objects.filter(kind=DeliveryKind.REPLY).exists()


# Changing ─────────────────────────────────────────────────────────────────────────────────────────────


def test_an_edit_and_a_deletion_are_mirrored(sandbox: SandboxProcess, conversation: Conversation, dana: User) -> None:
    reply = write(conversation, dana)
    tell()
    reply.refresh_from_db()
    edit_reply(reply=reply, text="I am <on> it.", by=dana)
    tell()
    (shown,) = of_us(sandbox, root(conversation))
    assert (shown["text"], shown["username"]) == ("I am &lt;on&gt; it.", "Dana Reyes")
    (args,) = calls(sandbox, "chat.update")
    assert (args["parse"], args["link_names"]) == ("none", False)
    message = Message.objects.get(kind=MessageKind.OUTBOUND)
    assert (message.text, Reply.objects.get().state) == ("I am <on> it.", ReplyState.SENT)
    reply.refresh_from_db()
    delete_reply(reply=reply, by=dana)
    tell()
    assert of_us(sandbox, root(conversation)) == []
    message.refresh_from_db()
    assert message.deleted_at
    assert Reply.objects.get().state == ReplyState.SENT


def test_a_deletion_twice_is_one(sandbox: SandboxProcess, conversation: Conversation, dana: User) -> None:
    """Its answer was lost."""
    reply = write(conversation, dana)
    tell()
    reply.refresh_from_db()
    delete_reply(reply=reply, by=dana)
    misbehave(sandbox, "lost", "chat.delete", times=1)
    tell()
    make_due()
    tell()
    assert Message.objects.get(kind=MessageKind.OUTBOUND).deleted_at
    assert Delivery.objects.get(kind=DeliveryKind.REPLY_DELETE).state == DeliveryState.DONE


def test_an_edit_that_slack_refuses_leaves_the_message(
    sandbox: SandboxProcess, conversation: Conversation, dana: User
) -> None:
    reply = write(conversation, dana)
    tell()
    reply.refresh_from_db()
    edit_reply(reply=reply, text="Another wording", by=dana)
    sandbox.web_api("chat.delete", channel=GLOBEX, ts=of_us(sandbox, root(conversation))[0]["ts"])
    tell()
    reply.refresh_from_db()
    assert (reply.state, reply.error) == (ReplyState.FAILED, "The message is gone.")
    assert Message.objects.get(kind=MessageKind.OUTBOUND).text == "I am on it."
    delete_reply(reply=reply, by=dana)
    retry(Delivery.objects.filter(kind=DeliveryKind.REPLY_EDIT))
    tell()
    assert Delivery.objects.get(kind=DeliveryKind.REPLY_EDIT).response["skipped"], "the deletion is newer"
    assert Message.objects.get(kind=MessageKind.OUTBOUND).deleted_at


# What Slack tells us of our own ───────────────────────────────────────────────────────────────────────


def test_the_echo_of_our_own_is_nobodys_message(
    sandbox: SandboxProcess, conversation: Conversation, dana: User, acme: Installation
) -> None:
    """However early or late it comes: the post and the edit are known as ours, and the deletion tells what is known."""
    reply = write(conversation, dana)
    tell()
    reply.refresh_from_db()
    edit_reply(reply=reply, text="Another wording", by=dana)
    tell()
    reply.refresh_from_db()
    delete_reply(reply=reply, by=dana)
    tell()
    told = [json.loads(one["body"])["event"] for one in sandbox.settle()["deliveries"]]
    posted, edited, deleted = [event for event in told if event["channel"] == GLOBEX and is_of(event, reply)]
    assert posted["subtype"] == "bot_message"
    ours = ours_of(acme)
    assert understand(posted, ours) == Ignored("our own post")
    assert understand(edited, ours) == Ignored("our own post")
    gone = understand(deleted, ours)
    assert isinstance(gone, Deleted)
    assert not gone.was_heard, "nobody waits for a message of ours"


def is_of(event: Json, reply: Reply) -> bool:
    assert reply.message
    message = event.get("message") or event.get("previous_message") or event
    return bool(message.get("ts") == reply.message.ts)
