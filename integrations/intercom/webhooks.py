"""Intercom’s notifications: whether they are genuine, and what they tell of.

`X-Hub-Signature: sha1=…` is the HMAC-SHA1 of the body by the app’s client secret
(developers.intercom.com/docs/webhooks/webhook-notifications).
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from integrations.tools.errors import Refused
from integrations.tools.protocol import Webhook


def verify(secret: str, headers: Mapping[str, str], body: bytes) -> Webhook:
    if not secret:
        raise Refused("No client secret is entered for this tool in Pylon.")
    signature = "sha1=" + hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()
    if not hmac.compare_digest(headers.get("x-hub-signature", "").encode(), signature.encode()):
        raise Refused("The signature is wrong.")
    told = _read(body.decode(errors="replace"))
    # A ping has no id of its own; the same words are the same delivery.
    return Webhook(str(told.get("id") or hashlib.sha256(body).hexdigest()), str(told.get("topic") or "unknown"))


def touched(body: str, *, kind: str, app_id: str) -> list[str]:
    """Ids of what is of this kind, `ticket` or `conversation`, in this workspace: an app that is installed in several
    tells of all of them."""
    told = _read(body)
    data = told.get("data")
    item = data.get("item") if isinstance(data, dict) else None
    if not isinstance(item, dict) or told.get("app_id") not in (None, "", app_id):
        return []
    if item.get("type") == kind:
        found = item.get("id")
    else:  # a part, with what it is part of
        inside = item.get(kind)
        found = inside.get("id") if isinstance(inside, dict) else item.get(f"{kind}_id")
    return [str(found)] if isinstance(found, str | int) and found else []


def _read(body: str) -> dict[str, Any]:
    """ValueError where it is no notification."""
    told = json.loads(body)
    if not isinstance(told, dict):
        raise ValueError("a notification is an object")
    return told
