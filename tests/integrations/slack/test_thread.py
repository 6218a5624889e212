"""The thread of a triage post: what the team writes on the web, what was said, reminders. Customers see nothing."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from conversations.models import Conversation, Message
from integrations.models import Delivery, DeliveryKind, DeliveryState, Installation
from integrations.outbox import deliver, publish
from integrations.slack import pacing
from tests import cast
from tests.sandbox_process import Json, SandboxProcess
from triage.models import ResponseTarget
from triage.reminders import remind

TRIAGE = "C0TRIAGE01"


@pytest.fixture(autouse=True)
def _unpaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "PER_CHANNEL", pacing.Limit(1000, 1))


@pytest.fixture
def dana(acme: Installation) -> User:
    return User.objects.get(external_id="U0DANA0001")


@pytest.fixture
def conversation(acme: Installation, dana: User) -> Conversation:
    """Posted; Hank has waited for an hour."""
    hank = cast.make_contact(workspace=acme.workspace)
    channel = cast.make_channel(workspace=acme.workspace, owner=dana)
    said = cast.say("The export <!channel> is empty", channel=channel, by=hank, ago=timedelta(hours=1))
    tell()
    return said.conversation


def tell() -> None:
    while publish():
        pass
    while deliver():
        pass


def thread(sandbox: SandboxProcess) -> list[Json]:
    root = next(one for one in sandbox.messages(TRIAGE) if one.get("bot_id"))
    answer = sandbox.web_api("conversations.replies", channel=TRIAGE, ts=root["ts"])
    return list(answer["messages"][1:])


def say(conversation: Conversation, text: str) -> Message:
    first = conversation.messages.order_by("sent_at")[0]
    return cast.say(text, channel=conversation.channel, by=first.author_contact, thread_ts=first.ts)


def test_a_note_written_on_the_web_stands_there_under_its_writers_name(
    sandbox: SandboxProcess, conversation: Conversation, dana: User
) -> None:
    note = conversation.add_note("Ask <!here> & then call", by=dana)
    tell()
    (reply,) = thread(sandbox)
    assert (reply["username"], reply["text"]) == ("Dana Reyes (note)", "Ask &lt;!here&gt; &amp; then call")
    note.refresh_from_db()
    assert (note.ts, note.channel and note.channel.external_id) == (reply["ts"], TRIAGE)


def test_what_was_said_since_is_told_in_one_post(sandbox: SandboxProcess, conversation: Conversation) -> None:
    assert thread(sandbox) == []
    for text in ("Any news <@U0DANA0001>?", "Hello?"):
        say(conversation, text)
    tell()
    (told,) = thread(sandbox)
    assert "Any news &lt;@U0DANA0001&gt;?" in told["text"]
    assert "Hello?" in told["text"]
    assert "The export" not in told["text"]
    say(conversation, "It works again")
    tell()
    assert [("Hello?" in one["text"], "works again" in one["text"]) for one in thread(sandbox)] == [
        (True, False), (False, True),
    ]  # fmt: skip


def test_an_answer_that_was_lost_does_not_say_it_twice(sandbox: SandboxProcess, conversation: Conversation) -> None:
    say(conversation, "Hello?")
    rule = {"method": "chat.postMessage", "fault": "lost"}
    sandbox.api("misbehave", calls=[rule])
    tell()
    Delivery.objects.update(next_attempt_at=timezone.now())
    tell()
    assert Delivery.objects.get(kind=DeliveryKind.STORY).attempts == 2
    assert len(thread(sandbox)) == 1


def test_who_is_due_is_reminded_there_and_directly(
    sandbox: SandboxProcess, conversation: Conversation, dana: User
) -> None:
    ResponseTarget.objects.create(workspace=conversation.workspace, minutes=30)
    conversation.tag(["late"], by=dana)
    tell()
    assert remind() == 1
    tell()
    (told,) = thread(sandbox)
    assert told["text"].startswith("⏰ <@U0DANA0001> An answer has been due since <!date^")
    written = [call["args"] for call in sandbox.log()["calls"] if call["method"] == "chat.postMessage"]
    (direct,) = [args for args in written if args["channel"].startswith("D")]
    assert "#1 The export &lt;!channel&gt; is empty" in direct["text"]


def test_quiet_hours_are_waited_for(conversation: Conversation, dana: User) -> None:
    now = timezone.now()
    begins, ends = now - timedelta(hours=2), now + timedelta(hours=2)
    User.objects.filter(pk=dana.pk).update(
        quiet_from=time(begins.hour, begins.minute), quiet_until=time(ends.hour, ends.minute), time_zone="UTC"
    )
    ResponseTarget.objects.create(workspace=conversation.workspace, minutes=30)
    conversation.tag(["late"], by=dana)
    tell()
    remind()
    tell()
    waiting = Delivery.objects.get(kind=DeliveryKind.DIRECT_MESSAGE)
    assert waiting.state == DeliveryState.PENDING
    assert waiting.next_attempt_at == ends.replace(second=0, microsecond=0)


def test_the_customers_channel_hears_nothing(sandbox: SandboxProcess, conversation: Conversation, dana: User) -> None:
    conversation.add_note("Psst", by=dana)
    say(conversation, "Hello?")
    conversation.close(by=dana)
    tell()
    written = [call for call in sandbox.log()["calls"] if call["method"].startswith("chat.")]
    assert {call["args"]["channel"] for call in written} == {TRIAGE}
