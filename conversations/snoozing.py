"""Until when, as people type it: `2h`, `tomorrow`, `2026-12-01`. Pure."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

SPAN = re.compile(r"(?P<count>[0-9]{1,4}) ?(?P<unit>m|h|d|w)")
UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
MORNING = time(9)
LONGEST = timedelta(days=366)
HOW = _("Write until when as `30m`, `2h`, `3d`, `1w`, `tomorrow` or `2026-12-01`, at most a year ahead.")


def until(words: str, *, now: datetime, zone: ZoneInfo) -> datetime:
    """A day begins at nine in the morning of `zone`. ValueError, in words, for what can't be read or is too far."""
    words = words.strip().lower()
    span = SPAN.fullmatch(words)
    at = now + int(span["count"]) * UNITS[span["unit"]] if span else _on(words, now.astimezone(zone).date(), zone)
    if not now < at <= now + LONGEST:
        raise ValueError(str(HOW))
    return at


def next_monday(today: date) -> str:
    """As `until` reads it."""
    return (today + timedelta(days=7 - today.weekday())).isoformat()


def _on(words: str, today: date, zone: ZoneInfo) -> datetime:
    if words == "tomorrow":
        day = today + timedelta(days=1)
    else:
        try:
            day = date.fromisoformat(words)
        except ValueError:
            raise ValueError(str(HOW)) from None
    return datetime.combine(day, MORNING, zone)
