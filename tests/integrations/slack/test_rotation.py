"""Tokens that expire."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import Settings

from integrations.models import Delivery, Installation, SlackApp
from integrations.slack.client import SlackError, call
from tests.integrations.slack.installing import CLIENT, grant_of
from tests.sandbox_process import SandboxProcess

pytestmark = pytest.mark.django_db


@pytest.fixture
def expiring(acme: Installation, sandbox: SandboxProcess) -> Installation:
    """Its token ends within the hour."""
    sandbox.api("change-app", token_rotation_enabled=True)
    grant = grant_of(sandbox, "U0DANA0001")
    acme.slack_app = SlackApp.objects.create(
        client_id=CLIENT["client_id"], credentials={"client_secret": CLIENT["client_secret"]}
    )
    acme.credentials = {"bot_token": grant["access_token"], "refresh_token": grant["refresh_token"]}
    acme.credentials_expire_at = timezone.now() + timedelta(hours=1)
    acme.save()
    return acme


def exchanges(sandbox: SandboxProcess) -> list[dict[str, Any]]:
    calls = sandbox.log()["calls"]
    return [one for one in calls if one["method"] == "oauth.v2.access" and "grant_type" in str(one["args"])]


def test_a_token_is_exchanged_two_hours_before_its_end(expiring: Installation, sandbox: SandboxProcess) -> None:
    Installation.objects.update(credentials_expire_at=timezone.now() + timedelta(hours=2, minutes=1))
    expiring.refresh_from_db()
    call(expiring, "auth.test")
    assert not exchanges(sandbox)
    before = dict(expiring.credentials)
    Installation.objects.update(credentials_expire_at=timezone.now() + timedelta(hours=1, minutes=59))
    expiring.refresh_from_db()
    call(expiring, "auth.test")
    call(expiring, "auth.test")
    assert len(exchanges(sandbox)) == 1
    kept = Installation.objects.get()
    assert kept.credentials.keys() == before.keys()
    assert not set(kept.credentials.values()) & set(before.values())
    assert kept.credentials_expire_at is not None
    assert timedelta(hours=11) < kept.credentials_expire_at - timezone.now() <= timedelta(hours=12)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("ends_in", [timedelta(hours=1), timedelta(0)], ids=["still good", "at its end"])
def test_two_workers_make_one_exchange(expiring: Installation, sandbox: SandboxProcess, ends_in: timedelta) -> None:
    Installation.objects.update(credentials_expire_at=timezone.now() + ends_in)
    # Slow enough for both to be at it.
    sandbox.api("misbehave", calls=[{"method": "oauth.v2.access", "fault": "slow", "timeout_seconds": 0.3}])
    both = Barrier(2)

    def work(_: int) -> str:
        try:
            mine = Installation.objects.get()
            both.wait(10)
            return str(call(mine, "auth.test")["team_id"])
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(work, range(2))) == ["T0ACME001", "T0ACME001"]
    assert len(exchanges(sandbox)) == 1
    assert Installation.objects.get().revoked_at is None


@pytest.mark.django_db(transaction=True)
def test_deliveries_are_written_during_an_exchange(expiring: Installation) -> None:
    with transaction.atomic():
        Installation.objects.select_for_update(no_key=True).get()

        def write() -> None:
            try:
                with connection.cursor() as cursor:
                    cursor.execute("SET lock_timeout = '2s'")
                Delivery.objects.create(workspace=expiring.workspace, installation=expiring, kind="answer")
            finally:
                connection.close()

        with ThreadPoolExecutor(1) as pool:
            pool.submit(write).result()


def test_slack_is_away_and_the_old_token_still_works(expiring: Installation, sandbox: SandboxProcess) -> None:
    sandbox.api("misbehave", calls=[{"method": "oauth.v2.access", "fault": "server_error"}])
    assert call(expiring, "auth.test")["ok"] is True
    Installation.objects.update(credentials_expire_at=timezone.now())
    with pytest.raises(SlackError) as error:
        call(Installation.objects.get(), "auth.test")
    assert not error.value.permanent
    assert Installation.objects.get().revoked_at is None


def test_a_spent_refresh_token_is_said(expiring: Installation, settings: Settings) -> None:
    expiring.credentials["refresh_token"] = "xoxe-1-spent"
    expiring.save()
    with pytest.raises(SlackError, match="invalid_refresh_token") as error:
        call(expiring, "auth.test")
    assert error.value.permanent
    assert "could not be renewed" in Installation.objects.get().revoked_because


def test_without_the_apps_secret_the_old_token_is_used_to_its_end(expiring: Installation) -> None:
    Installation.objects.update(slack_app=None)
    assert call(Installation.objects.get(), "auth.test")["ok"] is True
    Installation.objects.update(credentials_expire_at=timezone.now())
    with pytest.raises(SlackError, match="client id and secret are not known"):
        call(Installation.objects.get(), "auth.test")
