"""What an org’s cases look like: fields, picklists, statuses. Read by describe, because every org has its own."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from conversations.status import Status
from integrations.salesforce.client import SalesforceClient
from integrations.tools.protocol import Choice, ChoiceField, Choices, Person

WORKING = ("working", "in progress", "progress", "pending")
PICKLISTS = ("Origin", "Priority", "Type", "Reason")
MAKE_CONTACT = "contact"
"""Of the choices: whether a contact is made where nobody has the requester’s address."""


class Layout:
    def __init__(self, client: SalesforceClient) -> None:
        self._client = client

    @cached_property
    def case(self) -> dict[str, Any]:
        return self._client.describe("Case")

    @cached_property
    def fields(self) -> dict[str, dict[str, Any]]:
        return {str(one["name"]): one for one in self.case.get("fields") or [] if isinstance(one, dict)}

    @cached_property
    def key_field(self) -> str:
        """A custom text field for our key, marked as external id, such as Pylon_Key__c; empty where there is none."""
        names = [name for name, one in self.fields.items() if one.get("externalId") and one.get("createable")]
        return next((name for name in names if name.lower().startswith("pylon")), "")

    @cached_property
    def statuses(self) -> list[Choice]:
        return self.options("Status")

    def options(self, field: str) -> list[Choice]:
        listed = (self.fields.get(field) or {}).get("picklistValues") or []
        return [Choice(str(one["value"]), str(one.get("label") or one["value"])) for one in listed if one.get("active")]

    def choices(self) -> Choices:
        out, back = self._map()
        return Choices(self.statuses, out, back, [*self._picklists(), _contact_field()], self._agents())

    def _map(self) -> tuple[dict[str, str], dict[str, str]]:
        """CaseStatus tells which of the statuses mean closed, and which a new case has."""
        told = {str(one.get("ApiName")): one for one in self._client.query(
            "SELECT ApiName, MasterLabel, IsClosed, IsDefault FROM CaseStatus ORDER BY SortOrder"
        )}  # fmt: skip
        names = [one.value for one in self.statuses]
        closed = [name for name in names if told.get(name, {}).get("IsClosed")]
        opened = [name for name in names if name not in closed]
        out: dict[str, str] = {}
        if opened:
            out[Status.TODO] = next((name for name in opened if told.get(name, {}).get("IsDefault")), opened[0])
        others = [name for name in opened if name != out.get(Status.TODO)]
        if others:
            out[Status.IN_PROGRESS] = next((name for name in others if name.lower() in WORKING), others[0])
        if closed:
            out[Status.CLOSED] = closed[0]
        back: dict[str, str] = dict.fromkeys(others, Status.IN_PROGRESS)
        back.update(dict.fromkeys(closed, Status.CLOSED))
        if opened:
            back[out[Status.TODO]] = Status.TODO
        return out, back

    def _picklists(self) -> list[ChoiceField]:
        fields = []
        for name in PICKLISTS:
            options, field = self.options(name), self.fields.get(name) or {}
            if options and field.get("createable"):
                listed = field.get("picklistValues") or []
                default = next(
                    (str(one["value"]) for one in listed if one.get("defaultValue") and one.get("active")), ""
                )
                fields.append(ChoiceField(name, str(field.get("label") or name), options, default))
        return fields

    def _agents(self) -> list[Person]:
        found = self._client.query(
            "SELECT Id, Name, Email FROM User WHERE IsActive = true AND UserType = 'Standard' ORDER BY Name LIMIT 2000"
        )
        return [Person(str(one.get("Name") or ""), str(one.get("Email") or ""), is_ours=True) for one in found]


def _contact_field() -> ChoiceField:
    options = [Choice("find", _("Leave the contact empty")), Choice("make", _("Make a contact"))]
    return ChoiceField(MAKE_CONTACT, _("Where nobody has the requester’s e-mail address"), options, "find")
