"""A figure's value, from what was added up."""

from __future__ import annotations

from conversations.analytics.answers import Summary, Value
from conversations.analytics.cells import Cell, Spread
from conversations.analytics.figures import Figure, Unit


def value_of(figure: Figure, cell: Cell) -> Value:
    count = cell.count(*(figure.whole or figure.kinds))
    if figure.unit == Unit.COUNT:
        return Value(count, count)
    if figure.unit == Unit.SHARE:
        return Value(count, cell.count(*figure.kinds) / count if count else None)
    measure = cell.measure(figure.kinds[0])
    wall = _summary(measure.values)
    return Value(count, wall.median, wall, _summary(measure.working) if figure.unit == Unit.SECONDS else None)


def _summary(spread: Spread) -> Summary:
    return Summary(spread.count, spread.mean, spread.percentile(0.5), spread.percentile(0.9))
