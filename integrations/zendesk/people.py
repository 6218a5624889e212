"""Who a person is in Zendesk: found, or made; without an e-mail to them.

Names and addresses of users who are there already are left as they are. Facts: api-reference/ticketing/users/users.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from integrations.tools.errors import ToolError
from integrations.tools.protocol import Person
from integrations.zendesk.client import ZendeskClient, listed

AGENTS = ("agent", "admin")


def find(client: ZendeskClient, person: Person) -> dict[str, Any] | None:
    """By address, else by the key that we gave them."""
    if person.email:
        found = _search(client, query=f'email:"{person.email.replace(chr(34), "")}"')
        same = [one for one in found if str(one.get("email") or "").lower() == person.email.lower()]
        if same:
            return same[0]
    if person.key and not person.is_ours:
        same = [one for one in _search(client, external_id=person.key) if one.get("external_id") == person.key]
        return same[0] if same else None
    return None


def find_agent(client: ZendeskClient, email: str) -> dict[str, Any] | None:
    found = find(client, Person("", email)) if email else None
    return found if found and found.get("role") in AGENTS and not found.get("suspended") else None


def find_or_make(client: ZendeskClient, person: Person) -> int:
    """The id of a user. `skip_verify_email` keeps Zendesk from asking them to confirm their address."""
    if found := find(client, person):
        return int(found["id"])
    user: dict[str, Any] = {"name": person.name or person.email or "Somebody", "skip_verify_email": True}
    if person.email:
        user["email"] = person.email
    if person.key:
        user["external_id"] = person.key
    try:
        made = client.part(client.post("/api/v2/users", {"user": user}), "user")
    except ToolError as error:
        if not error.permanent or not person.email:
            raise
        # The search knows new users a little later than the database: theirs is the address already.
        again = {"user": {"name": user["name"], "email": person.email, "skip_verify_email": True}}
        made = client.part(client.post("/api/v2/users/create_or_update", again), "user")
    return int(made["id"])


def as_person(user: Mapping[str, Any] | None) -> Person:
    if user is None:
        return Person("Somebody")
    return Person(
        str(user.get("name") or ""), str(user.get("email") or ""), is_ours=user.get("role") in AGENTS,
        key=str(user.get("external_id") or ""),
    )  # fmt: skip


def _search(client: ZendeskClient, **params: str) -> list[dict[str, Any]]:
    return listed(client.shown(client.get("/api/v2/users/search", **params)).get("users"))
