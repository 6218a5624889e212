"""What may be set on new tickets: group, type, priority, form, and the account's own drop-down fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from integrations.tools.errors import Gone
from integrations.tools.protocol import Choice, ChoiceField
from integrations.zendesk.client import Forbidden, ZendeskClient

OWN = "field "
"""Before the id of a field of the account's own."""


def offered(client: ZendeskClient) -> list[ChoiceField]:
    """Facts: ticketing/groups/groups, ticketing/tickets/ticket_fields."""
    groups = [
        Choice(str(one["id"]), str(one.get("name") or one["id"]))
        for one in client.many("groups", "/api/v2/groups")
        if not one.get("deleted")
    ]
    found = [ChoiceField("group_id", _("Group"), groups)] if groups else []
    for one in client.many("ticket_fields", "/api/v2/ticket_fields"):
        if not one.get("active", True):
            continue
        kind, title = one.get("type"), str(one.get("title") or one.get("id"))
        if kind in {"tickettype", "priority"}:
            name = "type" if kind == "tickettype" else "priority"
            options = _options(one.get("system_field_options"))
            found.append(ChoiceField(name, title, options))
        elif kind == "tagger":
            found.append(ChoiceField(f"{OWN}{one['id']}", title, _options(one.get("custom_field_options"))))
    return found + _forms(client)


def as_sent(chosen: Mapping[str, str]) -> dict[str, Any]:
    sent: dict[str, Any] = {}
    custom = []
    for name, value in chosen.items():
        if name.startswith(OWN):
            custom.append({"id": int(name.removeprefix(OWN)), "value": value})
        else:
            sent[name] = int(value) if name.endswith("_id") else value
    return {**sent, **({"custom_fields": custom} if custom else {})}


def _forms(client: ZendeskClient) -> list[ChoiceField]:
    """Some plans have none."""
    try:
        found = client.many("ticket_forms", "/api/v2/ticket_forms")
    except (Gone, Forbidden):
        return []
    options = [Choice(str(one["id"]), str(one.get("name") or one["id"])) for one in found if one.get("active", True)]
    return [ChoiceField("ticket_form_id", _("Form"), options)] if options else []


def _options(found: Any) -> list[Choice]:
    options = found if isinstance(found, list) else []
    return [Choice(str(one["value"]), str(one.get("name") or one["value"])) for one in options if isinstance(one, dict)]
