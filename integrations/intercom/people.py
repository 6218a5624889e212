"""Contacts and admins of an Intercom workspace."""

from __future__ import annotations

from functools import cached_property
from typing import Any
from urllib.parse import quote

from integrations.intercom.client import AlreadyThere, IntercomClient, shown
from integrations.tools.errors import Gone, ToolError
from integrations.tools.protocol import Person

OURS = {"admin", "team", "bot"}
"""Kinds of authors; the others are contacts: `user`, `lead`, `contact`."""


class People:
    """`writer`: the address of the admin in whose name we write what no admin there has said; else the token’s own."""

    def __init__(self, client: IntercomClient, writer: str = "") -> None:
        self._client = client
        self._writer = writer

    @cached_property
    def me(self) -> dict[str, Any]:
        """The token’s admin, with the `app` it is for."""
        return shown(self._client.get("/me"))

    @cached_property
    def admins(self) -> list[dict[str, Any]]:
        listed = shown(self._client.get("/admins")).get("admins") or []
        return [one for one in listed if isinstance(one, dict)]

    def admin_id(self, email: str) -> str:
        """Empty where nobody has that address."""
        wanted = email.strip().lower()
        found = [one for one in self.admins if wanted and str(one.get("email") or "").lower() == wanted]
        return str(found[0]["id"]) if found else ""

    def writer_id(self) -> str:
        if not self._writer:
            return str(self.me["id"])
        if found := self.admin_id(self._writer):
            return found
        raise ToolError(f"Intercom has no teammate {self._writer} to write as: connect it again.", permanent=True)

    def owner(self, admin_id: object) -> Person | None:
        """Intercom tells nobody as null, nothing, or 0."""
        if not admin_id or str(admin_id) == "0":
            return None
        found = [one for one in self.admins if str(one.get("id")) == str(admin_id)]
        name, email = (str(found[0].get("name") or ""), str(found[0].get("email") or "")) if found else ("", "")
        return Person(name, email, is_ours=True, key=f"intercom:{admin_id}")

    def author(self, part_author: object) -> Person:
        told = part_author if isinstance(part_author, dict) else {}
        is_ours = told.get("type") in OURS
        return Person(str(told.get("name") or ""), str(told.get("email") or ""), is_ours, f"intercom:{told.get('id')}")

    def contact_among(self, person: Person, contacts: list[dict[str, Any]]) -> str:
        """The id of the contact of a ticket who this person is; empty where they are none of them."""
        for one in contacts:
            if person.key and one.get("external_id") == person.key:
                return str(one["id"])
        found = self._by_email(person) if contacts else ""
        return found if found in {str(one.get("id")) for one in contacts} else ""

    def contact_id(self, person: Person) -> str:
        """Found, or made. Slack shows some people’s e-mail address and hides others’; our own id is always there."""
        external_id = person.key or ("" if person.email else f"pylon:{person.name}")
        if external_id and (found := self._by_external_id(external_id)):
            return found
        return self._by_email(person) or self._made(person, external_id)

    def _by_external_id(self, external_id: str) -> str:
        try:
            found = shown(self._client.get(f"/contacts/find_by_external_id/{quote(external_id, safe='')}"))
        except Gone:
            return ""
        return str(found["id"])

    def _by_email(self, person: Person) -> str:
        if not person.email:
            return ""
        query = {"field": "email", "operator": "=", "value": person.email}
        found = shown(self._client.post("/contacts/search", {"query": query, "pagination": {"per_page": 1}}))
        return str(found["data"][0]["id"]) if found.get("data") else ""

    def _made(self, person: Person, external_id: str) -> str:
        wanted = {"role": "user", "external_id": external_id, "email": person.email, "name": person.name}
        try:
            made = self._client.post("/contacts", {name: value for name, value in wanted.items() if value})
        except AlreadyThere as known:
            # A search finds a new contact after some minutes only, and an archived one never.
            if known.is_archived:
                self._client.post(f"/contacts/{quote(known.pk, safe='')}/unarchive")
            return known.pk
        return str(shown(made)["id"])
