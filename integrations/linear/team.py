"""The team whose issues are made: its statuses, labels and members.

Types of statuses: triage, backlog, unstarted, started, completed, canceled, duplicate (schema: WorkflowState.type).
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from conversations.status import Status
from integrations.linear import queries
from integrations.linear.client import LinearClient
from integrations.tools.errors import ToolError
from integrations.tools.protocol import Choice, ChoiceField, Choices, Person

MEANS = {
    "triage": Status.TODO, "backlog": Status.TODO, "unstarted": Status.TODO, "started": Status.IN_PROGRESS,
    "completed": Status.CLOSED, "canceled": Status.CLOSED, "duplicate": Status.CLOSED,
}  # fmt: skip
BEST = {
    Status.TODO: ("unstarted", "backlog", "triage"), Status.IN_PROGRESS: ("started",),
    Status.CLOSED: ("completed", "canceled"),
}  # fmt: skip


class Team:
    def __init__(self, client: LinearClient, pk: str) -> None:
        self._client = client
        self.pk = pk

    @cached_property
    def states(self) -> list[dict[str, Any]]:
        """In the order of the team’s board."""
        return sorted(self._told["states"]["nodes"], key=lambda one: float(one.get("position") or 0))

    def status(self, state: dict[str, Any]) -> str:
        """Of our team’s statuses the one itself; for an issue that moved to another team, one that means the same."""
        ids = [one["id"] for one in self.states]
        same = [one["id"] for one in self.states if one.get("type") == state.get("type")]
        return str(state["id"] if state["id"] in ids or not same else same[0])

    def choices(self) -> Choices:
        statuses = [Choice(one["id"], one["name"]) for one in self.states]
        out = {}
        for ours, kinds in BEST.items():
            found = [one["id"] for kind in kinds for one in self.states if one["type"] == kind]
            if found:
                out[str(ours)] = found[0]
        back = {one["id"]: str(MEANS[one["type"]]) for one in self.states if one["type"] in MEANS}
        return Choices(statuses, out, back, [_priority(), *self._labels()], self._members())

    def _labels(self) -> list[ChoiceField]:
        options = [Choice(one["id"], one["name"]) for one in self._told["labels"]["nodes"] if not one.get("isGroup")]
        return [ChoiceField("label", _("Label"), options)] if options else []

    def _members(self) -> list[Person]:
        members, page = list(self._told["members"]["nodes"]), self._told["members"]["pageInfo"]
        while page["hasNextPage"]:
            more = self._client.ask(queries.TEAM, id=self.pk, after=page["endCursor"])["team"]["members"]
            members, page = members + more["nodes"], more["pageInfo"]
        return [
            Person(one["name"], one["email"], is_ours=True)
            for one in members
            if one.get("active") and not one.get("app") and one.get("email")
        ]

    @cached_property
    def _told(self) -> dict[str, Any]:
        told = self._client.ask(queries.TEAM, id=self.pk).get("team")
        if not isinstance(told, dict):
            raise ToolError("Linear has no such team any more: connect it again with another.", permanent=True)
        return told


def _priority() -> ChoiceField:
    options = [
        Choice("1", _("Urgent")), Choice("2", _("High")), Choice("3", _("Medium")), Choice("4", _("Low")),
    ]  # fmt: skip
    return ChoiceField("priority", _("Priority"), options)
