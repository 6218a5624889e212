"""The tables by owner, account, channel, tag and tier: their columns, their order, and what is behind each cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from conversations.analytics import wording
from conversations.analytics.answers import Line, Table
from conversations.analytics.charts import Datum
from conversations.analytics.choosing import Choice, Clock
from conversations.analytics.figures import FIGURES, Unit
from conversations.selecting import NOBODY, NONE

SHOWN = 100
"""Lines on the page."""
NAMES: dict[str, str | Promise] = {
    "owner": _("Owner"), "account": _("Account"), "channel": _("Channel"), "tag": _("Tag"), "tier": _("Tier"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """`figure`: whose conversations its cells open; `part`: of a duration, median or p90; empty: a count or share."""

    key: str
    label: str | Promise
    figure: str
    part: str = ""

    @property
    def unit(self) -> str:
        return FIGURES[self.figure].unit if self.figure in FIGURES else Unit.COUNT


COLUMNS = (
    Column("new", FIGURES["new"].label, "new"),
    Column("closed", FIGURES["closed"].label, "closed"),
    Column("reopened", FIGURES["reopened"].label, "reopened"),
    Column("open", _("Open now"), "open"),
    Column("first_response", _("First response, median"), "first_response", "median"),
    Column("first_response_p90", _("90th percentile"), "first_response", "p90"),
    Column("resolution", _("Resolution, median"), "resolution", "median"),
    Column("target_rate", _("Within target"), "target_rate"),
    Column("target_missed", _("Missed"), "target_missed"),
)


@dataclass(frozen=True, slots=True)
class Heading:
    """`sorted`: "ascending", "descending" or empty. `query`: the page's, when it is sorted by this."""

    label: str | Promise
    sorted: str
    query: str


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    key: int | str
    cells: Sequence[Datum]


@dataclass(frozen=True, slots=True)
class Sheet:
    """`count`: of all rows, those that are not shown among them."""

    by: str
    label: str | Promise
    headings: Sequence[Heading]
    rows: Sequence[Row]
    count: int


def sheet(found: Table, choice: Choice) -> Sheet:
    """The first `SHOWN` lines in the order that was chosen. `found`: whole, where that isn't the usual one."""
    lines: Sequence[Line] = found.lines
    name, is_falling = choice.sort.removeprefix("-"), choice.sort.startswith("-")
    columns = {column.key: column for column in COLUMNS}
    if name == "name":
        lines = sorted(lines, key=lambda line: line.name.casefold(), reverse=is_falling)
    elif name in columns:
        lines = _by_value(lines, columns[name], choice.clock, is_falling)
    else:
        name, is_falling = "new", True
    rows = [Row(line.name, line.key, [_cell(line, column, choice) for column in COLUMNS]) for line in lines[:SHOWN]]
    names: list[tuple[str, str | Promise]] = [("name", NAMES[choice.by])]
    names += [(column.key, column.label) for column in COLUMNS]
    headings = [
        Heading(
            label,
            ("descending" if is_falling else "ascending") if key == name else "",
            choice.address(sort=_next_sort(key, name, is_falling=is_falling)),
        )
        for key, label in names
    ]
    return Sheet(choice.by, NAMES[choice.by], headings, rows, found.count)


def _next_sort(key: str, name: str, *, is_falling: bool) -> str:
    """How a click on a heading sorts: numbers the greatest first, then the other way round."""
    if key == name:
        return key if is_falling else f"-{key}"
    return key if key == "name" else f"-{key}"


def _by_value(lines: Sequence[Line], column: Column, clock: Clock, is_falling: bool) -> list[Line]:
    """What has no value comes last either way."""
    values = [(_value(line, column, clock), line) for line in lines]
    some = sorted(
        ((value, line) for value, line in values if value is not None), key=itemgetter(0), reverse=is_falling
    )  # fmt: skip
    return [line for _value, line in some] + [line for value, line in values if value is None]


def _cell(line: Line, column: Column, choice: Choice) -> Datum:
    value = _value(line, column, choice.clock)
    href = ""
    if value:
        href = choice.behind(column.figure, choice.period.first, choice.period.last, **_narrowed(choice.by, line))
    return Datum(value, wording.quantity(column.unit, value), href)


def _value(line: Line, column: Column, clock: Clock) -> float | None:
    if column.key == "open":
        return line.open
    value = line.values[column.figure]
    if not column.part:
        return value.value
    found = wording.summary(value, clock)
    return getattr(found, column.part) if found else None


def _narrowed(by: str, line: Line) -> dict[str, str]:
    """What makes a selection that of a line. A tag and "no tier" come on top of what is chosen."""
    if by == "tag":
        return {"also_tag": str(line.key)}
    if by == "tier":
        return {"tier": str(line.key)} if line.key else {"no_tier": "1"}
    without = {"owner": NOBODY, "account": NONE}
    return {by: str(line.key or without.get(by, "0"))}
