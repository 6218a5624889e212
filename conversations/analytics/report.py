"""The figures of a workspace over some days, as the page and the API show them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from typing import TypeVar
from zoneinfo import ZoneInfo

from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Account, Channel, User, Workspace
from conversations.analytics.answers import Bar, Line, Point, Report, Summary, Total, Value
from conversations.analytics.cells import REPLIES_BOUNDS, SECONDS_BOUNDS, Cell, Spread
from conversations.analytics.figures import FIGURES, Figure, Kind, Unit
from conversations.analytics.period import DAY, Period
from conversations.analytics.scope import Scope
from conversations.analytics.sources import ByDay, Source
from conversations.analytics.standing import how_it_stands
from conversations.analytics.tallies import ACCOUNT, ALL, CHANNEL, OWNER, TAG
from conversations.models import Fact, Ledger, Span, Tally, Uncounted

LINES = 200
"""Of a table, the busiest."""
TIER = "tier"
TABLES = (OWNER, ACCOUNT, CHANNEL, TAG, TIER)

Key = TypeVar("Key", int, str)


def report(
    workspace: Workspace,
    scope: Scope,
    period: Period,
    *,
    compare: bool = True,
    tables: Collection[str] = TABLES,
    working: bool = True,
) -> Report:
    """All figures of the conversations in `scope`. With `compare` also those of as many days before; `tables`: which
    of them. Without `working` tables lack the durations in working hours."""
    source = Source(workspace, scope, is_sample=has_only_samples(workspace))
    before = period.before if compare else None
    days = source.by_day((before or period).first, period.last)
    steps, steps_before = _steps(days, period), _steps(days, before) if before else {}
    whole, whole_before = _sum(steps), _sum(steps_before) if before else None
    ledger = Ledger.objects.filter(workspace=workspace).first()
    return Report(
        period=period,
        before=before,
        zone=workspace.time_zone,
        totals={figure.key: _total(figure, whole, whole_before) for figure in FIGURES.values()},
        series=_series(source, steps, period),
        series_before=_series(source, steps_before, before) if before else [],
        distributions={figure.key: _bars(figure, whole.measure(figure.kinds[0]).values) for figure in _measured()},
        working_distributions={
            figure.key: _bars(figure, whole.measure(figure.kinds[0]).working)
            for figure in _measured() if figure.unit == Unit.SECONDS
        },
        heat=_heat(days, period),
        tables=_tables(source, period, tables, working=working),
        now=how_it_stands(source.conversations()),
        is_sample=source.is_sample,
        counted_until=ledger.counted_until if ledger else None,
        is_rebuilding=Uncounted.objects.filter(workspace=workspace, is_anew=True).exists(),
    )  # fmt: skip


def has_only_samples(workspace: Workspace) -> bool:
    if Tally.objects.filter(workspace=workspace, slice=ALL, span=Span.DAY).exists():
        return False
    return Fact.objects.filter(workspace=workspace, is_sample=True).exists()


def today(workspace: Workspace) -> date:
    """In the workspace's time zone."""
    return timezone.now().astimezone(ZoneInfo(workspace.time_zone)).date()


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


def _steps(days: ByDay, period: Period) -> ByDay:
    """By the first day of each step. Steps without facts are not there."""
    steps: ByDay = defaultdict(Cell)
    for day, cell in days.items():
        if period.first <= day <= period.last:
            steps[period.start_of(day)].merge(cell)
    return steps


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


def _heat(days: ByDay, period: Period) -> dict[str, list[list[int]]]:
    heat = {figure.key: [[0] * 24 for _ in range(7)] for figure in FIGURES.values() if figure.by_hour}
    for day, cell in days.items():
        if period.first <= day <= period.last:
            for key, weekdays in heat.items():
                for hour, count in cell.measure(FIGURES[key].kinds[0]).hours.items():
                    weekdays[day.weekday()][hour] += count
    return heat


# Tables ───────────────────────────────────────────────────────────────────────────────────────────────


def _tables(source: Source, period: Period, names: Collection[str], *, working: bool) -> dict[str, list[Line]]:
    slices = list(dict.fromkeys(ACCOUNT if name == TIER else name for name in names))
    cells = source.tables(period.first, period.last, slices, working=working)
    return {name: _table(source, name, cells[ACCOUNT if name == TIER else name]) for name in names}


def _table(source: Source, name: str, cells: Mapping[str, Cell]) -> list[Line]:
    if name == TAG:
        return _lines(cells, {tag: tag for tag in cells}, _open_by_tag(source))
    if name == TIER:
        return _tiers(source, cells)
    if name == OWNER:
        people = dict(User.objects.filter(workspace=source.workspace).values_list("pk", "name"))
        return _lines(_by_id(cells), {**people, 0: _("No owner")}, _open(source, "owner_id"))
    if name == ACCOUNT:
        accounts = dict(Account.objects.filter(workspace=source.workspace).values_list("pk", "name"))
        return _lines(_by_id(cells), {**accounts, 0: _("No account")}, _open(source, "account_id"))
    channels = Channel.objects.filter(workspace=source.workspace)
    return _lines(_by_id(cells), {channel.pk: str(channel) for channel in channels}, _open(source, "channel_id"))


def _tiers(source: Source, cells: Mapping[str, Cell]) -> list[Line]:
    tiers = dict(Account.objects.filter(workspace=source.workspace).values_list("pk", "tier"))
    added, still_open = defaultdict[str, Cell](Cell), defaultdict[str, int](int)
    for key, cell in cells.items():
        added[tiers.get(int(key), "")].merge(cell)
    for pk, count in _open(source, "account_id").items():
        still_open[tiers.get(pk, "")] += count
    return _lines(added, {**{tier: tier for tier in added}, "": _("No tier")}, still_open)


def _lines(cells: Mapping[Key, Cell], names: Mapping[Key, str], still_open: Mapping[Key, int]) -> list[Line]:
    busiest = sorted(cells, key=lambda key: (-cells[key].count(Kind.NEW), names.get(key, "").casefold()))[:LINES]
    return [
        Line(
            key,
            names.get(key, _("Deleted")),
            {figure.key: value_of(figure, cells[key]) for figure in FIGURES.values()},
            still_open.get(key, 0),
        )
        for key in busiest
    ]


def _by_id(cells: Mapping[str, Cell]) -> dict[int, Cell]:
    return {int(key): cell for key, cell in cells.items()}


def _open(source: Source, column: str) -> dict[int, int]:
    counts = source.conversations().unclosed().order_by().values_list(column).annotate(n=Count("pk"))
    return {pk or 0: count for pk, count in counts}


def _open_by_tag(source: Source) -> dict[str, int]:
    counts = defaultdict[str, int](int)
    for (tags,) in source.conversations().unclosed().exclude(tags=[]).values_list("tags"):
        for tag in tags:
            counts[tag] += 1
    return counts
