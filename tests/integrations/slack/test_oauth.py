"""Connecting a Slack team through its consent page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User, Workspace
from integrations.models import Installation, InstallState, SlackApp
from integrations.slack.inbox import drain
from integrations.slack.manifest import BOT_SCOPES
from tests import cast
from tests.integrations.slack.installing import CLIENT, consent
from tests.sandbox_process import SandboxProcess

pytestmark = pytest.mark.django_db
CALLBACK = "/slack/oauth/callback"


@pytest.fixture
def app() -> SlackApp:
    secrets: dict[str, Any] = {"client_secret": CLIENT["client_secret"], "signing_secret": "sandbox-signing-secret"}
    return SlackApp.objects.create(client_id=CLIENT["client_id"], credentials=secrets)


@pytest.fixture
def signed_in(client: Client, dana: User) -> Client:
    client.force_login(dana)
    return client


def agree(browser: Client, user_id: str = "U0DANA0001", **form: str) -> dict[str, str]:
    """To the consent page and through it; what the way back carries."""
    return consent(browser.get("/slack/install").headers["location"], user_id=user_id, **form)


def come_back(browser: Client, back: dict[str, str]) -> HttpResponse:
    answer = browser.get(CALLBACK, back)
    assert isinstance(answer, HttpResponse)
    return answer


def test_a_team_is_installed(
    signed_in: Client, sandbox: SandboxProcess, app: SlackApp, dana: User, settings: Settings
) -> None:
    settings.BASE_URL = "https://pylon.example"
    to = urlsplit(signed_in.get("/slack/install").headers["location"])
    assert f"{to.scheme}://{to.netloc}{to.path}" == f"{sandbox.url}/oauth/v2/authorize"
    asked = {name: values[0] for name, values in parse_qs(to.query).items()}
    assert asked["redirect_uri"] == "https://pylon.example/slack/oauth/callback"
    assert set(asked["scope"].split(",")) == set(BOT_SCOPES)
    assert asked["state"] not in str(InstallState.objects.values_list("digest", flat=True)), "only its hash is kept"
    answer = come_back(signed_in, consent(to.geturl(), user_id="U0DANA0001"))
    assert (answer.status_code, answer.headers["location"]) == (302, "/settings/slack/")
    installation = Installation.objects.get()
    assert (installation.workspace, installation.external_id, installation.bot_id) == (
        dana.workspace, "T0ACME001", "B0PYLON001",
    )  # fmt: skip
    assert (installation.slack_app, installation.installed_by) == (app, dana)
    assert set(installation.scopes) == set(BOT_SCOPES)
    assert installation.credentials.keys() == {"bot_token"}
    app.refresh_from_db()
    assert app.app_id == "A0PYLON001"
    drain()
    assert User.objects.filter(workspace=dana.workspace, external_id="U0OMAR0001").exists()


def test_the_environments_app_comes_first(
    signed_in: Client, sandbox: SandboxProcess, app: SlackApp, settings: Settings
) -> None:
    SlackApp.objects.update(client_id="9.9")
    settings.SLACK_CLIENT_ID, settings.SLACK_CLIENT_SECRET = CLIENT["client_id"], CLIENT["client_secret"]
    come_back(signed_in, agree(signed_in))
    assert Installation.objects.get().slack_app is None


def test_another_team_joins_the_same_workspace(signed_in: Client, sandbox: SandboxProcess, app: SlackApp) -> None:
    for user_id in ("U0DANA0001", "U0RUTH0001"):
        come_back(signed_in, agree(signed_in, user_id))
    teams = Installation.objects.values_list("external_id", "workspace__name")
    assert set(teams) == {("T0ACME001", "Acme"), ("T0INITECH", "Acme")}


def test_installing_again_keeps_the_row_and_its_history(
    signed_in: Client, sandbox: SandboxProcess, app: SlackApp, workspace: Workspace
) -> None:
    before = cast.make_installation(
        workspace=workspace, external_id="T0ACME001", revoked_at=timezone.now(), revoked_because="It was removed"
    )
    come_back(signed_in, agree(signed_in))
    after = Installation.objects.get()
    assert (after.pk, after.created_at) == (before.pk, before.created_at)
    assert (after.revoked_at, after.revoked_because) == (None, "")
    assert after.credentials != before.credentials


def test_tokens_that_rotate_are_kept_with_their_end(signed_in: Client, sandbox: SandboxProcess, app: SlackApp) -> None:
    sandbox.api("change-app", token_rotation_enabled=True)
    come_back(signed_in, agree(signed_in))
    installation = Installation.objects.get()
    assert installation.credentials.keys() == {"bot_token", "refresh_token"}
    assert installation.credentials_expire_at is not None
    assert installation.credentials_expire_at > timezone.now() + timedelta(hours=11)


def test_a_state_is_used_once(signed_in: Client, sandbox: SandboxProcess, app: SlackApp) -> None:
    back = agree(signed_in)
    assert come_back(signed_in, back).status_code == 302
    again = come_back(signed_in, back)
    assert again.status_code == 400
    assert "This way back from Slack was used already" in again.content.decode()


def test_a_state_ends(signed_in: Client, sandbox: SandboxProcess, app: SlackApp) -> None:
    back = agree(signed_in)
    InstallState.objects.update(expires_at=timezone.now())
    assert "longer than ten minutes" in come_back(signed_in, back).content.decode()
    InstallState.objects.update(expires_at=timezone.now() - timedelta(days=2))
    signed_in.get("/slack/install")
    assert InstallState.objects.count() == 1, "old ones are removed"
    assert not Installation.objects.exists()


def test_a_state_is_its_persons(
    signed_in: Client, sandbox: SandboxProcess, app: SlackApp, stranger: User, dana: User
) -> None:
    back = agree(signed_in)
    signed_in.force_login(stranger)
    assert "Somebody else began" in come_back(signed_in, back).content.decode()
    assert not Installation.objects.exists()
    signed_in.force_login(dana)
    assert come_back(signed_in, back).status_code == 302, "and is not used up by somebody else"


@pytest.mark.parametrize("state", ["", "environment.guessed", "1.guessed", "\x00"])
def test_a_state_that_never_was(signed_in: Client, app: SlackApp, state: str) -> None:
    answer = come_back(signed_in, {"state": state, "code": "1"})
    assert (answer.status_code, "did not begin here" in answer.content.decode()) == (400, True)


def test_cancelled_in_slack(signed_in: Client, sandbox: SandboxProcess, app: SlackApp) -> None:
    assert "You cancelled in Slack" in come_back(signed_in, agree(signed_in, deny="1")).content.decode()


def test_a_wrong_client_secret_is_said(signed_in: Client, sandbox: SandboxProcess, app: SlackApp) -> None:
    app.credentials["client_secret"] = "wrong"
    app.save()
    assert "does not take the client secret" in come_back(signed_in, agree(signed_in)).content.decode()


def test_a_team_of_another_workspace_is_refused(
    signed_in: Client, sandbox: SandboxProcess, app: SlackApp, stranger: User
) -> None:
    theirs = cast.make_installation(workspace=stranger.workspace, external_id="T0ACME001")
    answer = come_back(signed_in, agree(signed_in))
    assert answer.status_code == 400
    assert "connected with another Pylon workspace" in answer.content.decode()
    theirs.refresh_from_db()
    assert (theirs.workspace, theirs.credentials) == (stranger.workspace, {"bot_token": "xoxb-test"})


def test_a_whole_organisation_is_refused(signed_in: Client, sandbox: SandboxProcess, app: SlackApp) -> None:
    sandbox.api("change-app", installs_org_wide=True)
    answer = come_back(signed_in, agree(signed_in))
    assert (answer.status_code, "whole organisation" in answer.content.decode()) == (400, True)
    assert not Installation.objects.exists()


def test_slack_is_away(signed_in: Client, sandbox: SandboxProcess, app: SlackApp) -> None:
    back = agree(signed_in)
    sandbox.api("misbehave", calls=[{"method": "oauth.v2.access", "fault": "server_error"}])
    assert "Start again" in come_back(signed_in, back).content.decode()


def test_only_staff_install(client: Client, omar: User, app: SlackApp) -> None:
    assert client.get("/slack/install").headers["location"].startswith("/sign-in/")
    assert client.get(CALLBACK, {"state": "1"}).headers["location"].startswith("/sign-in/")
    client.force_login(omar)
    assert client.get("/slack/install").status_code == 403
    assert client.get(CALLBACK, {"state": "1"}).status_code == 403
