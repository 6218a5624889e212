"""Targets and waits, in words."""

from __future__ import annotations

from datetime import timedelta

from conversations.models import Priority

MINUTE = timedelta(minutes=1)


def lasting(length: timedelta | int) -> str:
    """ "45 min", "2 h", "1 h 30 min"; a number counts minutes."""
    minutes = length if isinstance(length, int) else length // MINUTE
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def whom(tier: str, priority: str) -> str:
    """Whom a target is for: "Enterprise, Urgent", "Enterprise, any priority", "everybody"."""
    if not tier and not priority:
        return "everybody"
    return f"{tier or 'all tiers'}, {Priority(priority).label if priority else 'any priority'}"
