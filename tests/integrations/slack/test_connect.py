"""Connecting a team by its bot token, and finding the installation of an event."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from accounts.models import Channel, User, Workspace
from integrations.models import Installation
from integrations.slack.client import SlackError, call, is_direct
from integrations.slack.connect import connect, connect_from_settings, installation_for
from tests import cast
from tests.integrations.slack.envelopes import envelope, said, work
from tests.sandbox.listener import Listener, Reply
from tests.sandbox_process import SandboxProcess

pytestmark = pytest.mark.django_db


def test_who_we_are_there(acme: Installation, sandbox: SandboxProcess) -> None:
    assert (acme.external_id, acme.name, acme.url) == ("T0ACME001", "Acme", sandbox.web_api("auth.test")["url"])
    assert (acme.bot_id, acme.bot_user_id, acme.app_id) == ("B0PYLON001", "U0PYLON001", "A0PYLON001")
    assert Installation.objects.get().credentials == {"bot_token": sandbox.token}


def test_teammates_and_channels_are_learned(acme: Installation) -> None:
    teammates = User.objects.filter(workspace=acme.workspace)
    assert {"Dana Reyes", "Omar Haddad", "Priya Nair"} <= set(teammates.values_list("name", flat=True))
    assert not teammates.filter(name__startswith="Tom").exists(), "a guest is no teammate"
    assert Channel.objects.filter(name="support-triage", kind="triage").exists()


def test_again_changes_nothing_twice(acme: Installation, sandbox: SandboxProcess) -> None:
    before = User.objects.count(), Channel.objects.count()
    looked = _calls(sandbox, "conversations.info")
    assert connect(sandbox.token) == acme
    assert (User.objects.count(), Channel.objects.count()) == before
    assert _calls(sandbox, "conversations.info") == looked, "a known channel is not looked at again"


def test_a_revoked_team_comes_back(acme: Installation, sandbox: SandboxProcess) -> None:
    Installation.objects.update(revoked_at="2026-01-01T00:00Z")
    assert connect(sandbox.token).revoked_at is None


def test_the_first_teammates_workspace_is_taken(sandbox: SandboxProcess) -> None:
    dana = cast.make_teammate(workspace=cast.make_workspace(), email="dana@acme.example", external_id=None)
    assert connect(sandbox.token).workspace == dana.workspace
    dana.refresh_from_db()
    assert dana.external_id == "U0DANA0001"


def test_a_workspace_with_a_team_is_not_taken(sandbox: SandboxProcess) -> None:
    cast.make_installation(workspace=cast.make_workspace(name="Initech"), external_id="T_INITECH")
    assert connect(sandbox.token).workspace.name == "Acme"
    assert Workspace.objects.count() == 2


def test_a_wrong_token(sandbox: SandboxProcess) -> None:
    with pytest.raises(SlackError, match="invalid_auth") as error:
        connect("xoxb-wrong")
    assert error.value.permanent
    assert not Installation.objects.exists()


def test_a_slack_that_does_not_answer(settings: Settings) -> None:
    settings.SLACK_BOT_TOKEN = "xoxb-whatever"
    assert connect_from_settings() is None
    assert installation_for("T0ACME001") is None


def test_the_token_of_the_settings_connects_with_the_first_event(sandbox: SandboxProcess, settings: Settings) -> None:
    settings.SLACK_BOT_TOKEN = sandbox.token
    event = said("Hi", user="U0MIA00001", channel="C0EXTGLOBX", team="T0GLOBEX1")
    assert work(envelope(event, team="T_ELSEWHERE")) == ["a team in which we are not installed"]
    assert work(envelope(event, team="T0ACME001")) == ["captured"]


def test_lists_that_cannot_be_read(sandbox: SandboxProcess) -> None:
    sandbox.api(
        "misbehave", calls=[{"method": name, "fault": "server_error"} for name in ("users.list", "users.conversations")]
    )
    assert connect(sandbox.token).external_id == "T0ACME001"
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("fault", "code", "retry_after"),
    [("rate_limited", "ratelimited", 7), ("server_error", None, None), ("timeout", None, None)],
)
def test_faults_pass(
    acme: Installation, sandbox: SandboxProcess, fault: str, code: str | None, retry_after: int | None
) -> None:
    rule = {"method": "users.info", "fault": fault, "retry_after_seconds": 7, "timeout_seconds": 0.1}
    sandbox.api("misbehave", calls=[rule])
    with pytest.raises(SlackError) as error:
        call(acme, "users.info", user="U0MIA00001")
    assert (error.value.permanent, error.value.retry_after) == (False, retry_after)
    assert code in {None, error.value.code}


@pytest.mark.parametrize("body", [b"<html>Please sign in to the wireless network</html>", b"", b"[]", b'"ok"'])
def test_the_answer_of_something_on_the_way_passes(installation: Installation, settings: Settings, body: bytes) -> None:
    with Listener() as proxy:
        proxy.respond = lambda _: Reply(200, body)
        settings.SLACK_API_URL = proxy.url.replace("/slack/events", "/api/")
        with pytest.raises(SlackError) as error:
            call(installation, "auth.test")
    assert not error.value.permanent


@pytest.mark.parametrize(
    ("url", "no_proxy", "direct"),
    [
        ("http://127.0.0.1:8001/api/", "", True),
        ("http://[::1]:8001/api/", "", True),
        ("http://localhost/api/", "", True),
        ("https://slack.com/api/", "", False),
        ("https://slack.com/api/", "slack.com", True),
        ("http://10.0.0.1/api/", "", False),
    ],
)
def test_proxies(monkeypatch: pytest.MonkeyPatch, url: str, no_proxy: str, direct: bool) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", no_proxy)
    assert is_direct(url) is direct


def test_a_proxy_is_not_asked_for_the_sandbox(acme: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert call(acme, "auth.test")["team"] == "Acme"


def _calls(sandbox: SandboxProcess, method: str) -> int:
    return sum(call["method"] == method for call in sandbox.log()["calls"])
