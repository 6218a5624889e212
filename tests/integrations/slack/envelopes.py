"""What Slack posts, as short as it may be, and the way it goes from there."""

from __future__ import annotations

import hmac
import json
import time
from itertools import count
from typing import Any
from urllib.parse import urlencode

from integrations.models import InboundEvent
from integrations.slack.inbox import drain
from integrations.slack.requests import Received, read
from integrations.slack.storage import store
from tests.cast import OUR_TEAM, make_ts

Json = dict[str, Any]

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
SECRET = "sandbox-signing-secret"

_next = count(1)


def envelope(event: Json, *, team: str = OUR_TEAM, **more: Any) -> Json:
    """Around an event that our installation in `team` hears."""
    return {
        "type": "event_callback",
        "event_id": f"Ev{next(_next):08}",
        "team_id": team,
        "authorizations": [{"team_id": team, "is_bot": True}],
        "event": event,
        **more,
    }


def said(text: str, *, user: str, channel: str, **more: Any) -> Json:
    """A `message` event; `ts`, `thread_ts`, `team` and whatever else as keywords."""
    event = {"type": "message", "channel": channel, "channel_type": "channel", "user": user, "text": text}
    return {key: value for key, value in (event | {"ts": make_ts()} | more).items() if value is not None}


def joined(*, user: str, channel: str, inviter: str | None) -> Json:
    return {"type": "member_joined_channel", "user": user, "channel": channel, "inviter": inviter}


def received(payload: Json) -> Received:
    """As read from an HTTP request: an envelope, or what a click posts."""
    if "event" in payload:
        request = read(JSON, json.dumps(payload).encode())
    elif "command" in payload:
        request = read(FORM, urlencode(payload).encode())
    else:
        request = read(FORM, urlencode({"payload": json.dumps(payload)}).encode())
    assert isinstance(request, Received)
    return request


def keep(*payloads: Json) -> list[InboundEvent]:
    """Store as the receiver does; answers the rows."""
    requests = [received(payload) for payload in payloads]
    store(requests)
    rows = {row.external_id: row for row in InboundEvent.objects.all()}
    return [rows[request.external_id] for request in requests]


def work(*payloads: Json) -> list[str]:
    """Store and work; answers the outcomes."""
    rows = keep(*payloads)
    drain()
    for row in rows:
        row.refresh_from_db()
    return [row.outcome for row in rows]


def signed(body: bytes, *, secret: str = SECRET, at: float | None = None) -> dict[str, str]:
    timestamp = str(int(time.time() if at is None else at))
    signature = hmac.digest(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, "sha256").hex()
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={signature}"}
