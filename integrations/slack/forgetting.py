"""Removes from the inbox what a deleted message said: its own event, its edits, and replies that quote their root."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from integrations.models import InboundEvent, Provider

EARLIER = timedelta(hours=1)
"""How long an event may have waited before its message was stored."""
TOLD = {"text", "blocks", "attachments", "files", "file", "metadata", "edited", "reactions"}
"""What a message says, among the fields of its object."""


def forget(lane: str, ts: str, *, since: datetime) -> int:
    """Empty the stored events of a lane that carry the message; answers how many. `since`: when it was stored."""
    rows = InboundEvent.objects.filter(
        provider=Provider.SLACK, lane=lane, received_at__gte=since - EARLIER, body__contains=f'"{ts}"'
    )
    emptied = 0
    for row in rows.iterator(chunk_size=50):
        body = json.dumps(_without(json.loads(row.body), ts))
        emptied += InboundEvent.objects.filter(pk=row.pk).update(body=body)
    return emptied


def _without(value: Any, ts: str) -> Any:
    """The same without what the message says, wherever in it the message stands."""
    if isinstance(value, list):
        return [_without(item, ts) for item in value]
    if not isinstance(value, dict):
        return value
    is_message = value.get("ts") == ts
    return {key: _without(item, ts) for key, item in value.items() if not (is_message and key in TOLD)}
