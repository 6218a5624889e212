"""When a teammate wants no direct messages."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from accounts.models import User


def zone_of(user: User) -> ZoneInfo:
    """Their own time zone, else the workspace's."""
    for name in (user.time_zone, user.workspace.time_zone):
        if name:
            try:
                return ZoneInfo(name)
            except (ZoneInfoNotFoundError, ValueError):  # Slack may name one that this machine doesn't know
                continue
    return ZoneInfo("UTC")


def quiet_until(user: User, at: datetime) -> datetime | None:
    """The end of the quiet hours that `at` lies in; None when it lies in none. They may go over midnight."""
    begins, ends = user.quiet_from, user.quiet_until
    if begins is None or ends is None or begins == ends:
        return None
    zone = zone_of(user)
    local = at.astimezone(zone)
    now = local.time()
    quiet = begins <= now < ends if begins < ends else now >= begins or now < ends
    if not quiet:
        return None
    day = local.date() + timedelta(days=1 if begins > ends and now >= begins else 0)
    return datetime.combine(day, ends, zone)
