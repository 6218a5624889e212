"""Channels coming and going: owner, account, kind."""

from __future__ import annotations

import pytest

from accounts.models import Account, Channel, ChannelKind, User
from accounts.services import Sighting, add_channel, company_name
from conversations.models import Automatic, Conversation, EventKind, Message
from integrations.models import InboundEvent, Installation
from integrations.slack.inbox import drain
from tests import cast
from tests.cast import OUR_TEAM, THEIR_TEAM
from tests.integrations.slack.envelopes import Json, envelope, joined, said, work
from tests.sandbox_process import SandboxProcess
from triage.models import TriageChannel

BOT = "U0PYLON"
LOOKS = ["conversations.info", "conversations.members"]


def our_join(channel_id: str, inviter: str | None, *, team: str = OUR_TEAM, bot: str = BOT) -> Json:
    return envelope(joined(user=bot, channel=channel_id, inviter=inviter), team=team)


def see(installation: Installation, inviter: User | None, known: Json) -> Channel:
    return add_channel(workspace=installation.workspace, sighting=Sighting("C1", OUR_TEAM, **known), inviter=inviter)


def test_whoever_invites_us_owns_the_channel_and_its_new_account(installation: Installation, dana: User) -> None:
    assert work(our_join("C1", dana.external_id)) == ["joined"]
    channel = Channel.objects.get()
    assert (channel.owner, channel.kind) == (dana, ChannelKind.CUSTOMER)
    company = {"member_teams": {THEIR_TEAM}, "member_domains": {"globex.example", "gmail.com"}}
    named = see(installation, None, {"name": "ext-globex"} | company)
    assert named.account
    assert (named.account.name, named.account.owner) == ("Globex", dana)
    assert (named.account.external_team_id, named.account.domains) == (THEIR_TEAM, ["globex.example"])


@pytest.mark.parametrize(
    ("account", "seen"),
    [
        pytest.param({"external_team_id": THEIR_TEAM}, {"member_teams": {THEIR_TEAM, OUR_TEAM}}, id="by team"),
        pytest.param({"domains": ["globex.example"]}, {"member_domains": {"globex.example"}}, id="by address"),
        pytest.param({"name": "GLOBEX corp"}, {"name": "acme-globex-corp"}, id="by name"),
    ],
)
def test_the_account_is_matched(installation: Installation, omar: User, account: Json, seen: Json) -> None:
    known = cast.make_account(workspace=installation.workspace, owner=omar, **account)
    cast.make_account(
        workspace=installation.workspace, name="Initech", domains=["initech.example"], external_team_id="T9"
    )
    channel = see(installation, None, {"name": "some-name"} | seen)
    assert (channel.account, channel.owner) == (known, omar)


def test_the_team_says_more_than_the_name(installation: Installation) -> None:
    by_name = cast.make_account(workspace=installation.workspace, name="Globex")
    by_team = cast.make_account(workspace=installation.workspace, name="Hooli", external_team_id=THEIR_TEAM)
    assert see(installation, None, {"name": "ext-globex", "member_teams": {THEIR_TEAM}}).account == by_team != by_name


def test_an_account_with_an_owner_keeps_it(installation: Installation, dana: User, omar: User) -> None:
    account = cast.make_account(workspace=installation.workspace, name="Globex", owner=omar)
    channel = see(installation, dana, {"name": "ext-globex"})
    account.refresh_from_db()
    assert (channel.owner, account.owner) == (dana, omar)


def test_another_invitation_changes_no_owner(installation: Installation, dana: User, omar: User) -> None:
    work(our_join("C1", dana.external_id), our_join("C1", omar.external_id))
    assert Channel.objects.get().owner == dana


def test_a_message_before_the_join(installation: Installation, dana: User) -> None:
    question = said("The export is empty", user="U9", channel="C1", team=THEIR_TEAM)
    work(envelope(question))
    conversation = Conversation.objects.get()
    assert conversation.owner is None
    work(our_join("C1", dana.external_id))
    conversation.refresh_from_db()
    assert conversation.owner == dana
    event = conversation.events.get(kind=EventKind.OWNER_CHANGED)
    assert (event.by_rule, event.data["to"]) == ("channel_owner", dana.name)


def test_a_question_answered_before_the_join_gets_its_owner_too(installation: Installation, dana: User) -> None:
    question = said("The export is empty", user="U9", channel="C1", team=THEIR_TEAM)
    work(envelope(question))
    Conversation.objects.get().close(by=Automatic("rule", ""))
    work(our_join("C1", dana.external_id))
    assert Conversation.objects.get().owner == dana


def test_a_conversation_that_somebody_gave_up_stays_without_owner(installation: Installation, dana: User) -> None:
    work(our_join("C1", dana.external_id), envelope(said("?", user="U9", channel="C1", team=THEIR_TEAM)))
    Conversation.objects.get().assign(None, by=dana)
    work(our_join("C1", dana.external_id))
    assert Conversation.objects.get().owner is None


def test_what_slack_did_not_tell_at_first_is_asked_again(acme: Installation, sandbox: SandboxProcess) -> None:
    sandbox.api("invite", channel="#ext-globex", user="app", by="dana")
    question = said("The export is empty", user="U0MIA00001", channel="C0EXTGLOBX", team="T0GLOBEX1")
    sandbox.api("misbehave", calls=[{"method": name, "fault": "server_error"} for name in LOOKS])
    work(envelope(question, team=acme.external_id))
    channel = Channel.objects.get(external_id="C0EXTGLOBX")
    assert (channel.name, channel.account, channel.details_read_at) == ("", None, None)
    sandbox.api("misbehave", calls=[])
    looked = len(_looks(sandbox))
    for _ in range(3):
        work(envelope(question | {"ts": cast.make_ts()}, team=acme.external_id))
    channel.refresh_from_db()
    assert (channel.name, bool(channel.details_read_at)) == ("ext-globex", True)
    assert len(_looks(sandbox)) == looked + 1, "what was read is not asked again"
    assert {c.account.name for c in Conversation.objects.all() if c.account} == {"Globex"}
    event = Conversation.objects.earliest("pk").events.get(kind=EventKind.ACCOUNT_CHANGED)
    assert (event.by_rule, event.data["to"]) == ("channel_account", "Globex")


def test_it_is_asked_again_without_another_message(acme: Installation, sandbox: SandboxProcess) -> None:
    sandbox.api("invite", channel="#ext-globex", user="app", by="dana")
    sandbox.api("misbehave", calls=[{"method": name, "fault": "server_error", "times": 2} for name in LOOKS])
    work(our_join("C0EXTGLOBX", "U0DANA0001", team=acme.external_id, bot=acme.bot_user_id))
    (again,) = InboundEvent.objects.filter(processed_at=None)
    assert (again.kind, again.attempts) == ("look_again", 1)
    InboundEvent.objects.update(next_attempt_at=None)
    drain()
    again.refresh_from_db()
    assert again.outcome == "looked"
    account = Channel.objects.get(external_id="C0EXTGLOBX").account
    assert account
    assert account.name == "Globex"


def test_a_channel_that_slack_does_not_show_is_not_asked_about_for_ever(
    acme: Installation, sandbox: SandboxProcess
) -> None:
    for _ in range(3):
        work(envelope(said("Hi", user="U0MIA00001", channel="C_HIDDEN", team="T0GLOBEX1"), team=acme.external_id))
    assert len(_looks(sandbox)) == 1
    assert Channel.objects.get(external_id="C_HIDDEN").account


def test_somebody_elses_join_is_nothing_to_us(installation: Installation, dana: User) -> None:
    work(our_join("C1", dana.external_id, bot="U_MIA"))
    assert not Channel.objects.exists()


def test_an_inviter_of_whom_slack_does_not_tell_owns_it_too(installation: Installation) -> None:
    work(our_join("C1", "U_UNKNOWN"))
    owner = Channel.objects.get().owner
    assert owner
    assert (owner.external_id, owner.profile_read_at) == ("U_UNKNOWN", None)


@pytest.mark.parametrize(
    ("name", "is_shared", "kind"),
    [
        ("support-triage", False, ChannelKind.TRIAGE),
        ("triage", False, ChannelKind.TRIAGE),
        ("triage_eu", False, ChannelKind.TRIAGE),
        ("ext-triage", True, ChannelKind.CUSTOMER),
        ("triagers", False, ChannelKind.CUSTOMER),
        ("ext-globex", False, ChannelKind.CUSTOMER),
    ],
)
def test_a_triage_channel_is_known_by_its_name(
    installation: Installation, name: str, is_shared: bool, kind: str
) -> None:
    assert see(installation, None, {"name": name, "is_shared": is_shared}).kind == kind


@pytest.mark.parametrize(
    ("channel_name", "company"),
    [
        ("ext-globex", "Globex"),
        ("acme-globex-corp", "Globex Corp"),
        ("globex_support", "Globex"),
        ("ext-acme-shared", "Ext Acme Shared"),
        ("", ""),
        ("グローベックス", "グローベックス"),
        ("x" * 300, "X" + "x" * 119),
    ],
)
def test_the_companys_name(channel_name: str, company: str) -> None:
    assert company_name(channel_name, "Acme") == company


def test_a_channel_is_noticed_to_be_shared(installation: Installation) -> None:
    channel = cast.make_channel(workspace=installation.workspace, is_shared=False)
    event = said("Hi", user="U9", channel=channel.external_id, team=THEIR_TEAM)
    work(envelope(event, is_ext_shared_channel=True))
    channel.refresh_from_db()
    assert channel.is_shared


def test_as_slack_tells_it(acme: Installation, sandbox: SandboxProcess) -> None:
    sandbox.api("invite", channel="#ext-globex", user="app", by="dana")
    join = our_join("C0EXTGLOBX", "U0DANA0001", team=acme.external_id, bot=acme.bot_user_id)
    assert work(join) == ["joined"]
    channel = Channel.objects.get(external_id="C0EXTGLOBX")
    assert channel.owner
    assert channel.account
    assert (channel.name, channel.is_shared, channel.owner.name) == ("ext-globex", True, "Dana Reyes")
    account = channel.account
    assert (account.name, account.domains, account.external_team_id) == ("Globex", ["globex.example"], "T0GLOBEX1")
    assert account.owner == channel.owner
    question = said("Hi", user="U0MIA00001", channel="C0EXTGLOBX", team="T0GLOBEX1")
    work(envelope(question, team=acme.external_id))
    assert Message.objects.get().conversation.owner == channel.owner


def test_a_triage_channel_that_we_are_in_already(acme: Installation) -> None:
    triage = TriageChannel.objects.get()
    assert (triage.channel.external_id, triage.is_general) == ("C0TRIAGE01", True)
    assert not Account.objects.exists()


def _looks(sandbox: SandboxProcess) -> list[Json]:
    ours = {"C0EXTGLOBX", "C_HIDDEN"}
    calls: list[Json] = sandbox.log()["calls"]
    return [c for c in calls if c["method"] == "conversations.info" and c["args"]["channel"] in ours]
