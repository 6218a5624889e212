"""Who is a teammate and who a customer's contact, also where Slack tells little."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Account, Channel, Contact, User
from conversations.models import Message, MessageKind
from integrations.models import Installation
from integrations.slack import people
from integrations.slack.profiles import remember
from tests import cast
from tests.cast import OUR_TEAM, THEIR_TEAM
from tests.integrations.slack.envelopes import Json, envelope, said, work
from tests.sandbox_process import SandboxProcess


def profile(user_id: str = "U1", *, team: str = OUR_TEAM, email: str = "", **more: Any) -> Json:
    return {"id": user_id, "team_id": team, "profile": {"real_name": "Somebody", "email": email}, **more}


@pytest.mark.parametrize(
    ("person", "domains", "kind"),
    [
        pytest.param(profile(), [], User, id="of our team"),
        pytest.param(profile(team="E_US"), [], User, id="of our organisation"),
        pytest.param(profile(team=THEIR_TEAM), [], Contact, id="of another team"),
        pytest.param(profile(team="E_THEM"), [], Contact, id="of another organisation"),
        pytest.param(
            profile(team=THEIR_TEAM, email="x@acme.example"), ["acme.example"], Contact, id="our address, their team"
        ),
        pytest.param(profile(team="", is_stranger=False), [], Contact, id="of no team that Slack names"),
        pytest.param(profile(is_restricted=True), [], Contact, id="a guest"),
        pytest.param(profile(is_ultra_restricted=True), [], Contact, id="a guest of one channel"),
        pytest.param(
            profile(is_restricted=True, email="x@acme.example"), ["acme.example"], User, id="a guest with our address"
        ),
        pytest.param(profile(email="x@globex.example"), ["acme.example"], Contact, id="a member with another address"),
        pytest.param(profile(email="X@ACME.example"), ["acme.example"], User, id="a member with our address"),
        pytest.param(profile(), ["acme.example"], User, id="a member whose address Slack hides"),
        pytest.param(profile(is_bot=True), [], type(None), id="an app"),
        pytest.param(profile("USLACKBOT"), [], type(None), id="Slackbot"),
        pytest.param({}, [], type(None), id="nobody"),
        pytest.param({"id": "U1", "profile": "?", "team_id": None}, [], Contact, id="a profile that is none"),
    ],
)
def test_who_they_are(installation: Installation, person: Json, domains: list[str], kind: type) -> None:
    installation.enterprise_id = "E_US"
    installation.workspace.email_domains = domains
    assert type(remember(installation, person)) is kind


def test_no_enterprise_is_not_everybodys(installation: Installation) -> None:
    assert installation.enterprise_id == ""
    assert isinstance(remember(installation, profile(team="")), Contact)


def test_a_teammate_who_signed_in_before_is_known_by_the_address(installation: Installation) -> None:
    dana = cast.make_teammate(workspace=installation.workspace, email="dana@acme.example", external_id=None)
    known = remember(installation, profile("U1", email="Dana@Acme.example"))
    dana.refresh_from_db()
    assert known == dana
    assert dana.external_id == "U1"
    assert dana.has_usable_password()


def test_an_address_that_another_workspace_uses_is_left_there(installation: Installation, stranger: User) -> None:
    known = remember(installation, profile("U1", email=stranger.email or ""))
    assert isinstance(known, User)
    assert known != stranger
    assert known.email is None
    assert not known.has_usable_password()


def test_the_account_is_known_by_team_or_address(installation: Installation) -> None:
    workspace = installation.workspace
    by_team = cast.make_account(workspace=workspace, external_team_id=THEIR_TEAM)
    by_domain = cast.make_account(workspace=workspace, domains=["initech.example"])
    found = [
        remember(installation, person)
        for person in (
            profile("U1", team=THEIR_TEAM),
            profile("U2", team="T9", email="x@initech.example"),
            profile("U3", email="x@initech.example", is_restricted=True),
            profile("U4", team="T9"),
        )
    ]
    assert [contact.account for contact in found if isinstance(contact, Contact)] == [
        by_team,
        by_domain,
        by_domain,
        None,
    ]


@pytest.mark.parametrize(
    ("team", "kind"),
    [
        (OUR_TEAM, MessageKind.OUTBOUND),
        (THEIR_TEAM, MessageKind.INBOUND),
        ("E_THEM", MessageKind.INBOUND),
        (None, MessageKind.INBOUND),
    ],
)
def test_a_message_does_not_wait_for_a_profile(
    installation: Installation, channel: Channel, team: str | None, kind: str
) -> None:
    """Slack does not answer here. The outer team is the sender's, as in a shared channel."""
    event = said("Hi", user="U9", channel=channel.external_id, team=team, user_profile={"real_name": "Nina"})
    assert work(envelope(event) | {"team_id": team or "T_ELSEWHERE"}) == ["captured"]
    message = Message.objects.get()
    assert (message.kind, message.author_name) == (kind, "Nina")


def test_a_customers_contact_gets_the_channels_account(
    installation: Installation, channel: Channel, account: Account
) -> None:
    work(envelope(said("Hi", user="U9", channel=channel.external_id, team=THEIR_TEAM)))
    assert Contact.objects.get(external_id="U9").account == account


def test_a_customers_app_speaks_by_its_name(installation: Installation, channel: Channel) -> None:
    post = said(
        "Disk full", user="U_APP", channel=channel.external_id, team=THEIR_TEAM, bot_id="B9", username="Monitor"
    )
    assert work(envelope(post)) == ["captured"]
    message = Message.objects.get()
    assert (message.author_name, message.author_contact, message.kind) == ("Monitor", None, MessageKind.INBOUND)
    assert not Contact.objects.exists()


def test_slack_connect_users_and_guests_as_slack_tells_them(acme: Installation) -> None:
    people.learn(acme, {"U0DANA0001", "U0MIA00001", "U0TOMAS001", "U0PYLON001", "U_NOBODY"})
    assert not User.objects.filter(external_id="U0PYLON001").exists()
    assert User.objects.get(external_id="U0DANA0001").email == "dana@acme.example"
    mia, tomas = (Contact.objects.get(external_id=i) for i in ("U0MIA00001", "U0TOMAS001"))
    assert (mia.name, mia.email, mia.external_team_id) == ("Mia Tanaka", "mia@globex.example", "T0GLOBEX1")
    assert tomas.external_team_id == acme.external_id


def test_known_people_are_not_asked_about_again(acme: Installation, sandbox: SandboxProcess) -> None:
    for _ in range(3):
        people.learn(acme, {"U0MIA00001"})
    assert _asked(sandbox) == ["U0MIA00001"]


def test_a_profile_that_slack_refuses_is_asked_for_once_more(acme: Installation, sandbox: SandboxProcess) -> None:
    cast.make_contact(workspace=acme.workspace, external_id="U_GONE")
    for _ in range(3):
        assert people.learn(acme, {"U_GONE"}) <= {"U_GONE"}
    assert _asked(sandbox) == ["U_GONE"]


def test_slack_is_left_alone_while_it_is_busy(acme: Installation, sandbox: SandboxProcess) -> None:
    sandbox.api("misbehave", calls=[{"method": "users.info", "fault": "rate_limited"}])
    everybody = {"U0MIA00001", "U0JONAS001", "U0RUTH0001"}
    assert people.learn(acme, everybody) == everybody
    assert len(_asked(sandbox)) == 1


def test_a_text_full_of_names_costs_few_calls(acme: Installation, sandbox: SandboxProcess) -> None:
    channel = cast.make_channel(workspace=acme.workspace, details_read_at=timezone.now())
    names = " ".join(f"<@U{number:08}>" for number in range(1_000))
    event = said(names, user="U0MIA00001", channel=channel.external_id, team="T0GLOBEX1")
    assert work(envelope(event, team=acme.external_id)) == ["captured"]
    assert len(_asked(sandbox)) <= 21


def test_a_guest_taken_for_a_teammate_is_set_right(acme: Installation) -> None:
    """Slack was away when the guest first spoke: the event names only our own team."""
    mistaken = cast.make_teammate(workspace=acme.workspace, external_id="U_GUEST", name="U_GUEST")
    User.objects.filter(external_id="U0TOMAS001").delete()
    Contact.objects.filter(external_id="U0TOMAS001").delete()
    User.objects.filter(pk=mistaken.pk).update(external_id="U0TOMAS001")
    people.learn(acme, {"U0TOMAS001"})
    assert isinstance(people.known(acme, ["U0TOMAS001"])["U0TOMAS001"], Contact)
    mistaken.refresh_from_db()
    assert (mistaken.external_id, mistaken.is_active) == (None, False)


def _asked(sandbox: SandboxProcess) -> list[str]:
    return [call["args"]["user"] for call in sandbox.log()["calls"] if call["method"] == "users.info"]
