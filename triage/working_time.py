"""How much working time lies between two moments, asked a million times. Pure.

`WorkingHours.between` walks the days of every question; this keeps the stretches of each year with their running sum.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime, timedelta

from triage.hours import WorkingHours


class WorkingClock:
    """Counts as a clock that runs in working hours only."""

    def __init__(self, hours: WorkingHours) -> None:
        self._hours = hours
        self._years: dict[int, _Year] = {}

    def between(self, start: datetime, end: datetime) -> timedelta:
        """What `WorkingHours.between` answers, without its horizon."""
        start, end = start.astimezone(UTC), end.astimezone(UTC)
        if end <= start:
            return timedelta()
        seconds = self._year(end.year).until(end) - self._year(start.year).until(start)
        seconds += sum(self._year(year).total for year in range(start.year, end.year))
        return timedelta(seconds=seconds)

    def _year(self, year: int) -> _Year:
        found = self._years.get(year)
        if found is None:
            found = self._years[year] = _Year(self._hours, year)
        return found


class _Year:
    """Working time of one year of UTC: when each stretch begins and ends, and the seconds before it."""

    def __init__(self, hours: WorkingHours, year: int) -> None:
        begins, ends = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
        self._starts: list[datetime] = []
        self._ends: list[datetime] = []
        self._before: list[float] = []
        self.total = 0.0
        for stretch in hours.stretches(begins, ends):
            if stretch.counts:
                self._starts.append(stretch.start)
                self._ends.append(stretch.end)
                self._before.append(self.total)
                self.total += (stretch.end - stretch.start).total_seconds()

    def until(self, moment: datetime) -> float:
        """Seconds of working time from the year's beginning."""
        place = bisect_right(self._starts, moment) - 1
        if place < 0:
            return 0.0
        return self._before[place] + (min(moment, self._ends[place]) - self._starts[place]).total_seconds()
