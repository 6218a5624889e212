"""The quick clock tells what the slow one does."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from triage.hours import ALWAYS, WorkingHours
from triage.working_time import WorkingClock

BEGINS, DAYS = datetime(2025, 11, 1, tzinfo=UTC), 460
moments = st.integers(0, DAYS * 86400).map(lambda seconds: BEGINS + timedelta(seconds=seconds))
CALENDARS = [
    WorkingHours(
        ZoneInfo(zone), {day: [(time(9), time(12, 30)), (time(13), time.max)] for day in range(5)},
        {date(2026, 1, 1): "New Year", date(2026, 12, 31): ""},
    )
    for zone in ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata")
]  # fmt: skip
CLOCKS = [(hours, WorkingClock(hours)) for hours in CALENDARS]


@settings(deadline=None)
@given(pair=st.sampled_from(CLOCKS), start=moments, end=moments)
def test_it_counts_what_working_hours_count(
    pair: tuple[WorkingHours, WorkingClock], start: datetime, end: datetime
) -> None:
    hours, clock = pair
    start, end = min(start, end), max(start, end)
    assert clock.between(start, end) == hours.between(start, end)


@settings(deadline=None)
@given(start=moments, end=moments)
def test_where_all_hours_count_it_is_the_wall_clock(start: datetime, end: datetime) -> None:
    assert WorkingClock(ALWAYS).between(start, end) == max(timedelta(), end - start)
