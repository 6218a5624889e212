"""A guest in a triage channel: posts hide what customers said until the guest is gone."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User
from conversations.models import Conversation
from conversations.status import Status
from integrations.models import Delivery, DeliveryKind, Installation
from integrations.outbox import deliver, publish
from integrations.slack import outsiders, pacing
from tests import cast
from tests.integrations.slack.envelopes import Json, envelope, joined, said, work
from tests.sandbox_process import SandboxProcess
from triage.models import TriageChannel

TRIAGE = "C0TRIAGE01"
GUEST, DANA = "U0TOMAS001", "U0DANA0001"


@pytest.fixture(autouse=True)
def _unpaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "PER_CHANNEL", pacing.Limit(1000, 1))


@pytest.fixture
def conversation(acme: Installation) -> Conversation:
    """Posted, and seen by our own people alone."""
    hank = cast.make_contact(workspace=acme.workspace)
    said = cast.say("The export is empty", channel=cast.make_channel(workspace=acme.workspace), by=hank)
    tell()
    return said.conversation


def tell() -> None:
    while publish():
        pass
    while deliver():
        pass


def post(sandbox: SandboxProcess) -> Json:
    return next(one for one in sandbox.messages(TRIAGE) if one.get("bot_id"))


def somebody(kind: str, acme: Installation, user: str) -> list[str]:
    event = joined(user=user, channel=TRIAGE, inviter=DANA) | {"type": kind}
    return work(envelope(event, team=acme.external_id))


def test_a_guests_coming_hides_and_going_shows(
    acme: Installation, sandbox: SandboxProcess, conversation: Conversation
) -> None:
    assert "The export is empty" in str(post(sandbox))
    sandbox.api("invite", channel=TRIAGE, user=GUEST, by="dana")
    assert somebody("member_joined_channel", acme, GUEST) == ["the members are read again"]
    assert outsiders.check_due() == 1
    assert outsiders.check_due() == 0
    tell()
    assert "export" not in str(post(sandbox))
    assert "Hidden: people from outside are in this channel" in str(post(sandbox)["blocks"])
    sandbox.api("leave", channel=TRIAGE, user=GUEST)
    assert somebody("member_left_channel", acme, GUEST) == ["the members are read again"]
    assert outsiders.check_due() == 1
    tell()
    assert "The export is empty" in str(post(sandbox))


def test_nothing_is_posted_before_the_members_are_known(acme: Installation, sandbox: SandboxProcess) -> None:
    """The guest was there first, and nobody has told us."""
    sandbox.api("invite", channel=TRIAGE, user=GUEST, by="dana")
    hank = cast.make_contact(workspace=acme.workspace)
    cast.say("The export is empty", channel=cast.make_channel(workspace=acme.workspace), by=hank)
    tell()
    assert "export" not in str(post(sandbox))
    assert TriageChannel.objects.get().outsiders == 1


def test_while_slack_is_busy_nothing_is_posted(acme: Installation, sandbox: SandboxProcess) -> None:
    sandbox.api("misbehave", calls=[{"method": "conversations.members", "fault": "server_error", "times": 1}])
    hank = cast.make_contact(workspace=acme.workspace)
    cast.say("The export is empty", channel=cast.make_channel(workspace=acme.workspace), by=hank)
    tell()
    assert not [one for one in sandbox.messages(TRIAGE) if one.get("bot_id")]
    Delivery.objects.update(next_attempt_at=Delivery.objects.get().created_at)
    tell()
    assert "The export is empty" in str(post(sandbox))


def test_the_thread_keeps_silent(acme: Installation, sandbox: SandboxProcess, conversation: Conversation) -> None:
    sandbox.api("invite", channel=TRIAGE, user=GUEST, by="dana")
    somebody("member_joined_channel", acme, GUEST)
    conversation.add_note("Not for guests", by=User.objects.get(external_id=DANA))
    first = conversation.messages.order_by("sent_at")[0]
    cast.say("Any news?", channel=conversation.channel, by=first.author_contact, thread_ts=first.ts)
    tell()
    root = post(sandbox)
    assert len(sandbox.web_api("conversations.replies", channel=TRIAGE, ts=root["ts"])["messages"]) == 1
    skipped = Delivery.objects.filter(kind__in=[DeliveryKind.NOTE, DeliveryKind.STORY])
    assert {delivery.response["skipped"] for delivery in skipped} == {"people from outside are in the channel"}


def test_a_guest_can_do_nothing_there(acme: Installation, sandbox: SandboxProcess, conversation: Conversation) -> None:
    sandbox.api("invite", channel=TRIAGE, user=GUEST, by="dana")
    ts = post(sandbox)["ts"]
    click = {
        "type": "block_actions", "team": {"id": acme.external_id},
        "user": {"id": GUEST, "team_id": acme.external_id},
        "container": {"type": "message", "channel_id": TRIAGE, "message_ts": ts},
        "actions": [{"action_id": "acknowledge", "action_ts": cast.make_ts()}],
        "trigger_id": cast.make_ts(), "response_url": f"{sandbox.url}/response/x",
    }  # fmt: skip
    assert work(click) == ["pressed by somebody who is no teammate: nothing done"]
    told = Delivery.objects.get(kind=DeliveryKind.ANSWER).request["body"]
    assert (told["text"], told["response_type"]) == ("Only teammates can do this.", "ephemeral")
    reply = said("Hm?", user=GUEST, channel=TRIAGE, team=acme.external_id, thread_ts=ts)
    assert work(envelope(reply, team=acme.external_id)) == ["not a teammate's: no note"]
    conversation.refresh_from_db()
    assert (conversation.status, conversation.messages.count()) == (Status.TODO, 1)


def test_settings_warn(acme: Installation, client: Client) -> None:
    client.force_login(User.objects.get(external_id=DANA))
    assert "from outside" not in client.get("/settings/triage/").text
    TriageChannel.objects.update(outsiders=2)
    assert "2 people from outside are in it" in client.get("/settings/triage/").text
