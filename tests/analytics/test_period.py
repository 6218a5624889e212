"""Which days a report is about."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.analytics.period import Period, Step

days = st.dates(date(2024, 1, 1), date(2027, 1, 1))


@settings(deadline=None)
@given(first=days, length=st.integers(0, 400), step=st.sampled_from(list(Step)))
def test_each_day_is_in_one_step(first: date, length: int, step: Step) -> None:
    period = Period(first, first + timedelta(days=length), step)
    starts = {period.start_of(first + timedelta(days=n)) for n in range(period.days)}
    assert sorted(starts) == period.starts
    assert period.before.days == period.days
    assert period.before.last + timedelta(days=1) == period.first


def test_weeks_begin_on_monday_and_months_on_the_first() -> None:
    first, last = date(2026, 11, 5), date(2026, 12, 2)
    assert Period(first, last, Step.WEEK).starts == [first, *(date(2026, 11, day) for day in (9, 16, 23, 30))]
    assert Period(first, last, Step.MONTH).starts == [first, date(2026, 12, 1)]


@pytest.mark.parametrize("last", [date(2026, 11, 1), date(2036, 1, 1)], ids=["backwards", "too long"])
def test_a_period_that_can_not_be(last: date) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        Period(date(2026, 11, 2), last)
