"""Channels that are renamed, archived, shared, left and found again, or get another id."""

from __future__ import annotations

import pytest

from accounts.models import Channel, ChannelKind, User
from integrations.models import Delivery, DeliveryKind, Installation, Link, LinkKind
from tests import cast
from tests.cast import OUR_TEAM, THEIR_TEAM
from tests.integrations.slack.envelopes import Json, envelope, joined, said, work
from tests.sandbox_process import SandboxProcess
from triage.models import TriageChannel

BOT = "U0PYLON"


@pytest.mark.parametrize(
    ("event", "field", "value"),
    [
        ({"type": "channel_rename", "channel": {"id": "C1", "name": "globex-prod"}}, "name", "globex-prod"),
        ({"type": "group_rename", "channel": {"id": "C1", "name": "globex-prod"}}, "name", "globex-prod"),
        ({"type": "channel_shared", "channel": "C1", "connected_team_id": THEIR_TEAM}, "is_shared", True),
        ({"type": "channel_unshared", "channel": "C1", "is_ext_shared": False}, "is_shared", False),
        ({"type": "channel_unshared", "channel": "C1", "is_ext_shared": True}, "is_shared", True),
        ({"type": "channel_convert_to_private", "channel": "C1"}, "is_private", True),
        ({"type": "channel_id_changed", "old_channel_id": "C1", "new_channel_id": "C2"}, "external_id", "C2"),
    ],
)
def test_changes(installation: Installation, event: Json, field: str, value: object) -> None:
    channel = cast.make_channel(workspace=installation.workspace, external_id="C1", is_shared=value is False)
    work(envelope(event))
    channel.refresh_from_db()
    assert getattr(channel, field) == value


@pytest.mark.parametrize("kind", ["channel_left", "channel_deleted", "member_left_channel"])
def test_left_and_back(installation: Installation, dana: User, omar: User, kind: str) -> None:
    channel = cast.make_channel(workspace=installation.workspace, external_id="C1", owner=dana, is_shared=False)
    cast.make_conversation(channel=channel)
    work(envelope({"type": kind, "channel": "C1", "user": BOT}))
    channel.refresh_from_db()
    left_at = channel.left_at
    assert left_at
    work(envelope({"type": kind, "channel": "C1", "user": BOT}))
    channel.refresh_from_db()
    assert channel.left_at == left_at
    work(envelope(joined(user=BOT, channel="C1", inviter=omar.external_id)))
    channel.refresh_from_db()
    back: object = channel.left_at
    assert (back, channel.owner, channel.conversations.count()) == (None, dana, 1)


def test_who_has_us_back_owns_a_channel_that_nobody_owned(installation: Installation, omar: User) -> None:
    channel = cast.make_channel(workspace=installation.workspace, external_id="C1")
    work(envelope({"type": "channel_left", "channel": "C1"}))
    work(envelope(joined(user=BOT, channel="C1", inviter=omar.external_id)))
    channel.refresh_from_db()
    assert channel.owner == omar


def test_archived_and_brought_back(acme: Installation, sandbox: SandboxProcess) -> None:
    """What is archived is not left: once it is back, capture goes on."""
    sandbox.api("invite", channel="#ext-globex", user="app", by="dana")
    work(envelope(joined(user=acme.bot_user_id, channel="C0EXTGLOBX", inviter="U0DANA0001"), team=acme.external_id))
    channel = Channel.objects.get(external_id="C0EXTGLOBX")
    archive, unarchive = (envelope({"type": kind, "channel": "C0EXTGLOBX"}, team=acme.external_id)
                          for kind in ("channel_archive", "channel_unarchive"))  # fmt: skip
    assert work(archive) == ["archived"]
    channel.refresh_from_db()
    assert channel.archived_at
    assert channel.left_at is None
    sandbox.api("leave", channel="#ext-globex", user="app")
    assert work(unarchive) == ["unarchived"], "Slack had taken us out: into a public channel we go again"
    channel.refresh_from_db()
    stays: list[object] = [channel.archived_at, channel.left_at]
    assert stays == [None, None]
    assert sandbox.web_api("conversations.info", channel="C0EXTGLOBX")["channel"]["is_member"]
    question = said("Hi", user="U0MIA00001", channel="C0EXTGLOBX", team="T0GLOBEX1")
    assert work(envelope(question, team=acme.external_id)) == ["captured"]


def test_a_private_channel_that_comes_back_without_us_is_left(acme: Installation, sandbox: SandboxProcess) -> None:
    made = sandbox.api("create-channel", name="ext-hidden", members=["dana"], private=True)["channel"]
    channel = cast.make_channel(workspace=acme.workspace, external_id=made["id"], external_team_id=acme.external_id)
    assert work(envelope({"type": "group_unarchive", "channel": made["id"]}, team=acme.external_id)) == [
        "unarchived, and left"
    ]
    channel.refresh_from_db()
    assert channel.left_at


def test_a_new_id_takes_everything_along(installation: Installation, dana: User) -> None:
    triage = cast.make_triage_channel(workspace=installation.workspace)
    old = triage.channel.external_id
    conversation = cast.make_conversation(channel=cast.make_channel(workspace=installation.workspace))
    link = Link.objects.create(
        workspace=installation.workspace, installation=installation, conversation=conversation,
        kind=LinkKind.TRIAGE_POST, place=old, external_id="1700000000.000100",
    )  # fmt: skip
    waiting = Delivery.objects.create(
        workspace=installation.workspace, installation=installation, conversation=conversation,
        kind=DeliveryKind.TRIAGE_POST, place=old,
    )  # fmt: skip
    event = {"type": "channel_id_changed", "old_channel_id": old, "new_channel_id": "G9"}
    assert work(envelope(event)) == ["has a new id"]
    link.refresh_from_db()
    waiting.refresh_from_db()
    assert (TriageChannel.objects.get().channel.external_id, link.place, waiting.place) == ("G9", "G9", "G9")
    late = said("looking", user=dana.external_id or "", channel=old, team=OUR_TEAM, thread_ts="1700000000.000100")
    assert work(envelope(late)) == ["note"], "an event that was under way finds the post"
    assert not Channel.objects.filter(external_id=old).exists()


def test_an_id_seen_before_slack_told_of_it(installation: Installation) -> None:
    channel = cast.make_channel(workspace=installation.workspace, external_id="C1")
    cast.make_channel(workspace=installation.workspace, external_id="C2")
    event = {"type": "channel_id_changed", "old_channel_id": "C1", "new_channel_id": "C2"}
    assert work(envelope(event)) == ["has a new id"]
    channel.refresh_from_db()
    assert channel.external_id == "C2"


def test_an_id_under_which_people_talk_is_not_taken_away(installation: Installation) -> None:
    cast.make_channel(workspace=installation.workspace, external_id="C1")
    taken = cast.make_channel(workspace=installation.workspace, external_id="C2")
    cast.make_conversation(channel=taken)
    event = {"type": "channel_id_changed", "old_channel_id": "C1", "new_channel_id": "C2"}
    assert work(envelope(event)) == ["an id that is taken"]


def test_a_triage_channel_that_is_shared_keeps_its_kind_and_says_so(installation: Installation) -> None:
    triage = cast.make_triage_channel(workspace=installation.workspace)
    work(envelope({"type": "channel_shared", "channel": triage.channel.external_id, "connected_team_id": THEIR_TEAM}))
    triage.channel.refresh_from_db()
    assert (triage.channel.is_shared, triage.channel.kind) == (True, ChannelKind.TRIAGE)
