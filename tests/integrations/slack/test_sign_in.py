"""Sign in with Slack, through the sandbox's own pages: who gets in, and who is told why not."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Contact, User
from accounts.seats import CHOSEN
from integrations.models import Installation
from tests import cast
from tests.integrations.slack.installing import CLIENT, consent
from tests.sandbox_process import SandboxProcess

DANA, OMAR, GUEST, CUSTOMER = "U0DANA0001", "U0OMAR0001", "U0TOMAS001", "U0MIA00001"
CALLBACK = "/sign-in/slack/callback"


@pytest.fixture
def acme(acme: Installation, settings: Settings) -> Installation:
    """Connected, with the app's client id and secret; Dana was seen in a channel."""
    settings.SLACK_CLIENT_ID, settings.SLACK_CLIENT_SECRET = CLIENT["client_id"], CLIENT["client_secret"]
    User.objects.filter(workspace=acme.workspace).delete()
    seen(acme, DANA, name="Dana Reyes", email="dana@acme.example")
    return acme


def seen(installation: Installation, external_id: str, **fields: Any) -> User:
    """A teammate from Slack, who never signed in."""
    return User.objects.create(
        workspace=installation.workspace, external_id=external_id, external_team_id="T0ACME001", password="!", **fields
    )


def agree(client: Client, *, as_: str, next_page: str = "") -> dict[str, str]:
    """Go to Slack's page, and agree there as somebody; what it leads back with."""
    begun = client.get("/sign-in/slack/", {"next": next_page})
    assert begun.status_code == 302
    return consent(begun.headers["location"], user_id=as_)


def come_back(client: Client, given: dict[str, str]) -> Any:
    return client.get(CALLBACK, given)


def refused(client: Client, given: dict[str, str]) -> str:
    answer = come_back(client, given)
    assert answer.status_code == 403
    assert "_auth_user_id" not in client.session
    return str(answer.content.decode())


def test_a_teammate_comes_in_by_their_slack_id(client: Client, acme: Installation) -> None:
    assert "Sign in with Slack" in client.get("/sign-in/").content.decode()
    answer = come_back(client, agree(client, as_=DANA, next_page="/accounts/"))
    assert (answer.status_code, answer.headers["location"]) == (302, "/accounts/")
    dana = User.objects.get(external_id=DANA)
    assert client.session["_auth_user_id"] == str(dana.pk)
    assert dana.last_login is not None
    assert client.get("/board/").status_code == 200


def test_another_slack_address_than_here_is_still_them(client: Client, acme: Installation) -> None:
    User.objects.filter(external_id=DANA).update(email="somebody.else@acme.example")
    come_back(client, agree(client, as_=DANA))
    assert client.session["_auth_user_id"] == str(User.objects.get(external_id=DANA).pk)


def test_the_way_to_slack_asks_for_what_openid_needs(client: Client, acme: Installation) -> None:
    asked = parse_qs(urlsplit(client.get("/sign-in/slack/").headers["location"]).query)
    assert asked["scope"] == ["openid email profile"]
    assert asked["redirect_uri"] == ["http://127.0.0.1:8000/sign-in/slack/callback"]
    assert asked["nonce"] != asked["state"]


def test_another_site_is_no_next_page(client: Client, acme: Installation) -> None:
    answer = come_back(client, agree(client, as_=DANA, next_page="https://evil.example/"))
    assert answer.headers["location"] == "/board/"


def test_a_customer_is_told_to_go_on_writing(client: Client, acme: Installation) -> None:
    cast.make_contact(workspace=acme.workspace, external_id=CUSTOMER, external_team_id="T0GLOBEX1")
    said = refused(client, agree(client, as_=CUSTOMER))
    assert "Your Slack workspace, Globex, is not the one of a team that works here." in said


def test_a_customer_with_a_teammates_address_is_refused(
    client: Client, acme: Installation, sandbox: SandboxProcess
) -> None:
    sandbox.api("change-user", user=CUSTOMER, changes={"email": "dana@acme.example"})
    assert "Globex" in refused(client, agree(client, as_=CUSTOMER))


def test_a_customer_whose_team_names_itself_as_ours_is_refused(
    client: Client, acme: Installation, sandbox: SandboxProcess
) -> None:
    """What counts is who Slack says it is to us: a claim of our team with a foreign id finds nobody."""
    acme.workspace.admits_slack_members = True
    acme.workspace.save()
    sandbox.api("change-app", openid_claims={"https://slack.com/team_id": "T0ACME001"})
    assert "guests and former members" in refused(client, agree(client, as_=CUSTOMER))
    assert Contact.objects.filter(external_id=CUSTOMER).exists()


def test_a_guest_is_refused_though_they_were_a_teammate(client: Client, acme: Installation) -> None:
    seen(acme, GUEST, name="Tomás")
    assert "guests and former members may not" in refused(client, agree(client, as_=GUEST))


def test_whoever_became_a_guest_since_is_refused(client: Client, acme: Installation, sandbox: SandboxProcess) -> None:
    sandbox.api("change-user", user=DANA, changes={"is_restricted": True})
    assert "guests and former members may not" in refused(client, agree(client, as_=DANA))


def test_who_was_removed_here_is_refused(client: Client, acme: Installation) -> None:
    User.objects.filter(external_id=DANA).update(is_active=False)
    assert "guests and former members may not" in refused(client, agree(client, as_=DANA))


def test_whom_nobody_has_seen_is_refused_unless_all_may_come(client: Client, acme: Installation) -> None:
    assert "Ask an admin for an invitation" in refused(client, agree(client, as_=OMAR))
    assert not User.objects.filter(external_id=OMAR).exists()
    acme.workspace.admits_slack_members = True
    acme.workspace.save()
    assert come_back(client, agree(client, as_=OMAR)).status_code == 302
    omar = User.objects.get(external_id=OMAR)
    assert (omar.role, omar.workspace) == ("member", acme.workspace)


def test_an_address_alone_opens_no_seat(client: Client, acme: Installation) -> None:
    acme.workspace.admits_slack_members = True
    acme.workspace.save()
    cast.make_teammate(workspace=acme.workspace, name="Omar", email="omar@acme.example", external_id=None)
    assert "There is a sign-in with your e-mail address already" in refused(client, agree(client, as_=OMAR))
    assert not User.objects.filter(external_id=OMAR).exists()


def test_a_team_that_was_removed_opens_nothing(client: Client, acme: Installation) -> None:
    given = agree(client, as_=DANA)
    acme.revoked_at = timezone.now()
    acme.save()
    assert "is not the one of a team that works here" in refused(client, given)


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"aud": "9.9"},
        {"iss": "https://elsewhere.example"},
        {"exp": 1},
        {"nonce": None},
        {"https://slack.com/team_id": None},
    ],
    ids=["nonce", "audience", "issuer", "expired", "no nonce", "no team"],
)
def test_what_does_not_prove_who_they_are(
    client: Client, acme: Installation, sandbox: SandboxProcess, claims: dict[str, object]
) -> None:
    sandbox.api("change-app", openid_claims=claims)
    assert "does not prove who you are" in refused(client, agree(client, as_=DANA))


def test_a_state_is_this_browsers_and_used_once(client: Client, acme: Installation) -> None:
    given = agree(client, as_=DANA)
    assert "did not begin in this browser" in refused(Client(), given)
    assert "did not begin in this browser" in refused(client, given | {"state": "another"})
    assert "did not begin in this browser" in refused(client, given), "the wrong one used it up"


def test_a_code_is_used_once(client: Client, acme: Installation) -> None:
    first = agree(client, as_=DANA)
    come_back(client, first)
    other = Client()
    again = agree(other, as_=DANA)
    assert "invalid_code" in refused(other, again | {"code": first["code"]})


def test_a_way_that_takes_long_ends(client: Client, acme: Installation) -> None:
    given = agree(client, as_=DANA)
    session = client.session
    session["slack_sign_in"] |= {"at": 0}
    session.save()
    assert "longer than ten minutes" in refused(client, given)


def test_cancelled_and_slack_away(client: Client, acme: Installation, sandbox: SandboxProcess) -> None:
    begun = client.get("/sign-in/slack/").headers["location"]
    assert "You cancelled in Slack" in refused(client, consent(begun, deny="1"))
    given = agree(client, as_=DANA)
    sandbox.api("misbehave", calls=[{"method": "openid.connect.token", "fault": "server_error"}])
    assert "Start again" in refused(client, given)


def test_while_slack_tells_nothing_of_them_what_is_known_counts(
    client: Client, acme: Installation, sandbox: SandboxProcess
) -> None:
    given = agree(client, as_=DANA)
    sandbox.api("misbehave", calls=[{"method": "users.info", "fault": "server_error"}])
    assert come_back(client, given).status_code == 302


def test_a_seat_of_another_sign_in_leads_to_that_one(client: Client, acme: Installation, stranger: User) -> None:
    """Who has a login elsewhere comes in as it, into the workspace whose Slack they came from."""
    User.objects.filter(external_id=DANA).update(signs_in_as=stranger)
    come_back(client, agree(client, as_=DANA))
    assert client.session["_auth_user_id"] == str(stranger.pk)
    assert client.session[CHOSEN] == User.objects.get(external_id=DANA).pk
    assert "Acme" in client.get("/settings/team/").content.decode()


def test_without_an_app_there_is_no_such_way(client: Client, db: None) -> None:
    assert "Sign in with Slack" not in client.get("/sign-in/").content.decode()
    assert client.get("/sign-in/slack/").status_code == 404
