"""Zendesk's webhooks: whether they are genuine, and of which tickets they tell.

`X-Zendesk-Webhook-Signature` is base64(HMAC-SHA256(secret, timestamp + body)) over the raw body; the timestamp is the
header `X-Zendesk-Webhook-Signature-Timestamp` as it stands (developer.zendesk.com/documentation/webhooks/verifying).
An invocation keeps its id when Zendesk tries it again (…/webhooks/anatomy-of-a-webhook-request).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from integrations.tools.errors import Refused
from integrations.tools.protocol import Webhook

OLDEST = timedelta(hours=1)
"""Retries are signed anew or come within minutes; what is older is played again by somebody else."""
EVENTS = [
    "zen:event-type:ticket.comment_added",
    "zen:event-type:ticket.status_changed",
    "zen:event-type:ticket.custom_status_changed",
    "zen:event-type:ticket.agent_assignment_changed",
    "zen:event-type:ticket.comment_made_private",
    "zen:event-type:ticket.comment_redacted",
    "zen:event-type:ticket.merged",
    "zen:event-type:ticket.soft_deleted",
    "zen:event-type:ticket.undeleted",
    "zen:event-type:ticket.permanently_deleted",
]
"""What a webhook of ours subscribes to (api-reference/webhooks/event-types/ticket-events)."""


def signature(secret: str, timestamp: str, body: bytes) -> str:
    return base64.b64encode(hmac.new(secret.encode(), timestamp.encode() + body, hashlib.sha256).digest()).decode()


def verify(secret: str, headers: Mapping[str, str], body: bytes) -> Webhook:
    """Each webhook has a secret of its own: what it signs is of this Zendesk account."""
    if not secret:
        raise Refused("No signing secret of the webhook is entered for this tool in Pylon.")
    timestamp = headers.get("x-zendesk-webhook-signature-timestamp", "")
    given = headers.get("x-zendesk-webhook-signature", "")
    if not hmac.compare_digest(given.encode(), signature(secret, timestamp, body).encode()):
        raise Refused("The signature is wrong.")
    _check_age(timestamp)
    event = _read(body.decode(errors="replace"))
    invocation = (
        headers.get("x-zendesk-webhook-invocation-id", "") or hashlib.sha256(timestamp.encode() + body).hexdigest()
    )
    return Webhook(invocation[:80], str(event.get("type") or "trigger").removeprefix("zen:event-type:"))


def touched(body: str) -> list[str]:
    """Of an event: its `detail.id`, or its subject `zen:ticket:12`; of a trigger, the `ticket_id` that our template
    names. ValueError for what is no JSON."""
    told = json.loads(body)
    if not isinstance(told, dict):
        return []
    detail, subject = told.get("detail"), told.get("subject")
    if isinstance(subject, str) and subject.startswith("zen:ticket:"):
        found: Any = subject.removeprefix("zen:ticket:")
    elif str(told.get("type") or "").startswith("zen:event-type:ticket.") and isinstance(detail, dict):
        found = detail.get("id")
    else:
        found = told.get("ticket_id")
    found = str(found) if isinstance(found, str | int) and not isinstance(found, bool) else ""
    return [found] if found.isascii() and found.isdigit() and len(found) < 20 else []


def _check_age(timestamp: str) -> None:
    try:
        at = datetime.fromisoformat(timestamp)
    except ValueError:
        raise Refused("The signature has no time.") from None
    at = at.replace(tzinfo=at.tzinfo or UTC)
    if abs(datetime.now(UTC) - at) > OLDEST:
        raise Refused("The signature is too old.")


def _read(body: str) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
