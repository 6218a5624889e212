"""The same as the receiver, as a Django view, for installations that run the pages under WSGI alone."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from integrations.models import InboundEvent
from integrations.slack.requests import MAX_BODY
from tests.integrations.slack.envelopes import FORM, JSON, SECRET, envelope, said, signed

pytestmark = pytest.mark.django_db

PATHS = ["/slack/events", "/slack/interactivity", "/slack/commands"]
EVENT = json.dumps(envelope(said("Hi", user="U1", channel="C1"))).encode()
CLICK = urlencode({"payload": json.dumps({"type": "block_actions", "trigger_id": "1.2"})}).encode()
COMMAND = urlencode({"command": "/pylon", "trigger_id": "3.4"}).encode()


@pytest.fixture(autouse=True)
def _secret(settings: Settings) -> None:
    settings.SLACK_SIGNING_SECRET = SECRET


def post(body: bytes, *, path: str = PATHS[0], content_type: str = JSON, **headers: str) -> HttpResponse:
    client = Client(enforce_csrf_checks=True)
    response = client.post(path, body, content_type=content_type, headers=signed(body) | headers)
    assert isinstance(response, HttpResponse)
    return response


@pytest.mark.parametrize("path", PATHS)
def test_every_address_takes_every_kind(path: str) -> None:
    for content_type, body in [(JSON, EVENT), (FORM, CLICK), (FORM, COMMAND), (JSON, EVENT)]:
        response = post(body, path=path, content_type=content_type)
        assert (response.status_code, response.content) == (200, b"")
    kinds = InboundEvent.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["message", "block_actions", "slash_command"]


def test_the_handshake() -> None:
    assert post(b'{"type": "url_verification", "challenge": "3eZb"}').content == b"3eZb"


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (EVENT, {"X-Slack-Signature": "v0=0"}, 401),
        (b"hello", {}, 400),
        (b'"\xff"', {}, 400),
        (b" " * (MAX_BODY + 1), {}, 413),
    ],
)
def test_refused(body: bytes, headers: dict[str, str], status: int) -> None:
    assert post(body, **headers).status_code == status
    assert not InboundEvent.objects.exists()


def test_no_secret(settings: Settings) -> None:
    settings.SLACK_SIGNING_SECRET = ""
    assert post(EVENT, **signed(EVENT, secret="")).status_code == 401


def test_only_posts() -> None:
    assert Client().get(PATHS[0]).status_code == 405


@pytest.mark.django_db(transaction=True)
def test_what_is_not_stored_is_not_acknowledged() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE integrations_inboundevent RENAME TO away")
    try:
        assert post(EVENT).status_code == 503
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE away RENAME TO integrations_inboundevent")
    assert post(EVENT).status_code == 200
