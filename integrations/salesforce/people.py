"""Users and contacts of an org."""

from __future__ import annotations

from collections.abc import Iterable

from integrations.salesforce.client import SalesforceClient
from integrations.tools.protocol import Person

USER = "005"
"""What the ids of users begin with; those of queues begin with 00G (Object Reference: key prefixes)."""
UNNAMED = "[not provided]"
"""LastName is required; so Salesforce’s own e-mail-to-case fills it."""


class People:
    """`me`: our own user there."""

    def __init__(self, client: SalesforceClient, me: str) -> None:
        self._client = client
        self.me = me

    def is_me(self, pk: object) -> bool:
        return bool(self.me) and str(pk or "")[:15] == self.me[:15]

    def users(self, ids: Iterable[object]) -> dict[str, Person]:
        wanted = sorted({str(pk) for pk in ids if str(pk or "").startswith(USER)})
        if not wanted:
            return {}
        found = self._client.query("SELECT Id, Name, Email, UserType FROM User WHERE Id IN :wanted", wanted=wanted)
        # Whoever signs in to a portal or community is a customer.
        return {
            str(one["Id"]): Person(
                str(one.get("Name") or ""), str(one.get("Email") or ""), one.get("UserType") in (None, "Standard"),
                f"salesforce:{one['Id']}",
            )
            for one in found
        }  # fmt: skip

    def user_id(self, email: str) -> str:
        """Empty where no active user has that address."""
        found = self._client.query(
            "SELECT Id FROM User WHERE Email = :email AND IsActive = true AND UserType = 'Standard' "
            "ORDER BY CreatedDate LIMIT 1", email=email,
        )  # fmt: skip
        return str(found[0]["Id"]) if found and email else ""

    def contact_id(self, person: Person, *, may_make: bool) -> str:
        """The contact with that address, the one used last; empty where there is none and none may be made.

        A contact that is made belongs to no account: which one is for people to say.
        """
        if not person.email:
            return ""
        found = self._client.query(
            "SELECT Id FROM Contact WHERE Email = :email ORDER BY LastModifiedDate DESC LIMIT 1", email=person.email
        )
        if found or not may_make:
            return str(found[0]["Id"]) if found else ""
        first, _, last = person.name.strip().rpartition(" ")
        return self._client.make("Contact", FirstName=first[:40], LastName=last[:80] or UNNAMED, Email=person.email)
