"""Channels entered without an invitation: by their names, or as soon as they are made."""

from __future__ import annotations

import json

import pytest

from accounts.models import Account, Channel, User, Workspace
from integrations.models import InboundEvent, Installation
from integrations.slack import entering
from integrations.slack.inbox import drain
from tests import cast
from tests.integrations.slack.envelopes import Json, envelope, work
from tests.sandbox_process import SandboxProcess


@pytest.fixture
def looking(acme: Installation) -> Installation:
    look_for(acme, "ext-*")
    return acme


def look_for(installation: Installation, *patterns: str) -> None:
    Workspace.objects.filter(pk=installation.workspace_id).update(channel_patterns=[*patterns])
    installation.refresh_from_db()


def enter() -> list[str]:
    """Answers the outcomes."""
    entering.plan()
    drain()
    return list(InboundEvent.objects.filter(kind=entering.ENTER).order_by("pk").values_list("outcome", flat=True))


@pytest.mark.parametrize(
    ("patterns", "name", "wanted"),
    [
        (["ext-*"], "ext-globex", True),
        (["ext-*"], "EXT-Globex", True),
        (["#ext-*"], "ext-globex", True),
        (["ext-*"], "next-globex", False),
        (["ext-*", "*-support"], "globex-support", True),
        (["globex"], "globex-support", False),
        ([], "ext-globex", False),
    ],
)
def test_names(patterns: list[str], name: str, wanted: bool) -> None:
    assert entering.is_wanted(Workspace(channel_patterns=patterns), name) == wanted


def test_channels_with_such_a_name_are_entered(looking: Installation, sandbox: SandboxProcess) -> None:
    """The account's owner owns them, or else who made them."""
    owner = cast.make_teammate(workspace=looking.workspace, name="Priya")
    Account.objects.create(workspace=looking.workspace, name="Initech", owner=owner)
    assert enter() == ["joined"] * 3
    channels = {channel.name: channel for channel in Channel.objects.filter(name__startswith="ext-")}
    assert [*channels] == ["ext-globex", "ext-initech", "ext-umbrella"]
    assert channels["ext-initech"].owner == owner
    maker = channels["ext-globex"].owner
    assert maker
    assert maker.external_id == "U0DANA0001"
    assert all(channel.joined_at and not channel.left_at for channel in channels.values())
    listed = sandbox.web_api("users.conversations")["channels"]
    assert {"ext-globex", "ext-initech", "ext-umbrella"} <= {channel["name"] for channel in listed}


def test_whoever_removed_us_meant_it(looking: Installation, sandbox: SandboxProcess) -> None:
    enter()
    sandbox.api("leave", channel="#ext-globex", user="app")
    work(envelope({"type": "channel_left", "channel": "C0EXTGLOBX"}, team=looking.external_id))
    InboundEvent.objects.all().delete()
    assert enter() == []
    assert Channel.objects.get(external_id="C0EXTGLOBX").left_at


def test_a_channel_that_refuses_us_is_tried_once_a_day(looking: Installation, sandbox: SandboxProcess) -> None:
    look_for(looking, "ext-globex")
    sandbox.api("change-app", scopes=["channels:read", "users:read"])
    assert enter() == ["not joined: Pylon lacks a permission in Slack: install it again."]
    assert entering.plan() == 0
    assert not Channel.objects.filter(external_id="C0EXTGLOBX").exists()


def test_slack_is_away(looking: Installation, sandbox: SandboxProcess) -> None:
    sandbox.api("misbehave", calls=[{"method": "conversations.list", "fault": "server_error"}])
    assert entering.plan() == 0
    sandbox.api("misbehave", calls=[{"method": "conversations.join", "fault": "server_error"}])
    assert enter() == [""] * 3, "not lost, but tried again"
    sandbox.api("misbehave", calls=[])
    InboundEvent.objects.update(next_attempt_at=None)
    assert enter() == ["joined"] * 3
    assert looking.workspace.channels.filter(name__startswith="ext-", left_at=None).count() == 3


def test_without_names_nothing_is_asked(acme: Installation, sandbox: SandboxProcess) -> None:
    assert entering.plan() == 0
    assert "conversations.list" not in {call["method"] for call in sandbox.log()["calls"]}


@pytest.mark.parametrize(("name", "outcome"), [("ext-hooli", "joined"), ("lunch", "not a name that is looked for")])
def test_a_channel_is_entered_as_soon_as_it_is_made(
    looking: Installation, sandbox: SandboxProcess, name: str, outcome: str
) -> None:
    made = sandbox.api("create-channel", name=name, members=["omar"])["channel"]
    assert work(_created(sandbox)) == [outcome]
    channel = Channel.objects.filter(external_id=made["id"]).first()
    assert bool(channel) == (outcome == "joined")
    if channel:
        omar = User.objects.get(external_id="U0OMAR0001")
        assert (channel.owner, channel.account and channel.account.name) == (omar, "Hooli")


def _created(sandbox: SandboxProcess) -> Json:
    """As the sandbox sent it."""
    sent: list[Json] = [json.loads(delivery["body"]) for delivery in sandbox.settle()["deliveries"]]
    (made,) = [body for body in sent if body.get("event", {}).get("type") == "channel_created"]
    return made
