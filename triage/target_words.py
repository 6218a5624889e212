"""Targets and waits, in words."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext as _

from conversations.models import Priority
from triage.deadlines import Explained

MINUTE = timedelta(minutes=1)


def lasting(length: timedelta | int) -> str:
    """ "45 min", "2 h", "1 h 30 min"; a number counts minutes."""
    minutes = length if isinstance(length, int) else length // MINUTE
    hours, rest = divmod(minutes, 60)
    if not hours:
        return _("%(minutes)d min") % {"minutes": rest}
    told = _("%(hours)d h %(minutes)d min") if rest else _("%(hours)d h")
    return told % {"hours": hours, "minutes": rest}


def left(explained: Explained) -> str:
    """ "1 h 30 min of working time left", "overdue by 5 min of working time" """
    if explained.left < MINUTE:
        return _("overdue by %(time)s of working time") % {"time": lasting(-explained.left)}
    return _("%(time)s of working time left") % {"time": lasting(explained.left)}


def whom(tier: str, priority: str) -> str:
    """Whom a target is for: "Enterprise, Urgent", "Enterprise, any priority", "everybody"."""
    if not tier and not priority:
        return _("everybody")
    named = Priority(priority).label if priority else _("any priority")
    return f"{tier or _('all tiers')}, {named}"
