"""Conversations over time: how many were opened and closed in each week of the last half year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncWeek
from django.utils import timezone

WEEKS = 26
WIDE, HIGH, BAR = 24, 100, 9
"""Of the drawing: a week, all of it, one bar."""


@dataclass(frozen=True, slots=True)
class Week:
    """Begins on a Monday of the reader's. The rest places its two bars in the drawing."""

    begins: date
    opened: int
    closed: int
    x: int
    opened_high: int
    closed_high: int

    @property
    def opened_y(self) -> int:
        return HIGH - self.opened_high

    @property
    def closed_y(self) -> int:
        return HIGH - self.closed_high

    @property
    def closed_x(self) -> int:
        return self.x + BAR + 1


@dataclass(frozen=True, slots=True)
class Weeks:
    each: Sequence[Week]
    opened: int
    closed: int
    most: int
    """In one week."""

    @property
    def width(self) -> int:
        return WIDE * len(self.each)


def weeks(conversations: QuerySet[Any], *, today: date | None = None) -> Weeks:
    """Two queries. A conversation that was opened again counts as closed when it was closed last."""
    today = today or timezone.localdate()
    first = today - timedelta(days=today.weekday(), weeks=WEEKS - 1)
    begins = [first + timedelta(weeks=number) for number in range(WEEKS)]
    opened, closed = _counted(conversations, "opened_at", first), _counted(conversations, "closed_at", first)
    most = max([*opened.values(), *closed.values()], default=0)
    counts = [(day, opened.get(day, 0), closed.get(day, 0)) for day in begins]
    each = [
        Week(day, new, done, place * WIDE, _high(new, most), _high(done, most))
        for place, (day, new, done) in enumerate(counts)
    ]
    return Weeks(each, sum(week.opened for week in each), sum(week.closed for week in each), most)


def _counted(conversations: QuerySet[Any], at: str, first: date) -> dict[date, int]:
    since = timezone.make_aware(datetime.combine(first, time()))
    found = conversations.filter(**{f"{at}__gte": since}).annotate(week=TruncWeek(at))
    counted = found.values_list("week").annotate(count=Count("pk"))
    return {timezone.localtime(week).date(): count for week, count in counted}


def _high(count: int, most: int) -> int:
    """Something of even one is seen."""
    return max(3, round(count * HIGH / most)) if count else 0
