"""Who acts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from accounts.models import User


@dataclass(frozen=True, slots=True)
class Automatic:
    """Who acted, when it was no person: the rule's name and its reason, in words a teammate reads."""

    rule: str
    reason: str


Actor: TypeAlias = User | Automatic
