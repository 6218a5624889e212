"""`manage.py doctor`."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Workspace
from integrations.models import Delivery, DeliveryState, InboundEvent, Installation
from pylon.doctor import services
from pylon.tasks import beat
from tests import cast
from tests.sandbox_process import SandboxProcess

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _settings(settings: Settings) -> None:
    settings.SLACK_API_URL = "http://127.0.0.1:9/api/"
    settings.SLACK_SIGNING_SECRET = "sandbox-signing-secret"
    cache.clear()
    beat()


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "PING_SECONDS", 0.1)


def examine() -> tuple[int, dict[str, dict[str, Any]]]:
    """The exit code, and the findings by name."""
    out, code = StringIO(), 0
    try:
        call_command("doctor", "--json", stdout=out)
    except SystemExit as end:
        code = int(end.code or 0)
    return code, {finding["name"]: finding for finding in json.loads(out.getvalue())}


def wrong(name: str) -> str:
    """What is said of a thing that is wrong, with the fix."""
    code, found = examine()
    assert code == 1
    assert found[name]["grade"] == "wrong", found[name]
    assert "\n" not in found[name]["fix"]
    return f"{found[name]['says']} {found[name]['fix']}"


def test_all_is_well(acme: Installation, sandbox: SandboxProcess) -> None:
    code, found = examine()
    assert (code, [name for name, finding in found.items() if finding["grade"] == "wrong"]) == (0, [])
    good = {name for name, finding in found.items() if finding["grade"] == "good"}
    assert {"Database", "Redis", "Worker", "Scheduler", "Tables", "SECRET_KEY", "Slack Acme: Token"} <= good


def test_a_line_for_each_thing(workspace: Workspace) -> None:
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("doctor", stdout=out)
    lines = out.getvalue().splitlines()
    assert all(line[0] in "✓✗!?" for line in lines)
    assert "✓ Tables: all migrations are applied" in lines
    assert "✗ Slack: no Slack workspace is connected → install the app on /settings/slack/" in lines


def test_slack_cannot_be_reached() -> None:
    assert "HTTPS_PROXY" in wrong("Slack reachable")


def test_nothing_can_be_verified(settings: Settings) -> None:
    settings.SLACK_SIGNING_SECRET = ""
    assert "no signing secret" in wrong("Slack app")


def test_a_token_that_slack_does_not_take(acme: Installation, sandbox: SandboxProcess) -> None:
    Installation.objects.update(credentials={"bot_token": "xoxb-wrong"})
    assert "invalid_auth" in wrong("Slack Acme: Token")
    assert "does not know Pylon’s token" in wrong("Slack Acme: Access")


def test_no_worker() -> None:
    cache.clear()
    assert "manage.py up" in wrong("Worker")


def test_a_changed_secret_key(workspace: Workspace, settings: Settings) -> None:
    cast.make_installation(workspace=workspace)
    settings.SECRET_KEY = "another"
    assert "SECRET_KEY_FALLBACKS" in wrong("SECRET_KEY")


@pytest.mark.parametrize(
    ("base_url", "hosts", "says"),
    [
        ("https://pylon.example", ["localhost"], "is not in ALLOWED_HOSTS"),
        ("https://pylon.example/support", ["pylon.example"], "at a host's root"),
    ],
)
def test_addresses(settings: Settings, base_url: str, hosts: list[str], says: str) -> None:
    settings.BASE_URL, settings.ALLOWED_HOSTS = base_url, hosts
    assert says in wrong("Address")


def test_slack_takes_https_only(settings: Settings) -> None:
    settings.BASE_URL, settings.SLACK_API_URL = "http://pylon.example", "https://slack.invalid/api/"
    assert "https" in wrong("Slack: Address")


def test_tables_that_are_missing() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'triage'")
    assert "manage.py migrate" in wrong("Tables")


def test_work_that_piles_up(workspace: Workspace) -> None:
    long_ago = timezone.now() - timedelta(hours=2)
    row = {"provider": "slack", "kind": "message", "lane": "T:C", "body": "{}"}
    InboundEvent.objects.create(external_id="1", received_at=long_ago, **row)
    assert "1 wait, the first for 2" in wrong("Inbox")
    InboundEvent.objects.update(failed_at=timezone.now())
    assert "1 given up" in wrong("Inbound events")
    Delivery.objects.create(
        workspace=workspace, installation=cast.make_installation(workspace=workspace), kind="answer",
        state=DeliveryState.FAILED, finished_at=timezone.now(),
    )  # fmt: skip
    assert "1 given up" in wrong("Deliveries")


def test_what_the_team_has_not_chosen(workspace: Workspace) -> None:
    cast.make_installation(workspace=workspace)
    cast.make_channel(workspace=workspace, name="ext-globex")
    assert "none for everybody in Acme" in wrong("Triage channel")
    _, found = examine()
    assert (found["Channels' owners"]["grade"], "#ext-globex" in found["Channels' owners"]["says"]) == ("advice", True)
    cast.make_triage_channel(workspace=workspace)
    assert examine()[1]["Triage channel"]["grade"] == "good"


def test_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "VERY_LITTLE", 1 << 60)
    assert "make room" in wrong("Disk")


def test_redis_is_away(settings: Settings) -> None:
    settings.REDIS_ADDRESS = "redis://127.0.0.1:9"
    assert "REDIS_URL" in wrong("Redis")
    assert examine()[1]["The rest"]["grade"] == "unknown"
