"""The settings' page of the Slack connection."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User, Workspace
from integrations.models import InboundEvent, Installation, SlackApp
from integrations.slack.manifest import manifest
from tests import cast
from tests.integrations.slack.installing import CLIENT
from tests.sandbox_process import SandboxProcess

pytestmark = pytest.mark.django_db
PASTED = CLIENT | {"signing_secret": "sandbox-signing-secret", "app_token": ""}
LIVE = "/settings/slack/checklist/"


@pytest.fixture(autouse=True)
def _no_slack(settings: Settings) -> None:
    settings.SLACK_API_URL = "http://127.0.0.1:9/api/"
    cache.clear()


@pytest.fixture
def signed_in(client: Client, dana: User) -> Client:
    client.force_login(dana)
    return client


def live(browser: Client) -> str:
    """The part that is fetched every few seconds."""
    cache.clear()
    return browser.get(LIVE, headers={"HX-Request": "true"}).content.decode()


def test_the_way_to_slack_carries_the_manifest(signed_in: Client, settings: Settings) -> None:
    settings.SLACK_API_URL, settings.BASE_URL = "https://slack.com/api/", "https://pylon.example"
    url = urlsplit(signed_in.get("/settings/slack/").context["create_url"])
    assert f"{url.scheme}://{url.netloc}{url.path}" == "https://api.slack.com/apps"
    asked = parse_qs(url.query)
    assert (asked["new_app"], json.loads(asked["manifest_json"][0])) == (["1"], manifest("https://pylon.example"))


def test_credentials_are_checked_kept_and_never_shown(signed_in: Client, sandbox: SandboxProcess) -> None:
    assert signed_in.post("/settings/slack/app/", PASTED | {"app_token": "xapp-1"}).status_code == 302
    app = SlackApp.objects.get()
    assert app.credentials == {
        "client_secret": "sandbox-client-secret", "signing_secret": "sandbox-signing-secret", "app_token": "xapp-1",
    }  # fmt: skip
    page = signed_in.get("/settings/slack/").content.decode()
    assert CLIENT["client_id"] in page
    assert not any(secret in page for secret in app.credentials.values())
    signed_in.post("/settings/slack/app/", PASTED | {"signing_secret": "another"})
    app.refresh_from_db()
    assert (app.credentials["signing_secret"], app.credentials["app_token"]) == ("another", "xapp-1")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"client_secret": "wrong"}, "does not take the client secret"),
        ({"client_id": "9.9"}, "does not know the client id"),
        ({"client_id": "A0123"}, "two numbers with a dot"),
        ({"signing_secret": ""}, "This field is required."),
        ({"app_token": "xoxb-1"}, "begins with xapp-"),
    ],
)
def test_a_slip_is_seen_at_once(signed_in: Client, sandbox: SandboxProcess, changes: dict[str, str], says: str) -> None:
    answer = signed_in.post("/settings/slack/app/", PASTED | changes)
    assert (answer.status_code, says in answer.content.decode()) == (400, True)
    assert "sandbox-client-secret" not in answer.content.decode()
    assert not SlackApp.objects.exists()


def test_slack_is_away(signed_in: Client) -> None:
    assert "Slack did not answer" in signed_in.post("/settings/slack/app/", PASTED).content.decode()
    assert not SlackApp.objects.exists()


def test_an_app_that_others_use_is_theirs(signed_in: Client, sandbox: SandboxProcess, stranger: User) -> None:
    app = SlackApp.objects.create(client_id=CLIENT["client_id"], credentials={"signing_secret": "theirs"})
    cast.make_installation(workspace=stranger.workspace, slack_app=app)
    assert signed_in.post("/settings/slack/app/", PASTED).status_code == 400
    signed_in.post(f"/settings/slack/app/{app.pk}/remove/")
    assert SlackApp.objects.get().credentials == {"signing_secret": "theirs"}
    signed_in.force_login(stranger)
    signed_in.post(f"/settings/slack/app/{app.pk}/remove/")
    assert not SlackApp.objects.exists()


def test_a_bot_token_is_pasted(signed_in: Client, sandbox: SandboxProcess, workspace: Workspace) -> None:
    app = SlackApp.objects.create(client_id=CLIENT["client_id"])
    assert signed_in.post("/settings/slack/token/", {"bot_token": "xoxb-wrong"}).status_code == 400
    signed_in.post("/settings/slack/token/", {"bot_token": sandbox.token})
    installation = Installation.objects.get()
    assert (installation.workspace, installation.external_id) == (workspace, "T0ACME001")
    assert installation.slack_app == app, "whose signature counts for the team from now on"


def test_the_environment_comes_first_and_is_named(signed_in: Client, settings: Settings) -> None:
    settings.SLACK_CLIENT_ID, settings.SLACK_CLIENT_SECRET = "5.5", "from-the-environment"
    page = signed_in.get("/settings/slack/").content.decode()
    assert "<code>SLACK_CLIENT_ID</code>, <code>SLACK_CLIENT_SECRET</code>" in page
    assert "/slack/install?app=environment" in page
    assert "from-the-environment" not in page


def test_what_is_seen_of_a_connection(signed_in: Client, sandbox: SandboxProcess, acme: Installation) -> None:
    Installation.objects.update(workspace=User.objects.get(name="Dana Reyes", email="dana@acme.example").workspace)
    assert "Slack takes Pylon’s token" in live(signed_in)
    assert "None has come yet." in live(signed_in)
    for number, kind in enumerate(["message", "reaction_added"]):
        InboundEvent.objects.create(
            provider="slack", external_id=str(number), kind=kind, lane="T0ACME001:C1", body="{}"
        )
    page = live(signed_in)
    assert "rightly signed" in page
    seen, _, unseen = page.partition("Not yet")
    assert "message.channels" in seen
    assert "reaction_added" in seen
    assert "user_change" in unseen
    assert "The last request was refused a moment ago: The signature is wrong." not in page


def test_scopes_that_were_not_granted(signed_in: Client, sandbox: SandboxProcess, acme: Installation) -> None:
    Installation.objects.update(workspace=User.objects.get(email="dana@acme.example").workspace)
    sandbox.api("change-app", scopes=["chat:write"])
    page = live(signed_in)
    assert "Not granted:" in page
    assert "users:read (to know who is a teammate and who a customer)" in page
    assert Installation.objects.get().scopes == ["chat:write"]


def test_a_withdrawn_access_is_said_and_not_asked_for(signed_in: Client, workspace: Workspace) -> None:
    cast.make_installation(workspace=workspace, revoked_at=timezone.now(), revoked_because="It was removed")
    page = live(signed_in)
    assert "It was removed." in page
    assert "Install Pylon in the Slack workspace again" in page


def test_without_javascript_the_checklist_is_a_page(signed_in: Client) -> None:
    assert "<html" in signed_in.get(LIVE).content.decode()


def test_for_staff_only(client: Client, omar: User) -> None:
    client.force_login(omar)
    assert client.get("/settings/slack/").status_code == 403
    assert client.get(LIVE).status_code == 403
    for path in ("app/", "token/", "app/1/remove/"):
        assert client.post(f"/settings/slack/{path}").status_code == 403
    assert 'href="/settings/slack/"' not in client.get("/settings/").content.decode()


def test_of_other_workspaces_nothing_is_shown(signed_in: Client, stranger: User) -> None:
    cast.make_installation(workspace=stranger.workspace, name="Initech’s Slack")
    assert "Initech’s Slack" not in signed_in.get("/settings/slack/").content.decode() + live(signed_in)
