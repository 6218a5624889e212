"""Working time against a count of every minute, and at the edges that people know."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.hours import ALWAYS, WorkingHours, read_holidays, read_hours

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = WorkingHours(BERLIN, {day: [(time(9), time(12)), (time(13), time(17))] for day in range(5)})


def berlin(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=BERLIN)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        (berlin(2026, 11, 23, 10), 60, berlin(2026, 11, 23, 11)),
        (berlin(2026, 11, 23, 11, 30), 60, berlin(2026, 11, 23, 13, 30)),  # over lunch
        (berlin(2026, 11, 23, 16, 30), 60, berlin(2026, 11, 24, 9, 30)),  # over night
        (berlin(2026, 11, 27, 16, 30), 60, berlin(2026, 11, 30, 9, 30)),  # over the weekend
        (berlin(2026, 11, 28, 3), 0, berlin(2026, 11, 30, 9)),
        (berlin(2026, 11, 23, 7), 7 * 60, berlin(2026, 11, 23, 17)),
    ],
)
def test_office_hours(start: datetime, minutes: int, end: datetime) -> None:
    assert OFFICE.after(start, timedelta(minutes=minutes)) == end


def test_a_holiday_counts_nothing_and_says_its_name() -> None:
    hours = WorkingHours(BERLIN, OFFICE.hours, {date(2026, 12, 25): "Christmas Day"})
    assert hours.after(berlin(2026, 12, 24, 16, 30), timedelta(hours=1)) == berlin(2026, 12, 28, 9, 30)
    told = {one.reason for one in hours.stretches(berlin(2026, 12, 25, 9), berlin(2026, 12, 25, 17))}
    assert told == {"holiday: Christmas Day"}


def test_a_night_in_which_the_clocks_change_is_as_long_as_it_is() -> None:
    nights = WorkingHours(BERLIN, {day: [(time.min, time.max)] for day in range(7)})
    assert nights.between(berlin(2026, 3, 29), berlin(2026, 3, 30)) == timedelta(hours=23)
    assert nights.between(berlin(2026, 10, 25), berlin(2026, 10, 26)) == timedelta(hours=25)


def test_without_working_time_nothing_is_ever_due() -> None:
    assert WorkingHours(BERLIN).after(berlin(2026, 1, 1), timedelta(minutes=1)) is None


def test_always_is_the_wall_clock() -> None:
    start = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
    assert ALWAYS.after(start, timedelta(hours=5)) == start + timedelta(hours=5)


@settings(max_examples=40, deadline=None)
@given(
    into=st.integers(0, 21 * 24 * 60),
    length=st.integers(1, 3 * 24 * 60),
)
def test_every_minute_counted_one_by_one_gives_the_same(into: int, length: int) -> None:
    start = datetime(2026, 3, 20, tzinfo=UTC) + timedelta(minutes=into)
    end = start + timedelta(minutes=length)

    def works(minute: datetime) -> bool:
        local = minute.astimezone(BERLIN)
        return local.weekday() < 5 and (9 <= local.hour < 12 or 13 <= local.hour < 17)

    counted = sum(works(start + timedelta(minutes=n)) for n in range(length))
    assert OFFICE.between(start, end) == timedelta(minutes=counted)
    stretches = OFFICE.stretches(start, end)
    assert [one.start for one in stretches] == [start, *(one.end for one in stretches[:-1])]
    assert stretches[-1].end == end
    if counted:
        due = OFFICE.after(start, timedelta(minutes=counted))
        assert due is not None
        assert due <= end
        assert OFFICE.between(start, due) == timedelta(minutes=counted)


def test_hours_are_read_and_what_is_wrong_is_named() -> None:
    assert read_hours({"0": [["09:00", "24:00"]]}) == {0: [(time(9), time.max)]}
    assert read_holidays({"2026-12-25": "Christmas Day"}) == {date(2026, 12, 25): "Christmas Day"}
    cases: list[tuple[dict[str, list[list[str]]], str]] = [
        ({"7": []}, "no weekday"),
        ({"0": [["9", "17:00"]]}, "no time of day"),
        ({"0": [["17:00", "09:00"]]}, "ends before it begins"),
        ({"0": [["09:00", "12:00"], ["11:00", "13:00"]]}, "lies within"),
    ]
    for wrong, words in cases:
        with pytest.raises(ValueError, match=words):
            read_hours(wrong)
