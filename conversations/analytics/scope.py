"""Which conversations a report is about."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conversations.selecting import Selection


@dataclass(frozen=True, slots=True)
class Scope:
    """Ids and names; an empty part lets all through, several parts must all fit. 0 among owners or accounts: none.

    The owner is who owned the conversation at the moment of what is counted; account, tier of the account, channel and
    tags are as they are now.
    """

    owners: frozenset[int] = frozenset()
    accounts: frozenset[int] = frozenset()
    channels: frozenset[int] = frozenset()
    tags: frozenset[str] = frozenset()
    tiers: frozenset[str] = frozenset()

    @property
    def parts(self) -> list[str]:
        """The names of the parts that choose something."""
        return [field.name for field in fields(self) if getattr(self, field.name)]


def scope_of(selection: Selection) -> Scope:
    """What of a selection figures can be told by. Priority, waiting, what is unread and words are of this moment."""
    return Scope(
        selection.owners, selection.accounts, selection.channels, selection.tags, selection.tiers
    )  # fmt: skip
