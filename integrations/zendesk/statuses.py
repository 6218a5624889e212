"""Zendesk's statuses: a category, and within it those that the account has made itself.

A value is the category (`open`), or `open/123` for a custom status that isn't the category's default
(ticketing/tickets/custom_ticket_statuses). Closed tickets have no custom status of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from conversations.status import Status
from integrations.tools.errors import ToolError
from integrations.tools.protocol import Choice

CATEGORIES = {
    "new": "New", "open": "Open", "pending": "Pending", "hold": "On-hold", "solved": "Solved", "closed": "Closed"
}  # fmt: skip
OUT = {Status.TODO: "open", Status.IN_PROGRESS: "pending", Status.CLOSED: "solved"}
IN = {
    "new": Status.TODO, "open": Status.TODO, "pending": Status.IN_PROGRESS, "hold": Status.IN_PROGRESS,
    "solved": Status.CLOSED, "closed": Status.CLOSED,
}  # fmt: skip


def choices(custom: Sequence[Mapping[str, Any]]) -> list[Choice]:
    made = [
        Choice(f"{one['status_category']}/{one['id']}", str(one.get("agent_label") or one["id"]))
        for one in custom
        if one.get("active") and not one.get("default") and one.get("status_category") in CATEGORIES
    ]
    return [*(Choice(value, label) for value, label in CATEGORIES.items()), *made]


def status_in(found: Sequence[Choice]) -> dict[str, str]:
    return {one.value: IN[one.value.partition("/")[0]].value for one in found}


def told(ticket: Mapping[str, Any], custom: Sequence[Mapping[str, Any]]) -> str:
    """The status of a ticket as one of our values; the category where its custom status was switched off."""
    category, chosen = str(ticket.get("status") or "open"), ticket.get("custom_status_id")
    value = f"{category}/{chosen}"
    return value if value in {one.value for one in choices(custom)} else category


def wanted(status: str) -> dict[str, Any]:
    """What to send for one of our values."""
    category, _, custom = status.partition("/")
    if category not in CATEGORIES or (custom and not (custom.isascii() and custom.isdigit())):
        raise ToolError(f"Zendesk knows no status “{status[:40]}”: see the map in the settings.", permanent=True)
    return {"custom_status_id": int(custom)} if custom else {"status": category}
