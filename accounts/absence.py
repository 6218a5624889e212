"""Who stands in for a teammate who is away."""

from __future__ import annotations

from datetime import datetime

from accounts.models import User
from accounts.quiet import zone_of

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


def what_follows(user: User, at: datetime) -> str:
    """What becomes of new conversations from then on, in words and in the teammate's own time; empty when nothing
    changes."""
    if not user.is_active:
        begins = until = ""
    elif user.away_until is None or user.away_until <= at:
        return ""
    else:
        zone = zone_of(user)
        ahead = user.away_from if user.away_from and user.away_from > at else None
        begins = f"From {ahead.astimezone(zone):%-d %B %H:%M} new" if ahead else ""
        until = f" until {user.away_until.astimezone(zone):%-d %B %H:%M}"
        at = ahead or at
    stand_in, _ = standing_in(user, at)
    new = begins or "New"
    if stand_in == user:
        nobody = f"{user.stand_in} is not there either" if user.stand_in else "nobody stands in"
        return f"{new} conversations stay with {user}{until}: {nobody}."
    return f"{new} conversations go to {stand_in}{until}."


def _why(user: User) -> str:
    if not user.is_active:
        return f"{user.name} is not active"
    return f"{user.name} is away until {user.away_until:%d %b %H:%M} UTC"
