"""What a workspace has chosen for one of its support tools: an Installation's `config`, read and written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

from conversations.status import Status
from integrations.tools.protocol import Choices
from triage.routing import Filter

EVERYTHING = Filter()


class Automatic(StrEnum):
    """Whether new conversations connect by themselves."""

    NEVER = "never"
    RULE = "rule"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Config:
    """`status_out`: by our status the tool's, `status_in` the other way round; what they lack changes nothing.

    `sends_notes`: internal notes go over, as private comments. `sends_public`: what was said with the customer goes
    over as public comments, rather than private ones. `brings_replies`: public comments made there go to the customer
    as replies, rather than becoming notes. `fields`: of each new ticket, by the name of the field.
    """

    automatic: Automatic = Automatic.NEVER
    rule: Filter = EVERYTHING
    sends_notes: bool = True
    sends_public: bool = True
    brings_replies: bool = False
    status_out: Mapping[str, str] = field(default_factory=dict)
    status_in: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Self:
        """From an Installation's JSON."""
        known = {name: stored[name] for name in cls.__slots__ if name in stored}
        if "automatic" in known:
            known["automatic"] = Automatic(known["automatic"])
        if "rule" in known:
            known["rule"] = Filter.read(known["rule"])
        return cls(**known)

    @classmethod
    def default(cls, choices: Choices) -> Self:
        """What a newly connected tool begins with."""
        return cls(
            status_out=dict(choices.status_out), status_in=dict(choices.status_in),
            fields={one.name: one.default for one in choices.fields if one.default},
        )  # fmt: skip

    def stored(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "automatic": self.automatic.value, "rule": self.rule.stored(), "sends_notes": self.sends_notes,
            "sends_public": self.sends_public, "brings_replies": self.brings_replies,
            "status_out": dict(self.status_out), "status_in": dict(self.status_in), "fields": dict(self.fields),
        }  # fmt: skip

    def theirs(self, status: str) -> str:
        """The tool's status that ours becomes; empty: it stays as it is."""
        return self.status_out.get(status, "")

    def ours(self, status: str) -> Status | None:
        """Our status that the tool's becomes; None: it stays as it is."""
        ours = self.status_in.get(status, "")
        return Status(ours) if ours in Status.values else None
