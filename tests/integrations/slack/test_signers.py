"""Requests signed by the apps that were pasted on the settings page."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from django.core.cache import cache
from pytest_django import Settings

from accounts.models import User
from integrations.models import InboundEvent, SlackApp
from integrations.slack import sightings, views
from integrations.slack.credentials import FRESH_SECONDS, Signers
from integrations.slack.receive import Receiver
from tests import cast
from tests.integrations.slack.envelopes import JSON, SECRET, envelope, said, signed
from tests.integrations.slack.test_views import post

pytestmark = pytest.mark.django_db
EVENT = json.dumps(envelope(said("Hi", user="U1", channel="C1"), team="T_OURS")).encode()
HANDSHAKE = b'{"type": "url_verification", "challenge": "3eZb"}'


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing read or noted by tests before."""
    monkeypatch.setattr(views, "signers", Signers())
    monkeypatch.setattr(sightings, "_noted_at", {})
    cache.clear()


@pytest.fixture
def app(dana: User) -> SlackApp:
    """Pasted, and installed in T_OURS."""
    app = SlackApp.objects.create(client_id="1.1", credentials={"signing_secret": "theirs"})
    cast.make_installation(workspace=dana.workspace, external_id="T_OURS", slack_app=app)
    return app


def test_a_pasted_app_signs_for_the_teams_that_installed_it(app: SlackApp, stranger: User) -> None:
    cast.make_installation(workspace=stranger.workspace, external_id="T_THEIRS")
    assert post(EVENT, **signed(EVENT, secret="theirs")).status_code == 200
    forged = json.dumps(envelope(said("Hi", user="U1", channel="C1"), team="T_THEIRS")).encode()
    answer = post(forged, **signed(forged, secret="theirs"))
    assert (answer.status_code, "has not installed the app" in answer.content.decode()) == (401, True)
    assert InboundEvent.objects.count() == 1


def test_the_environments_app_signs_for_all(app: SlackApp, settings: Settings) -> None:
    settings.SLACK_SIGNING_SECRET = SECRET
    assert post(EVENT).status_code == 200
    assert post(EVENT, **signed(EVENT, secret="theirs")).status_code == 200
    assert post(EVENT, **signed(EVENT, secret="nobody's")).status_code == 401


def test_the_address_is_checked_before_anybody_installs(dana: User) -> None:
    SlackApp.objects.create(client_id="1.1", credentials={"signing_secret": "theirs"})
    assert post(HANDSHAKE, **signed(HANDSHAKE, secret="theirs")).content == b"3eZb"
    assert sightings.last("challenge") is not None


def test_a_removed_apps_secret_ends(app: SlackApp, monkeypatch: pytest.MonkeyPatch) -> None:
    assert post(EVENT, **signed(EVENT, secret="theirs")).status_code == 200
    app.delete()
    assert post(EVENT, **signed(EVENT, secret="theirs")).status_code == 200, "as last read"
    monkeypatch.setattr(views.signers, "_read_at", views.signers._read_at - FRESH_SECONDS)
    assert post(EVENT, **signed(EVENT, secret="theirs")).status_code == 401


def test_a_refusal_is_noted(app: SlackApp) -> None:
    post(EVENT, **signed(EVENT, secret="a slip of the hand"))
    refusal = sightings.last("refusal")
    assert refusal is not None
    assert refusal["reason"] == "The signature is wrong."


def test_a_changed_secret_key_is_no_traceback(app: SlackApp, settings: Settings) -> None:
    settings.SECRET_KEY = "another"
    assert post(EVENT, **signed(EVENT, secret="theirs")).status_code == 503


@pytest.mark.django_db(transaction=True)
def test_the_receiver_does_the_same(app: SlackApp) -> None:
    async def ask(body: bytes, secret: str) -> int:
        """The receiver's answer to a request, without a server around it."""
        status: list[int] = []
        headers = {"content-type": JSON} | {k.lower(): v for k, v in signed(body, secret=secret).items()}
        scope = {"type": "http", "method": "POST", "headers": [(k.encode(), v.encode()) for k, v in headers.items()]}

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body}

        async def send(message: Any) -> None:
            status.extend([message["status"]] if "status" in message else [])

        await receiver(scope, receive, send)
        return status[0]

    async def asked() -> list[int]:
        forged = EVENT.replace(b"T_OURS", b"T_THEIRS")
        requests = [(EVENT, "theirs"), (HANDSHAKE, "theirs"), (EVENT, "nobody's"), (forged, "theirs")]
        try:
            return [await ask(body, secret) for body, secret in requests]
        finally:
            await receiver.close()

    receiver = Receiver()
    assert asyncio.run(asked()) == [200, 200, 401, 401]
    assert InboundEvent.objects.count() == 1
