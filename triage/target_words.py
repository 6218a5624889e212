"""Targets and waits, in words."""

from __future__ import annotations

from datetime import timedelta

from conversations.models import Priority
from triage.deadlines import Explained

MINUTE = timedelta(minutes=1)


def lasting(length: timedelta | int) -> str:
    """ "45 min", "2 h", "1 h 30 min"; a number counts minutes."""
    minutes = length if isinstance(length, int) else length // MINUTE
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def left(explained: Explained) -> str:
    """ "1 h 30 min of working time left", "overdue by 5 min of working time" """
    if explained.left < MINUTE:
        return f"overdue by {lasting(-explained.left)} of working time"
    return f"{lasting(explained.left)} of working time left"


def whom(tier: str, priority: str) -> str:
    """Whom a target is for: "Enterprise, Urgent", "Enterprise, any priority", "everybody"."""
    if not tier and not priority:
        return "everybody"
    return f"{tier or 'all tiers'}, {Priority(priority).label if priority else 'any priority'}"
