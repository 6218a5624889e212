"""What Slack posts to us, as far as it must be understood before it is stored. Pure.

Events, interactivity and commands may all arrive at one address, as in Slack's own framework.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

MAX_BODY = 5 * 1024 * 1024
"""Bytes. Slack's largest documented message is 40,000 characters; blocks and files make it more."""
MAX_AGE = 300
"""Seconds that a signed request may be old, or ahead of our clock."""
SECONDS = re.compile(r"[0-9]{1,12}")
UNSTORABLE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
ESCAPE = re.compile(
    r"\\(?:(?P<pair>u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    r"|(?P<nul>u0000)|(?P<half>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)


class Refused(Exception):  # noqa: N818 - it reads as what happened
    """The request is not accepted; `status` is the HTTP answer's."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Unsigned(Refused):
    """Not signed by any of those who may."""

    def __init__(self, reason: str) -> None:
        super().__init__(401, reason)


@dataclass(frozen=True, slots=True)
class Signer:
    """Who may sign requests. `teams`: for which Slack teams; None for all.

    An app pasted on the settings page speaks for the teams that installed it, so that whoever pastes one can't speak
    for others' teams.
    """

    secret: str
    teams: Collection[str] | None


@dataclass(frozen=True, slots=True)
class Challenge:
    """Slack asks whether the address is ours: answer the value."""

    value: str


@dataclass(frozen=True, slots=True)
class Received:
    """A row of the inbox. `lane`: what must be worked in order."""

    external_id: str
    kind: str
    lane: str
    body: str

    @property
    def team_id(self) -> str:
        return self.lane.partition(":")[0]


def accept(headers: Mapping[str, str], body: bytes, *, signers: Sequence[Signer], now: float) -> Challenge | Received:
    """What one of the signers sent. Header names in lower case. Raises Refused."""
    signer = _signer(headers, body, signers, now)
    request = read(headers.get("content-type", ""), body)
    if isinstance(request, Received) and signer.teams is not None and request.team_id not in signer.teams:
        raise Unsigned("The Slack workspace has not installed the app that signed this.")
    return request


def verify(headers: Mapping[str, str], body: bytes, *, secret: str, now: float) -> None:
    """Raise Unsigned unless Slack signed these bytes lately. Header names in lower case.

    https://docs.slack.dev/authentication/verifying-requests-from-slack
    """
    if not secret:
        raise Unsigned("No signing secret is set: nothing can be verified, so nothing is accepted.")
    signature, timestamp = headers.get("x-slack-signature", ""), headers.get("x-slack-request-timestamp", "")
    if not signature or not timestamp:
        raise Unsigned("The request is not signed.")
    if not SECONDS.fullmatch(timestamp) or abs(now - int(timestamp)) > MAX_AGE:
        raise Unsigned("The request's time stamp is more than five minutes away from this clock.")
    expected = "v0=" + hmac.digest(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, "sha256").hex()
    if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")):
        raise Unsigned("The signature is wrong.")


def read(content_type: str, body: bytes) -> Challenge | Received:
    """What the verified bytes are. Raises Refused(400) for what no Slack request looks like."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise Refused(400, "The body is not UTF-8.") from None
    if content_type.partition(";")[0].strip().lower() == "application/x-www-form-urlencoded":
        return _read_form(text)
    text = _storable(text)
    payload = _object(text)
    if payload.get("type") == "url_verification":
        return Challenge(str(payload.get("challenge", "")))
    return _read_event(payload, text)


def team_of(payload: Mapping[str, Any]) -> str:
    """The team in which our app is installed. The outer `team_id` may be the sender's, in a shared channel.

    An event names it in `authorizations`, a click in `team` (of an app of a whole organisation: in `user`), a click
    in a modal that another company's user opened in `app_installed_team_id`, a command in `team_id`.
    """
    authorizations = payload.get("authorizations")
    first = authorizations[0] if isinstance(authorizations, list) and authorizations else None
    for holder, key in (
        (first, "team_id"),
        (payload, "context_team_id"),
        (payload.get("view"), "app_installed_team_id"),
        (payload.get("team"), "id"),
        (payload, "team_id"),
        (payload.get("user"), "team_id"),
    ):
        team = holder.get(key) if isinstance(holder, Mapping) else None
        if isinstance(team, str) and team:
            return team
    return ""


def channel_of(event: Mapping[str, Any]) -> str:
    """The channel's id, wherever this kind of event carries it; empty when it concerns none."""
    for holder in (event, event.get("item"), event.get("container")):
        if not isinstance(holder, Mapping):
            continue
        channel = holder.get("channel") or holder.get("channel_id")
        if isinstance(channel, Mapping):
            channel = channel.get("id")
        if isinstance(channel, str) and channel:
            return channel
    return ""


def _signer(headers: Mapping[str, str], body: bytes, signers: Sequence[Signer], now: float) -> Signer:
    *others, last = signers or [Signer("", None)]
    for signer in others:
        with suppress(Unsigned):
            verify(headers, body, secret=signer.secret, now=now)
            return signer
    verify(headers, body, secret=last.secret, now=now)
    return last


def _read_event(payload: dict[str, Any], text: str) -> Received:
    event = payload.get("event")
    if not isinstance(event, dict):
        event = {}
    kind = str(event.get("type") or payload.get("type") or "unknown")
    return _row(str(payload.get("event_id") or ""), kind, f"{team_of(payload)}:{channel_of(event)}", text)


def _read_form(text: str) -> Received:
    fields = {name: values[0] for name, values in parse_qs(text, keep_blank_values=True).items()}
    if "payload" in fields:
        body = _storable(fields["payload"])
        payload = _object(body)
        kind = str(payload.get("type") or "unknown")
    elif "command" in fields:
        body, kind = _storable(json.dumps(fields)), "slash_command"
        payload = _object(body)
    else:
        raise Refused(400, "The form has neither a payload nor a command.")
    # Slack delivers these once and names no delivery; the trigger is made for one act of one person.
    actions = payload.get("actions")
    first = actions[0] if isinstance(actions, list) and actions else None
    acted_at = first.get("action_ts") if isinstance(first, dict) else None
    trigger = str(payload.get("trigger_id") or "")
    external_id = f"{trigger}:{acted_at or ''}" if trigger else ""
    return _row(external_id, kind, f"{team_of(payload)}:{channel_of(payload)}", body)


def _row(external_id: str, kind: str, lane: str, body: str) -> Received:
    if not external_id or len(external_id) > 128:
        external_id = "sha256:" + hashlib.sha256(body.encode()).hexdigest()
    return Received(external_id, kind[:64], lane[:160], body)


def _storable(text: str) -> str:
    """The JSON text without the two escapes that PostgreSQL can't store: NUL, and half a surrogate pair."""
    return ESCAPE.sub(_stored_escape, text) if UNSTORABLE.search(text) else text


def _stored_escape(match: re.Match[str]) -> str:
    if match["nul"]:
        return ""
    return "\\ufffd" if match["half"] else match[0]


def _object(text: str) -> dict[str, Any]:
    try:
        payload = json.loads(text)
    except (ValueError, RecursionError):
        raise Refused(400, "The body is not JSON.") from None
    if not isinstance(payload, dict):
        raise Refused(400, "The body is not a JSON object.")
    return payload
