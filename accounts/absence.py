"""Who stands in for a teammate who is away."""

from __future__ import annotations

from datetime import datetime

from django.utils import dateformat
from django.utils.translation import gettext

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
    words: dict[str, object] = {}
    goes, stays = gettext("New conversations go to %(to)s."), gettext("New conversations stay with %(to)s: %(why)s.")
    if user.is_active:
        if user.away_until is None or user.away_until <= at:
            return ""
        words["until"] = _moment(user.away_until, user)
        goes = gettext("New conversations go to %(to)s until %(until)s.")
        stays = gettext("New conversations stay with %(to)s until %(until)s: %(why)s.")
        if user.away_from and user.away_from > at:
            at = user.away_from
            words["from"] = _moment(at, user)
            goes = gettext("From %(from)s new conversations go to %(to)s until %(until)s.")
            stays = gettext("From %(from)s new conversations stay with %(to)s until %(until)s: %(why)s.")
    stand_in, _ = standing_in(user, at)
    if stand_in != user:
        return goes % {**words, "to": stand_in}
    if user.stand_in:
        why = gettext("%(who)s is not there either") % {"who": user.stand_in}
    else:
        why = gettext("nobody stands in")
    return stays % {**words, "to": user, "why": why}


def _moment(at: datetime, user: User) -> str:
    return dateformat.format(at.astimezone(zone_of(user)), "j F H:i")


def _why(user: User) -> str:
    if not user.is_active:
        return f"{user.name} is not active"
    return f"{user.name} is away until {user.away_until:%d %b %H:%M} UTC"
