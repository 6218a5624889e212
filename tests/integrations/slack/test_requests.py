"""What is taken from Slack and what is refused, before anything is stored."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from slack_bolt.request.internals import extract_team_id
from slack_sdk.signature import SignatureVerifier

from integrations.slack.requests import Challenge, Received, Refused, channel_of, read, team_of, verify
from tests.integrations.slack.conftest import SHARED
from tests.integrations.slack.envelopes import FORM, JSON, SECRET, Json, envelope, said, signed

NOW = 1_700_000_000.0
BODY = b'{"type": "event_callback"}'


def refusal(content_type: str, body: bytes) -> tuple[int, str]:
    with pytest.raises(Refused) as refused:
        read(content_type, body)
    return refused.value.status, refused.value.reason


def taken(content_type: str, body: bytes) -> Received:
    request = read(content_type, body)
    assert isinstance(request, Received)
    return request


def lowered(headers: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def test_slacks_own_example() -> None:
    file = SHARED / "payloads" / "slack-signing-vector.json"
    if not file.exists():
        pytest.skip("../shared/payloads/slack-signing-vector.json is absent")
    vector = json.loads(file.read_text())
    headers = lowered({name: vector[name] for name in ("X-Slack-Signature", "X-Slack-Request-Timestamp")})
    now = float(vector["X-Slack-Request-Timestamp"])
    verify(headers, vector["body"].encode(), secret=vector["signing_secret"], now=now)
    assert read(FORM, vector["body"].encode()) == taken(FORM, vector["body"].encode())


@pytest.mark.parametrize("body", [b"", b"{}", "Grüße 👋".encode(), b"x" * 100_000])
def test_the_signature_is_slacks(body: bytes) -> None:
    timestamp = str(int(NOW))
    signature = SignatureVerifier(SECRET).generate_signature(timestamp=timestamp, body=body)
    assert signature == signed(body, at=NOW)["X-Slack-Signature"]
    headers = {"x-slack-signature": str(signature), "x-slack-request-timestamp": timestamp}
    verify(headers, body, secret=SECRET, now=NOW)


@pytest.mark.parametrize(
    ("changes", "secret", "now"),
    [
        pytest.param({}, "", NOW, id="no secret is set"),
        pytest.param({}, SECRET, NOW + 301, id="too old"),
        pytest.param({}, SECRET, NOW - 301, id="from the future"),
        pytest.param({}, "another secret", NOW, id="another secret"),
        pytest.param({"X-Slack-Signature": ""}, SECRET, NOW, id="no signature"),
        pytest.param({"X-Slack-Signature": "v0=" + "0" * 64}, SECRET, NOW, id="a wrong signature"),
        pytest.param({"X-Slack-Signature": "v0=ü\udc80"}, SECRET, NOW, id="a signature that is no text"),
        pytest.param({"X-Slack-Request-Timestamp": ""}, SECRET, NOW, id="no time"),
        pytest.param({"X-Slack-Request-Timestamp": str(int(NOW) + 1)}, SECRET, NOW, id="another time"),
        pytest.param({"X-Slack-Request-Timestamp": "soon"}, SECRET, NOW, id="a time that is none"),
        pytest.param({"X-Slack-Request-Timestamp": "١٧٠٠"}, SECRET, NOW, id="a time in other digits"),
        pytest.param({"X-Slack-Request-Timestamp": "9" * 5000}, SECRET, NOW, id="a time of 5,000 digits"),
    ],
)
def test_unsigned(changes: dict[str, str], secret: str, now: float) -> None:
    headers = lowered(signed(BODY, at=NOW) | changes)
    with pytest.raises(Refused) as refused:
        verify(headers, BODY, secret=secret, now=now)
    assert refused.value.status == 401


def test_an_empty_secret_is_no_secret() -> None:
    with pytest.raises(Refused, match="No signing secret is set"):
        verify(lowered(signed(BODY, secret="", at=NOW)), BODY, secret="", now=NOW)


@pytest.mark.parametrize("now", [NOW + 299, NOW - 299])
def test_five_minutes_are_allowed(now: float) -> None:
    verify(lowered(signed(BODY, at=NOW)), BODY, secret=SECRET, now=now)


def test_the_body_is_signed_with_the_time() -> None:
    with pytest.raises(Refused):
        verify(lowered(signed(BODY, at=NOW)), BODY + b" ", secret=SECRET, now=NOW)


def test_the_address_is_asked_for() -> None:
    assert read(JSON, b'{"type": "url_verification", "challenge": "3eZbrw1a"}') == Challenge("3eZbrw1a")


@pytest.mark.parametrize(
    ("content_type", "body", "reason"),
    [
        (JSON, b"", "not JSON"),
        (JSON, b"hello", "not JSON"),
        (JSON, b'{"type": "event_callback"', "not JSON"),
        (JSON, b'{"text": "a\x00b"}', "not JSON"),
        (JSON, b"[" * 100_000 + b"]" * 100_000, "not JSON"),
        (JSON, b'{"event_time": ' + b"9" * 5_000 + b"}", "not JSON"),
        (JSON, b"[]", "not a JSON object"),
        (JSON, b"null", "not a JSON object"),
        (JSON, b'"\xff"', "not UTF-8"),
        ("", b"<xml/>", "not JSON"),
        (FORM, b"", "neither a payload nor a command"),
        (FORM, b"text=hello", "neither a payload nor a command"),
        (FORM, b"payload=hello", "not JSON"),
        (FORM, b"payload=[]", "not a JSON object"),
        (f"{FORM}; charset=utf-8", b"payload=", "not JSON"),
    ],
)
def test_bad_bodies(content_type: str, body: bytes, reason: str) -> None:
    status, said_reason = refusal(content_type, body)
    assert status == 400
    assert reason in said_reason


def test_an_event() -> None:
    payload = envelope(said("Hi", user="U1", channel="C1"), event_id="Ev1")
    assert taken(JSON, json.dumps(payload).encode()) == Received("Ev1", "message", "T0ACME:C1", json.dumps(payload))


@pytest.mark.parametrize(
    ("payload", "kind", "lane"),
    [
        ({}, "unknown", ":"),
        ({"type": "app_rate_limited", "team_id": "T1"}, "app_rate_limited", "T1:"),
        ({"event": {"type": "x"}, "team_id": "T_SENDER", "context_team_id": "T1"}, "x", "T1:"),
        ({"event": "nonsense", "event_id": 7}, "unknown", ":"),
        ({"event": {"type": "reaction_added", "item": {"channel": "C1"}}, "team_id": "T1"}, "reaction_added", "T1:C1"),
        ({"event": {"type": "channel_rename", "channel": {"id": "C1"}}, "team_id": "T1"}, "channel_rename", "T1:C1"),
        ({"event": {"type": ["a"], "channel": ["C1"]}, "authorizations": [None], "team_id": 3}, "['a']", ":"),
        ({"event": {"type": "k" * 500, "channel": "c" * 500}}, "k" * 64, ":" + "c" * 159),
    ],
)
def test_whatever_slack_signs_is_stored(payload: Json, kind: str, lane: str) -> None:
    request = taken(JSON, json.dumps(payload).encode())
    assert (request.kind, request.lane) == (kind, lane)
    assert 0 < len(request.external_id) <= 128


def test_an_event_without_an_id_is_known_by_its_bytes() -> None:
    one, other = (taken(JSON, body) for body in (b'{"event": {"type": "message"}}', b'{"event": {"type": "messagE"}}'))
    assert one.external_id != other.external_id
    assert one == taken(JSON, b'{"event": {"type": "message"}}')


CLICK: Json = {
    "type": "block_actions",
    "trigger_id": "1.2",
    "team": {"id": "T1"},
    "user": {"id": "U1"},
    "channel": {"id": "C1"},
    "actions": [{"action_id": "acknowledge", "action_ts": "3.4"}],
}


@pytest.mark.parametrize(
    ("changes", "external_id", "lane"),
    [
        ({}, "1.2:3.4", "T1:C1"),
        ({"actions": []}, "1.2:", "T1:C1"),
        ({"actions": ["?"]}, "1.2:", "T1:C1"),
        ({"channel": None, "container": {"channel_id": "C2"}}, "1.2:3.4", "T1:C2"),
        ({"team": None, "channel": None}, "1.2:3.4", ":"),
        ({"team": {"id": "T2"}, "view": {"app_installed_team_id": "T1"}}, "1.2:3.4", "T1:C1"),
    ],
)
def test_a_click(changes: Json, external_id: str, lane: str) -> None:
    payload = CLICK | changes
    request = taken(FORM, urlencode({"payload": json.dumps(payload)}).encode())
    assert request == Received(external_id, "block_actions", lane, json.dumps(payload))


def test_a_command() -> None:
    form = {"command": "/pylon", "text": "", "team_id": "T1", "channel_id": "C1", "trigger_id": "1.2"}
    request = taken(FORM, urlencode(form).encode())
    assert (request.external_id, request.kind, request.lane) == ("1.2:", "slash_command", "T1:C1")
    assert json.loads(request.body) == form


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        (r"a\u0000b", "ab"),
        (r"a\\u0000b", r"a\u0000b"),
        (r"a\\\u0000b", "a\\b"),
        (r"\ud83d\udc4b", "👋"),
        (r"a\ud83db", "a\ufffdb"),
        (r"\udc4b\ud83d", "\ufffd\ufffd"),
    ],
)
def test_what_postgresql_cannot_store_is_left_out(written: str, stored: str) -> None:
    body = f'{{"event": {{"type": "message", "text": "{written}"}}}}'
    assert json.loads(taken(JSON, body.encode()).body)["event"]["text"] == stored
    form = urlencode({"payload": f'{{"type": "shortcut", "text": "{written}"}}'})
    assert json.loads(taken(FORM, form.encode()).body)["text"] == stored


def test_a_command_with_nul() -> None:
    assert json.loads(taken(FORM, b"command=/pylon&text=a%00b").body)["text"] == "ab"


def test_the_team_is_the_one_that_bolt_finds(shared_payloads: list[tuple[str, Any]]) -> None:
    for name, payload in shared_payloads:
        if team := extract_team_id(payload):  # none where an app is installed in a whole organisation
            assert team_of(payload) == team, name


def test_every_message_has_a_channel(shared_payloads: list[tuple[str, Any]]) -> None:
    for name, payload in shared_payloads:
        event = payload.get("event")
        if isinstance(event, dict) and event["type"] == "message":
            assert channel_of(event) == event["channel"], name
