"""Who acts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from accounts.models import User


@dataclass(frozen=True, slots=True)
class Automatic:
    """Who acted, when it was no person: the rule's name and its reason, in words a teammate reads.

    `for_person`: the rule carries over what a person did in another system, whose word stands like a teammate's.
    """

    rule: str
    reason: str
    for_person: bool = False


Actor: TypeAlias = User | Automatic
