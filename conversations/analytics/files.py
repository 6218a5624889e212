"""What the page tells as rows of a file: the first row has the headings, durations are in seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from conversations.analytics.answers import Report, Summary, Table, Value
from conversations.analytics.exporting import Cell
from conversations.analytics.figures import FIGURES, Unit

Rows = Iterator[Sequence[Cell]]

SUMMARY = ("count", "mean", "median", "p90")
MEASURED = [key for key, figure in FIGURES.items() if figure.unit in {Unit.SECONDS, Unit.REPLIES}]


def rows(what: str, report: Report) -> Rows:
    """`what`: a key of `FILES`."""
    return FILES[what](report)


def table_rows(name: str, table: Table) -> Rows:
    yield "key", name, "open_now", *_headings()
    for line in table.lines:
        yield line.key, line.name, line.open, *_values(line.values)


def _figures(report: Report) -> Rows:
    yield (
        "figure", "name", "unit", "value", "value_before", "change", "count",
        *(f"wall_{name}" for name in SUMMARY), *(f"working_{name}" for name in SUMMARY), "meaning",
    )  # fmt: skip
    for key, total in report.totals.items():
        figure, now = total.figure, total.now
        yield (
            key, str(figure.label), figure.unit.value, now.value, total.before.value if total.before else None,
            total.change, now.count, *_summary(now.wall), *_summary(now.working), str(figure.meaning),
        )  # fmt: skip


def _series(report: Report) -> Rows:
    yield "first_day", "last_day", "backlog", *_headings()
    for point in report.series:
        yield point.start.isoformat(), point.last.isoformat(), point.backlog, *_values(point.values)


def _distributions(report: Report) -> Rows:
    yield "figure", "clock", "from", "below", "count"
    for clock, found in (("wall", report.distributions), ("working", report.working_distributions)):
        for key, bars in found.items():
            for bar in bars:
                yield key, clock, bar.least, bar.most, bar.count


def _hours(report: Report) -> Rows:
    yield "figure", "weekday", *(f"{hour:02d}:00" for hour in range(24))
    for key, weekdays in report.heat.items():
        for weekday, counts in enumerate(weekdays, 1):
            yield key, weekday, *counts


def _headings() -> list[str]:
    found: list[str] = []
    for key in FIGURES:
        found += [f"{key}_median", f"{key}_p90", f"{key}_working_median"] if key in MEASURED else [key]
    return found


def _values(values: dict[str, Value]) -> list[Cell]:
    found: list[Cell] = []
    for key in FIGURES:
        value = values[key]
        if key in MEASURED:
            found += [*_summary(value.wall)[2:], _summary(value.working)[2]]
        else:
            found.append(value.value)
    return found


def _summary(summary: Summary | None) -> Sequence[Cell]:
    return (summary.count, summary.mean, summary.median, summary.p90) if summary else (None,) * 4


FILES: dict[str, Callable[[Report], Rows]] = {
    "figures": _figures, "series": _series, "distributions": _distributions, "hours": _hours,
}  # fmt: skip
