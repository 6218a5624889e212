"""Intercom’s tickets: a type, a title, a description, a state."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from conversations.status import Status
from integrations.intercom import bodies
from integrations.intercom.adapter import FOUND, OVERLAP, POLL, IntercomAdapter, naming, no_edit
from integrations.intercom.client import shown
from integrations.tools.errors import Gone, ToolError, Unsupported
from integrations.tools.protocol import Abilities, Choice, ChoiceField, Choices, Counterpart, NewComment, NewTicket

TITLE, DESCRIPTION = "_default_title_", "_default_description_"
OPENING = "opening"
OUT = {"submitted": Status.TODO, "in_progress": Status.IN_PROGRESS, "resolved": Status.CLOSED}
"""What a state of each category is here; the first state of a category is what ours becomes."""
IN = {**OUT, "waiting_on_customer": Status.IN_PROGRESS}
LOOKED_THROUGH = 3
"""Pages of tickets, for one with a number: “Do not use ticket_id for API queries.”"""
REMOVED = "(deleted in Slack)"


class TicketAdapter(IntercomAdapter):
    kind = "ticket"

    @property
    def can(self) -> Abilities:
        """No files: a ticket’s reply takes addresses only, which Intercom fetches without signing in."""
        return Abilities(polls=POLL, largest_file=0, longest_text=20_000)

    def create(self, ticket: NewTicket) -> Counterpart:
        kind = ticket.fields.get("ticket_type") or self._default_type()
        assignee, team = self._people.admin_id(ticket.owner_email), ticket.fields.get("team", "")
        assignment = {"admin_assignee_id": assignee, "team_assignee_id": team}
        made = shown(
            self._client.post(
                "/tickets",
                {
                    "ticket_type_id": kind,
                    "contacts": [{"id": self._people.contact_id(ticket.requester)}],
                    "ticket_attributes": {TITLE: ticket.subject, DESCRIPTION: _description(ticket.opening, ticket.key)},
                    "assignment": {name: value for name, value in assignment.items() if value},
                    "skip_notifications": True,
                },
            )
        )
        if ticket.status and ticket.status != _state(made):
            made = self._update(str(made["id"]), {"ticket_state_id": ticket.status})
        return self._told(made)

    def created(self, key: str) -> Counterpart | None:
        found, _following = self._search({"field": "description", "operator": "~", "value": key}, limit=FOUND)
        ours = [one for one in found if bodies.read(_attribute(one, DESCRIPTION))[1] == key]
        return self._told(ours[0]) if ours else None

    def edit(self, external_id: str, comment_id: str, comment: NewComment) -> None:
        """Of what we have said, the description alone."""
        if comment_id != OPENING:
            raise no_edit()
        self._describe(external_id, comment)

    def delete(self, external_id: str, comment_id: str) -> None:
        """Redacting is for conversations’ parts. A description can be written over."""
        if comment_id != OPENING:
            raise Unsupported("Intercom can’t delete what was said in a ticket.")
        told = self._read(external_id)
        link = bodies.LINK.search(bodies.text_of(_attribute(told, DESCRIPTION)))
        said = f"{REMOVED}\n\n{link[1]}" if link else REMOVED
        self._update(external_id, {"ticket_attributes": {DESCRIPTION: said}})

    def set_status(self, external_id: str, status: str) -> None:
        self._update(external_id, {"ticket_state_id": status})

    def set_owner(self, external_id: str, email: str) -> bool:
        found = self._people.admin_id(email) if email else "0"
        if not found:
            return False
        self._update(external_id, {"assignee_id": found})
        return True

    def _describe(self, external_id: str, comment: NewComment) -> None:
        _text, key = bodies.read(_attribute(self._read(external_id), DESCRIPTION))
        self._update(external_id, {"ticket_attributes": {DESCRIPTION: _description(comment, key or comment.key)}})

    def _update(self, external_id: str, changes: dict[str, Any]) -> dict[str, Any]:
        try:
            return shown(self._client.put(self._path(external_id), {**changes, "skip_notifications": True}))
        except Gone as error:
            self._read(external_id)
            # The ticket is there, so it is “Assignee not found”.
            raise ToolError(f"Intercom refused it. {error}", permanent=True) from error

    def _all_choices(self) -> Choices:
        """States that the default type has come first: which are allowed depends on the type."""
        types = self._types()
        mine = {str(one["id"]) for one in _data(types[0].get("ticket_states"))} if types else set()
        states = [one for one in _data(self._client.get("/ticket_states")) if not one.get("archived")]
        states.sort(key=lambda one: str(one["id"]) not in mine)
        first = {str(one.get("category")): str(one["id"]) for one in reversed(states)}
        default = str(types[0]["id"]) if types else ""
        options = [Choice(str(one["id"]), str(one.get("name"))) for one in types]
        kinds = ChoiceField("ticket_type", _("Ticket type"), options, default, is_required=True)
        return Choices(
            statuses=[Choice(str(one["id"]), str(one.get("internal_label"))) for one in states],
            status_out={ours.value: first[category] for category, ours in OUT.items() if category in first},
            status_in={
                str(one["id"]): IN[category].value for one in states if (category := one.get("category")) in IN
            },
            fields=[kinds, *self._team_field()],
            agents=self._agents(),
        )  # fmt: skip

    def _types(self) -> list[dict[str, Any]]:
        """Those that have a customer come first."""
        found = [one for one in _data(self._client.get("/ticket_types")) if not one.get("archived")]
        return sorted(found, key=lambda one: one.get("category") != "Customer")

    def _default_type(self) -> str:
        types = self._types()
        if not types:
            raise ToolError("Intercom has no ticket type: make one there, or connect conversations.", permanent=True)
        return str(types[0]["id"])

    def _told(self, told: dict[str, Any], *, merged_into: str = "") -> Counterpart:
        seen = self._seen(told, _state(told))
        number = str(told.get("ticket_id") or told["id"])
        return Counterpart(
            number=number, title=_attribute(told, TITLE), opening_id=OPENING, merged_into=merged_into, **seen
        )

    def _by_number(self, number: str) -> list[Counterpart]:
        """The number that people see, among the tickets that changed last; or the one in the address."""
        after, query = "", {"field": "created_at", "operator": ">", "value": str(OVERLAP)}
        for _page in range(LOOKED_THROUGH):
            found, after = self._search(query, after=after)
            if same := [one for one in found if str(one.get("ticket_id")) == number]:
                return [self._told(same[0])]
            if not after:
                break
        try:
            return [self._told(self._read(number))]
        except Gone:
            return []

    def _searched(self, text: str) -> list[dict[str, Any]]:
        words = [{"field": field, "operator": "~", "value": text} for field in ("title", "description")]
        return self._search({"operator": "OR", "value": words}, limit=FOUND)[0][:FOUND]

    def _with_files(self, comment: NewComment) -> tuple[NewComment, dict[str, Any]]:
        return naming(comment.files, comment), {}

    def _added(self, answer: dict[str, Any], before: set[str], comment: NewComment) -> str:  # noqa: ARG002 - for conversations
        return str(answer["id"])


def _description(opening: NewComment, key: str) -> str:
    named = naming(opening.files, opening)
    return bodies.plain(replace(named, heading=opening.heading), key, says_who=True)


def _state(told: dict[str, Any]) -> str:
    return str((told.get("ticket_state") or {}).get("id") or "")


def _attribute(told: dict[str, Any], name: str) -> str:
    return str((told.get("ticket_attributes") or {}).get(name) or "")


def _data(answer: object) -> list[dict[str, Any]]:
    return list(answer.get("data") or []) if isinstance(answer, dict) else []
