"""What a benchmark found: two things measured side by side, and the ratio of their medians."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


class BenchmarkError(Exception):
    """What was measured did not do its work, so that its speed says nothing."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: what it is, and one figure for each round."""

    name: str
    figures: Sequence[float]
    unit: str

    @property
    def median(self) -> float:
        return median(self.figures)

    def __str__(self) -> str:
        least, most = _number(min(self.figures)), _number(max(self.figures))
        return f"{self.name} {_number(self.median)} {self.unit} ({least} to {most})"


@dataclass(frozen=True, slots=True)
class Result:
    """`aim` is a least or, with `at_most`, a largest ratio of `first` to `second`."""

    name: str
    first: Side
    second: Side
    aim: float
    at_most: bool = False
    remarks: Sequence[str] = ()

    @property
    def ratio(self) -> float:
        return self.first.median / self.second.median

    @property
    def met(self) -> bool:
        return self.ratio <= self.aim if self.at_most else self.ratio >= self.aim

    def __str__(self) -> str:
        aim = f"aim: at {'most' if self.at_most else 'least'} {self.aim:g}, {'met' if self.met else 'MISSED'}"
        pairs = zip(self.first.figures, self.second.figures, strict=True)
        by_round = [first / second for first, second in pairs]
        lines = [
            f"{self.name}: {self.ratio:.2f} ({aim}; medians of {len(by_round)} interleaved rounds)",
            str(self.first),
            str(self.second),
            f"ratio within a round {median(by_round):.2f} ({min(by_round):.2f} to {max(by_round):.2f})",
            *self.remarks,
        ]
        return "\n    ".join(lines)


@dataclass(frozen=True, slots=True)
class Results:
    """Several of one run."""

    results: Sequence[Result]

    def __str__(self) -> str:
        return "\n\n".join(map(str, self.results))


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
