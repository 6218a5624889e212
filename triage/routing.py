"""Which triage channels show a conversation. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Self, TypeVar

Place = TypeVar("Place")


@dataclass(frozen=True, slots=True)
class Facts:
    """What a filter looks at. `tags` are the conversation's and its account's together."""

    status: str
    priority: str
    channel: int
    owner: int | None = None
    account: int | None = None
    tier: str = ""
    tags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Filter:
    """Each part that names something must fit; of what a part names, one is enough. Empty: everything.

    Ids of rows, except `tiers`, `tags`, `priorities` and `statuses`. Whoever has no owner is the owner 0.
    """

    owners: frozenset[int] = frozenset()
    accounts: frozenset[int] = frozenset()
    channels: frozenset[int] = frozenset()
    tiers: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    priorities: frozenset[str] = frozenset()
    statuses: frozenset[str] = frozenset()

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Self:
        """From a TriageChannel's JSON; ValueError for a part that there is not."""
        known = {field.name for field in fields(cls)}
        if unknown := sorted(stored.keys() - known):
            raise ValueError(f"{', '.join(unknown)}: a filter knows only {', '.join(sorted(known))}.")
        return cls(**{name: frozenset(values) for name, values in stored.items()})

    def stored(self) -> dict[str, list[Any]]:
        """As JSON, without the empty parts."""
        return {field.name: sorted(part) for field in fields(self) if (part := getattr(self, field.name))}

    def lets_through(self, facts: Facts) -> bool:
        return (
            _fits(self.owners, {facts.owner or 0})
            and _fits(self.accounts, {facts.account})
            and _fits(self.channels, {facts.channel})
            and _fits(self.tiers, {facts.tier})
            and _fits(self.tags, facts.tags)
            and _fits(self.priorities, {facts.priority})
            and _fits(self.statuses, {facts.status})
        )


def places(facts: Facts, filters: Mapping[Place, Filter], *, general: Place | None = None) -> list[Place]:
    """Every place whose filter lets it through; the general one when no other does."""
    found = [place for place, chosen in filters.items() if chosen.lets_through(facts)]
    return found or ([general] if general is not None else [])


def _fits(wanted: frozenset[Any], has: Iterable[Any]) -> bool:
    return not wanted or not wanted.isdisjoint(has)
