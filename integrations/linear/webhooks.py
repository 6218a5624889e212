"""Linear’s webhooks: whether they are genuine, and what they tell of.

`Linear-Signature` is the hex HMAC-SHA256 of the body; `webhookTimestamp`, within it, is when it was sent, in
milliseconds; `Linear-Delivery` is its id (linear.app/developers/webhooks). Linear advises a minute; ours may differ.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any

from integrations.tools.errors import Refused
from integrations.tools.protocol import Webhook

OLDEST = 5 * 60
"""Seconds."""


def verify(secret: str, headers: Mapping[str, str], body: bytes) -> Webhook:
    if not secret:
        raise Refused("No signing secret is entered for this tool in Pylon.")
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(headers.get("linear-signature", "").encode(), signature.encode()):
        raise Refused("The signature is wrong.")
    try:
        told = _read(body.decode())
    except ValueError as error:
        raise Refused("This is no webhook of Linear.", status=400) from error
    at = told.get("webhookTimestamp")
    if not isinstance(at, int | float) or abs(time.time() - at / 1000) > OLDEST:
        raise Refused("It is too old, or its time is missing.")
    delivery = headers.get("linear-delivery") or hashlib.sha256(body).hexdigest()
    return Webhook(delivery[:200], f"{told.get('type', '')} {told.get('action', '')}".strip() or "unknown")


def touched(body: str) -> list[str]:
    """Ids of issues: of those told of, and of those whose comment is."""
    told = _read(body)
    data = told.get("data")
    wanted = {"Issue": "id", "Comment": "issueId"}.get(str(told.get("type")))
    found = data.get(wanted) if isinstance(data, dict) and wanted else None
    return [found] if isinstance(found, str) and found else []


def _read(body: str) -> dict[str, Any]:
    """ValueError where it is no webhook."""
    told = json.loads(body)
    if not isinstance(told, dict):
        raise ValueError("a webhook is an object")
    return told
