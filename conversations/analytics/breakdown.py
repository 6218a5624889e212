"""A period's figures by owner, account, channel, tag or tier."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import TypeVar

from django.db.models import Count
from django.utils.translation import gettext as _

from accounts.models import Account, Channel, User, Workspace
from conversations.analytics.answers import Line, Table
from conversations.analytics.cells import Cell
from conversations.analytics.figures import FIGURES, Kind
from conversations.analytics.period import Period
from conversations.analytics.scope import Scope
from conversations.analytics.sources import Source
from conversations.analytics.tallies import ACCOUNT, CHANNEL, OWNER, TAG
from conversations.analytics.values import value_of

TIER = "tier"
TABLES = (OWNER, ACCOUNT, CHANNEL, TAG, TIER)

Key = TypeVar("Key", int, str)


def breakdown(
    workspace: Workspace, scope: Scope, period: Period, name: str, *, lines: int | None = None, working: bool = True
) -> Table:
    """`name`: one of `TABLES`; `lines`: so many, the busiest. Without `working` the durations in working hours may be
    missing."""
    return tables_of(Source(workspace, scope), period, (name,), lines=lines, working=working)[name]


def tables_of(
    source: Source, period: Period, names: Collection[str], *, lines: int | None = None, working: bool = True
) -> dict[str, Table]:
    slices = list(dict.fromkeys(ACCOUNT if name == TIER else name for name in names))
    found = source.tables(period.first, period.last, slices, working=working)
    cells = {name: _by_tier(source, found[ACCOUNT]) if name == TIER else found[name] for name in names}
    return {name: Table(_lines_of(source, name, cells[name], lines), len(cells[name])) for name in names}


def _by_tier(source: Source, cells: Mapping[str, Cell]) -> dict[str, Cell]:
    tiers, added = _tiers(source), defaultdict[str, Cell](Cell)
    for key, cell in cells.items():
        added[tiers.get(int(key), "")].merge(cell)
    return added


def _lines_of(source: Source, name: str, cells: Mapping[str, Cell], lines: int | None) -> list[Line]:
    if name == TAG:
        return _lines(cells, {tag: tag for tag in cells}, _open_by_tag(source), lines)
    if name == TIER:
        return _lines(cells, {**{tier: tier for tier in cells}, "": _("No tier")}, _open_by_tier(source), lines)
    if name == OWNER:
        people = dict(User.objects.filter(workspace=source.workspace).values_list("pk", "name"))
        return _lines(_by_id(cells), {**people, 0: _("No owner")}, _open(source, "owner_id"), lines)
    if name == ACCOUNT:
        accounts = dict(Account.objects.filter(workspace=source.workspace).values_list("pk", "name"))
        return _lines(_by_id(cells), {**accounts, 0: _("No account")}, _open(source, "account_id"), lines)
    channels = Channel.objects.filter(workspace=source.workspace)
    names = {channel.pk: str(channel) for channel in channels}
    return _lines(_by_id(cells), names, _open(source, "channel_id"), lines)


def _lines(
    cells: Mapping[Key, Cell], names: Mapping[Key, str], still_open: Mapping[Key, int], most: int | None
) -> list[Line]:
    busiest = sorted(cells, key=lambda key: (-cells[key].count(Kind.NEW), names.get(key, "").casefold()))[:most]
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


def _tiers(source: Source) -> dict[int, str]:
    """By account."""
    return dict(Account.objects.filter(workspace=source.workspace).values_list("pk", "tier"))


def _open_by_tier(source: Source) -> dict[str, int]:
    tiers, counts = _tiers(source), defaultdict[str, int](int)
    for pk, count in _open(source, "account_id").items():
        counts[tiers.get(pk, "")] += count
    return counts


def _open_by_tag(source: Source) -> dict[str, int]:
    counts = defaultdict[str, int](int)
    for (tags,) in source.conversations().unclosed().exclude(tags=[]).values_list("tags"):
        for tag in tags:
            counts[tag] += 1
    return counts
