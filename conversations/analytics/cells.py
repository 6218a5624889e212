"""Facts added up so that sums of sums are right: counts, totals, and durations in buckets for percentiles. Pure.

A bucket is at most a tenth of its values wide, so that a percentile is within 5 % of the true value however many days
are put together. The bounds that people read are bounds of buckets too: what lies between two of them is counted
exactly.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Any, Final

MINUTE, HOUR, DAY = 60, 3600, 86400
SECONDS_BOUNDS: Final = (
    MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, DAY, 3 * DAY, 7 * DAY, 30 * DAY,
)  # fmt: skip
"""Between which durations are shown, in seconds."""
REPLIES_BOUNDS: Final = (1, 2, 3, 4, 5, 10, 20)
ERROR: Final = 0.05
"""How far a percentile may be from the true value, as a share of it."""


def _edges() -> list[int]:
    """Where buckets begin, up to ten years. Tallies hold their numbers: after a change everything is counted anew."""
    growth = 1 + 2 * ERROR
    steps = {math.ceil(growth**n) for n in range(math.ceil(math.log(3653 * DAY, growth)))}
    return sorted({0, *steps, *SECONDS_BOUNDS, *REPLIES_BOUNDS})


EDGES: Final = _edges()

_NUMBERS: Final = {str(number): number for number in range(len(EDGES))}
"""Of buckets and hours, as JSON has them: a page reads hundreds of thousands."""


def bucket(value: int) -> int:
    """The number of the bucket that holds a value from 0 on."""
    return bisect_right(EDGES, value) - 1


def middle(number: int) -> float:
    """What a bucket's values, which are whole numbers, are taken for."""
    following = EDGES[number + 1] if number + 1 < len(EDGES) else EDGES[number] + 1
    return (EDGES[number] + following - 1) / 2


@dataclass(slots=True)
class Spread:
    """Values added up."""

    count: int = 0
    total: int = 0
    buckets: dict[int, int] = field(default_factory=dict)

    def add(self, value: int) -> None:
        self.count += 1
        self.total += value
        number = bucket(value)
        self.buckets[number] = self.buckets.get(number, 0) + 1

    def merge(self, other: Spread) -> None:
        self.count += other.count
        self.total += other.total
        merge_counts(self.buckets, other.buckets)

    @property
    def mean(self) -> float | None:
        return self.total / self.count if self.count else None

    def percentile(self, share: float) -> float | None:
        """The least value that at least this share of all are not above; None of nothing."""
        wanted, seen = math.ceil(share * self.count), 0
        for number in sorted(self.buckets):
            seen += self.buckets[number]
            if seen >= wanted:
                return middle(number)
        return None

    def between(self, least: int, most: int | None) -> int:
        """How many values are from `least` up to, but not, `most`. Exact for bounds that are shown."""
        first, last = bucket(least), math.inf if most is None else bucket(most)
        return sum(count for number, count in self.buckets.items() if first <= number < last)


@dataclass(slots=True)
class Measure:
    """The facts of one kind. `working`: of the durations, what lay in working hours; `hours`: when, by hour."""

    count: int = 0
    values: Spread = field(default_factory=Spread)
    working: Spread = field(default_factory=Spread)
    hours: dict[int, int] = field(default_factory=dict)

    def add(self, hour: int, value: int | None, working: int | None) -> None:
        self.count += 1
        self.hours[hour] = self.hours.get(hour, 0) + 1
        if value is not None:
            self.values.add(value)
        if working is not None:
            self.working.add(working)

    def merge(self, other: Measure) -> None:
        self.count += other.count
        merge_counts(self.hours, other.hours)
        if other.values.count:
            self.values.merge(other.values)
        if other.working.count:
            self.working.merge(other.working)


@dataclass(slots=True)
class Cell:
    """The facts of some days, by kind."""

    measures: dict[str, Measure] = field(default_factory=dict)

    def add(self, kind: str, hour: int, value: int | None, working: int | None) -> None:
        measure = self.measures.get(kind)
        if measure is None:
            measure = self.measures[kind] = Measure()
        measure.add(hour, value, working)

    def merge(self, other: Cell) -> None:
        for kind, measure in other.measures.items():
            if kind not in self.measures:
                self.measures[kind] = Measure()
            self.measures[kind].merge(measure)

    def count(self, *kinds: str) -> int:
        return sum(self.measures[kind].count for kind in kinds if kind in self.measures)

    def measure(self, kind: str) -> Measure:
        return self.measures.get(kind) or Measure()

    def stored(self) -> dict[str, Any]:
        """As JSON: by kind, `n` the count, `h` counts by hour, `v` and `w` the values and the working time, each the
        count, the total and counts by bucket."""
        return {
            kind: {"n": measure.count, "h": measure.hours} | _spreads(measure)
            for kind, measure in self.measures.items()
        }

    @classmethod
    def read(cls, stored: dict[str, Any]) -> Cell:
        cell = cls()
        cell.take(stored)
        return cell

    def take(self, stored: dict[str, Any], *, hours: bool = True) -> None:
        """Merge what is stored. Without a cell of its own in between: a page takes hundreds."""
        for kind, values in stored.items():
            measure = self.measures.get(kind)
            if measure is None:
                measure = self.measures[kind] = Measure()
            measure.count += values["n"]
            if hours:
                _take_counts(measure.hours, values["h"])
            if "v" in values:
                _take_spread(measure.values, values["v"])
            if "w" in values:
                _take_spread(measure.working, values["w"])


def merge_counts(mine: dict[int, int], other: dict[int, int]) -> None:
    if not mine:
        mine.update(other)
        return
    known = mine.get
    for number, count in other.items():
        mine[number] = known(number, 0) + count


def _spreads(measure: Measure) -> dict[str, Any]:
    spreads = (("v", measure.values), ("w", measure.working))
    return {name: [spread.count, spread.total, spread.buckets] for name, spread in spreads if spread.count}


def _take_spread(mine: Spread, stored: Any) -> None:
    count, total, buckets = stored
    mine.count += count
    mine.total += total
    _take_counts(mine.buckets, buckets)


def _take_counts(mine: dict[int, int], stored: dict[str, int]) -> None:
    known = mine.get
    for name, count in stored.items():
        number = _NUMBERS[name]
        mine[number] = known(number, 0) + count
