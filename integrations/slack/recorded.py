"""One line of a recording: what Slack once posted, as JSON or as the form it came in. Pure."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlencode

from integrations.slack.requests import MAX_BODY, Challenge, Received, Refused, read

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
FIELD = re.compile(rb"(?:^|&)(?:payload|command)=")
INTERACTIVE = {
    "block_actions",
    "block_suggestion",
    "dialog_cancellation",
    "dialog_submission",
    "dialog_suggestion",
    "interactive_message",
    "message_action",
    "shortcut",
    "view_closed",
    "view_submission",
    "workflow_step_edit",
}


def read_line(line: bytes) -> Received | None:
    """The request as live ones are read; None for a handshake, which leaves nothing to do.

    Takes event envelopes, payloads of interactivity, commands, each also in a frame of Socket Mode. Raises Refused
    for anything else.
    """
    if len(line) > MAX_BODY:
        raise Refused(413, "The line is too large.")
    content_type, body = _as_posted(line.strip())
    received = read(content_type, body)
    return None if isinstance(received, Challenge) else received


def _as_posted(line: bytes) -> tuple[str, bytes]:
    if FIELD.search(line) and not line.startswith(b"{"):
        return FORM, line
    payload = _object(line)
    if isinstance(payload.get("payload"), dict) and "envelope_id" in payload:
        payload = payload["payload"]
        line = json.dumps(payload).encode()
    if payload.get("type") == "url_verification":
        return JSON, line
    event = payload.get("event")
    if isinstance(event, dict) and event.get("type"):
        return JSON, line
    if "command" in payload:
        return FORM, urlencode(payload).encode()
    if payload.get("type") in INTERACTIVE:
        return FORM, urlencode({"payload": line}).encode()
    raise Refused(400, "The line is no event, no payload of interactivity and no command.")


def _object(line: bytes) -> dict[str, Any]:
    try:
        payload = json.loads(line)
    except UnicodeDecodeError:
        raise Refused(400, "The line is not UTF-8.") from None
    except (ValueError, RecursionError) as error:
        raise Refused(400, f"The line is not JSON: {error}.") from None
    if not isinstance(payload, dict):
        raise Refused(400, "The line is not a JSON object.")
    return payload
