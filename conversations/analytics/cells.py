"""Facts added up so that sums of sums are right: counts, totals, and durations in buckets for percentiles. Pure.

The buckets' bounds grow by a constant factor, so that a percentile is within 5 % of the true value however many days
are put together.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

ERROR: Final = 0.05
"""How far a percentile may be from the true value, as a share of it."""
_GROWTH: Final = (1 + ERROR) / (1 - ERROR)
_LOG: Final = math.log(_GROWTH)


def bucket(value: int) -> int:
    """0 holds what is below 1; n holds from growth^(n-1) to growth^n."""
    return 1 + int(math.log(value) / _LOG) if value >= 1 else 0


def middle(number: int) -> float:
    """What a bucket's values are taken for."""
    return _GROWTH ** (number - 1) * (1 + _GROWTH) / 2 if number else 0.0


@dataclass(slots=True)
class Spread:
    """Values added up."""

    count: int = 0
    total: int = 0
    buckets: Counter[int] = field(default_factory=Counter)

    def add(self, value: int) -> None:
        self.count += 1
        self.total += value
        self.buckets[bucket(value)] += 1

    def merge(self, other: Spread) -> None:
        self.count += other.count
        self.total += other.total
        mine = self.buckets
        for number, count in other.buckets.items():
            mine[number] += count

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


@dataclass(slots=True)
class Measure:
    """The facts of one kind. `working`: of the durations, what lay in working hours; `hours`: when, by hour."""

    count: int = 0
    values: Spread = field(default_factory=Spread)
    working: Spread = field(default_factory=Spread)
    hours: Counter[int] = field(default_factory=Counter)

    def add(self, hour: int, value: int | None, working: int | None) -> None:
        self.count += 1
        self.hours[hour] += 1
        if value is not None:
            self.values.add(value)
        if working is not None:
            self.working.add(working)

    def merge(self, other: Measure) -> None:
        self.count += other.count
        self.hours.update(other.hours)
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
            kind: {"n": measure.count, "h": dict(measure.hours)}
            | {name: [spread.count, spread.total, dict(spread.buckets)] for name, spread in _spreads(measure)}
            for kind, measure in self.measures.items()
        }

    @classmethod
    def read(cls, stored: dict[str, Any]) -> Cell:
        cell = cls()
        for kind, values in stored.items():
            measure = cell.measures[kind] = Measure(values["n"], hours=_counter(values["h"]))
            for name, spread in (("v", measure.values), ("w", measure.working)):
                if name in values:
                    spread.count, spread.total = values[name][:2]
                    spread.buckets = _counter(values[name][2])
        return cell


def _spreads(measure: Measure) -> list[tuple[str, Spread]]:
    return [(name, spread) for name, spread in (("v", measure.values), ("w", measure.working)) if spread.count]


def _counter(counts: dict[str, int]) -> Counter[int]:
    found = Counter[int]()
    for name, count in counts.items():
        found[int(name)] = count
    return found
