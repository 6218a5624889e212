"""The figures of a workspace over some days, as the page and the API show them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts.models import Workspace
from conversations.analytics.answers import Bar, Point, Report, Total
from conversations.analytics.breakdown import TABLES, tables_of
from conversations.analytics.cells import REPLIES_BOUNDS, SECONDS_BOUNDS, Cell, Spread
from conversations.analytics.figures import FIGURES, Figure, Kind, Unit
from conversations.analytics.period import DAY, Period
from conversations.analytics.scope import Scope
from conversations.analytics.sources import ByDay, Course, Source
from conversations.analytics.standing import how_it_stands
from conversations.analytics.values import value_of
from conversations.models import Ledger, Uncounted


def report(
    workspace: Workspace,
    scope: Scope,
    period: Period,
    *,
    compare: bool = True,
    series_before: bool = True,
    tables: Collection[str] = TABLES,
    lines: int | None = None,
) -> Report:
    """All figures of the conversations in `scope`. With `compare` also those of as many days before, step by step with
    `series_before`; `tables`: which of them; `lines`: of each, so many, the busiest."""
    source = Source(workspace, scope)
    before = period.before if compare else None
    course = source.course(period)
    whole = _sum(course.steps)
    course_before = source.course(before) if before and series_before else None
    if course_before:
        whole_before: Cell | None = _sum(course_before.steps)
    else:
        whole_before = source.whole(before.first, before.last) if before else None
    ledger = Ledger.objects.filter(workspace=workspace).first()
    return Report(
        period=period,
        before=before,
        zone=workspace.time_zone,
        totals={figure.key: _total(figure, whole, whole_before) for figure in FIGURES.values()},
        series=_series(source, course.steps, period),
        series_before=_series(source, course_before.steps, before) if before and course_before else [],
        distributions={figure.key: _bars(figure, whole.measure(figure.kinds[0]).values) for figure in _measured()},
        working_distributions={
            figure.key: _bars(figure, whole.measure(figure.kinds[0]).working)
            for figure in _measured() if figure.unit == Unit.SECONDS
        },
        heat=_heat(course),
        tables={name: table.lines for name, table in tables_of(source, period, tables, lines=lines).items()},
        now=how_it_stands(source.conversations()),
        is_sample=source.is_sample,
        counted_until=ledger.counted_until if ledger else None,
        is_rebuilding=Uncounted.objects.filter(workspace=workspace, is_anew=True).exists(),
    )  # fmt: skip


def today(workspace: Workspace) -> date:
    """In the workspace's time zone."""
    return timezone.now().astimezone(ZoneInfo(workspace.time_zone)).date()


def _total(figure: Figure, cell: Cell, cell_before: Cell | None) -> Total:
    now = value_of(figure, cell)
    before = value_of(figure, cell_before) if cell_before else None
    change = None
    if before and now.value is not None and before.value is not None:
        if figure.unit == Unit.SHARE:
            change = now.value - before.value
        elif before.value:
            change = now.value / before.value - 1
    return Total(figure, now, before, change)


def _sum(steps: ByDay) -> Cell:
    whole = Cell()
    for cell in steps.values():
        whole.merge(cell)
    return whole


def _series(source: Source, steps: ByDay, period: Period) -> list[Point]:
    points, open_then = [], source.backlog(period.first)
    starts = period.starts
    for start, following in zip(starts, [*starts[1:], period.last + DAY], strict=True):
        cell = steps.get(start) or Cell()
        open_then += cell.count(Kind.BACKLOG_IN) - cell.count(Kind.BACKLOG_OUT)
        values = {figure.key: value_of(figure, cell) for figure in FIGURES.values()}
        points.append(Point(start, following - DAY, values, open_then))
    return points


def _measured() -> list[Figure]:
    return [figure for figure in FIGURES.values() if figure.unit in {Unit.SECONDS, Unit.REPLIES}]


def _bars(figure: Figure, spread: Spread) -> list[Bar]:
    bounds = [0, *(SECONDS_BOUNDS if figure.unit == Unit.SECONDS else REPLIES_BOUNDS)]
    return [
        Bar(least, most, spread.between(least, most)) for least, most in zip(bounds, [*bounds[1:], None], strict=True)
    ]


def _heat(course: Course) -> dict[str, list[list[int]]]:
    return {figure.key: course.hours[figure.kinds[0]] for figure in FIGURES.values() if figure.by_hour}
