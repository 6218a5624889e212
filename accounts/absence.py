"""Who stands in for a teammate who is away."""

from __future__ import annotations

from datetime import datetime

from accounts.models import User

LONGEST = 5
"""Stand-ins of stand-ins that are followed."""


def is_away(user: User, at: datetime) -> bool:
    """Out of office then, or no longer active."""
    if not user.is_active:
        return True
    begun = user.away_from is None or user.away_from <= at
    return begun and user.away_until is not None and at < user.away_until


def standing_in(owner: User, at: datetime) -> tuple[User, str]:
    """Who gets what is new, and why in words; the owner, without words, when nobody else can."""
    reasons: list[str] = []
    user: User | None = owner
    for _ in range(LONGEST):
        if user is None or not is_away(user, at):
            break
        reasons.append(_why(user))
        user = user.stand_in
    if user is None or is_away(user, at) or not reasons:
        return owner, ""
    return user, f"{'; '.join(reasons)}: {user.name} stands in"


def _why(user: User) -> str:
    if not user.is_active:
        return f"{user.name} is not active"
    return f"{user.name} is away until {user.away_until:%d %b %H:%M} UTC"
