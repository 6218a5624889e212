"""What a report is made of. Durations are in seconds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from conversations.analytics.figures import Figure
from conversations.analytics.period import Period


@dataclass(frozen=True, slots=True)
class Summary:
    """Of many durations, or numbers of replies. None: there were none. Percentiles are within 5 %."""

    count: int
    mean: float | None
    median: float | None
    p90: float | None


@dataclass(frozen=True, slots=True)
class Value:
    """One figure over some days. `value`: a count, a median or a share from 0 to 1; None: there is nothing to say.

    `count`: of how many facts, of a share the whole. `wall` and `working`: of a duration, by the wall clock and by
    working hours; of replies only `wall`.
    """

    count: int
    value: float | None
    wall: Summary | None = None
    working: Summary | None = None


@dataclass(frozen=True, slots=True)
class Total:
    """`change`: how much more than before, as a share of it; of a share the difference. None: nothing to compare."""

    figure: Figure
    now: Value
    before: Value | None
    change: float | None


@dataclass(frozen=True, slots=True)
class Point:
    """One step of a series. `backlog`: how many conversations were open at its end."""

    start: date
    last: date
    values: dict[str, Value]
    backlog: int


@dataclass(frozen=True, slots=True)
class Bar:
    """How many were from `least` up to, but not, `most`; None: whatever is longer."""

    least: int
    most: int | None
    count: int


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table. `key`: an id, a tag or a tier; 0 or empty: those without. `open`: right now.

    Of the durations only `first_response` and `resolution` can be relied on to have a value."""

    key: int | str
    name: str
    values: dict[str, Value]
    open: int


@dataclass(frozen=True, slots=True)
class Table:
    """The busiest lines first. `count`: how many there are, those that were cut off among them."""

    lines: list[Line]
    count: int


@dataclass(frozen=True, slots=True)
class Now:
    """How it stands at this moment. `overdue`: of those that wait, past their response target."""

    open: int
    todo: int
    in_progress: int
    waiting: int
    overdue: int
    longest_wait: float | None
    median_wait: float | None
    waits: list[Bar]


@dataclass(frozen=True, slots=True)
class Report:
    """By the keys of `FIGURES`, unless said otherwise. `heat`: by weekday, 0 being Monday, and hour. `tables`: by
    owner, account, channel, tag and tier, those that were asked for. `is_sample`: there are only sample conversations,
    and it is about these."""

    period: Period
    before: Period | None
    zone: str
    totals: dict[str, Total]
    series: list[Point]
    series_before: list[Point]
    distributions: dict[str, list[Bar]]
    working_distributions: dict[str, list[Bar]]
    heat: dict[str, list[list[int]]]
    tables: dict[str, list[Line]]
    now: Now
    is_sample: bool
    counted_until: datetime | None
    is_rebuilding: bool
