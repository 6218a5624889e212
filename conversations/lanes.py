# ruff: noqa: S608 - the texts of SQL are made of our own pieces; what was typed is in the values.
"""The board's swimlanes: the three columns again for each owner, account or priority. A fixed number of queries,
however many lanes and cards there are.

A lane is shown when something in it is not closed; the busiest of late first. Its value is the row's id, the
priority's name, or empty for those that have none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection
from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Account, User
from conversations import board as boards
from conversations.board import CARD, NAMES, Column, both, fetch
from conversations.models import Priority
from conversations.search.meaning import Sql
from conversations.selecting import Selection
from conversations.status import Status

LANES = 12
"""At once; the others are a page away."""
CARDS = 8
"""Of one lane in one column."""


class Lanes(TextChoices):
    OWNER = "owner", gettext_lazy("Owner")
    ACCOUNT = "account", gettext_lazy("Account")
    PRIORITY = "priority", gettext_lazy("Priority")


@dataclass(frozen=True, slots=True)
class Lane:
    value: str
    name: str
    open: int
    """Conversations that aren't closed."""
    columns: Sequence[Column]


@dataclass(frozen=True, slots=True)
class Page:
    lanes: Sequence[Lane]
    next: int | None = None
    """How many lanes to leave out, to see those that follow."""


def page(workspace_id: int, chosen: Selection, by: Lanes, *, skip: int = 0) -> Page:
    """Four queries at most."""
    where = chosen.where(workspace_id)
    found = _busiest(where, by, skip)
    shown = dict(found[:LANES])
    names = _names(workspace_id, by, [value for value in shown if value])
    cells = _cells(where, by, list(shown))
    lanes = [
        Lane(value, names.get(value, ""), count, [cells[value, status] for status in Status])
        for value, count in shown.items()
    ]
    return Page(lanes, skip + LANES if len(found) > LANES else None)


def still_open(workspace_id: int, chosen: Selection, by: Lanes, values: Sequence[str]) -> dict[str, int]:
    """How many conversations of each of these lanes aren't closed. One query."""
    where = chosen.where(workspace_id)
    given: list[Any] = [*where.values, [Status.TODO.value, Status.IN_PROGRESS.value], list(values)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT coalesce(c.{_COLUMNS[by]}::text, ''), count(*) FROM conversations_conversation c
            WHERE {where.text} AND c.status = ANY(%s) AND coalesce(c.{_COLUMNS[by]}::text, '') = ANY(%s) GROUP BY 1
            """,
            given,
        )
        found = dict(cursor.fetchall())
    return {value: found.get(value, 0) for value in values}


def known(by: Lanes, value: str) -> str:
    """ValueError for a value that no lane has."""
    if by == Lanes.PRIORITY:
        return Priority(value).value
    if value and not (value.isascii() and value.isdigit() and len(value) < 19):
        raise ValueError(value)
    return value


def those_known(by: Lanes, values: Sequence[str]) -> list[str]:
    """Without those that no lane has."""
    found = []
    for value in values:
        with suppress(ValueError):
            found.append(known(by, value))
    return found


def of(by: Lanes, value: str) -> Sql:
    """The condition for one lane, whose value is `known`."""
    column = _COLUMNS[by]
    if by == Lanes.PRIORITY:
        return Sql(f"c.{column} = %s", (value,))
    return Sql(f"c.{column} = %s", (int(value),)) if value else Sql(f"c.{column} IS NULL")


def _busiest(where: Sql, by: Lanes, skip: int) -> list[tuple[str, int]]:
    column = _COLUMNS[by]
    order = "min(array_position(%s, c.priority::text))" if by == Lanes.PRIORITY else "max(c.last_message_at) DESC"
    values: list[Any] = [*where.values, [Status.TODO.value, Status.IN_PROGRESS.value]]
    values += [Priority.values] if by == Lanes.PRIORITY else []
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT coalesce(c.{column}::text, ''), count(*) FROM conversations_conversation c
            WHERE {where.text} AND c.status = ANY(%s)
            GROUP BY c.{column} ORDER BY {order}, c.{column} LIMIT {LANES + 1} OFFSET %s
            """,
            [*values, skip],
        )
        return [(value, count) for value, count in cursor.fetchall()]


def _names(workspace_id: int, by: Lanes, values: Sequence[str]) -> Mapping[str, str]:
    if by == Lanes.PRIORITY:
        return {priority.value: str(priority.label) for priority in Priority}
    if by == Lanes.OWNER:
        people = User.objects.filter(workspace=workspace_id, pk__in=values).values_list("pk", "name")
        return {str(pk): name for pk, name in people} | {"": _("No owner")}
    accounts = Account.objects.filter(workspace=workspace_id, pk__in=values).values_list("pk", "name")
    return {str(pk): name for pk, name in accounts} | {"": _("No account")}


def _cells(where: Sql, by: Lanes, values: Sequence[str]) -> Mapping[tuple[str, Status], Column]:
    """One walk down an index for each lane and column."""
    column = _COLUMNS[by]
    named = [value for value in values if value]
    kind = "text" if by == Lanes.PRIORITY else "bigint"
    rows = _walk(both(where, Sql(f"c.{column} = wanted.lane::{kind}")), named) if named else []
    if "" in values:
        rows += _walk(both(where, Sql(f"c.{column} IS NULL")), [""])
    by_cell: dict[tuple[str, Status], list[boards.CardRow]] = defaultdict(list)
    for row in rows:
        value = row.priority if by == Lanes.PRIORITY else row.owner_id if by == Lanes.OWNER else row.account_id
        by_cell["" if value is None else str(value), Status(row.status)].append(row)
    cells = {}
    for value in values:
        for status in Status:
            found = by_cell[value, status]
            shown = found[:CARDS]
            following = shown[-1].key if len(found) > CARDS else None
            cells[value, status] = replace(Column(status, shown, following), lane=value)
    return cells


def _walk(where: Sql, lanes: Sequence[str]) -> list[boards.CardRow]:
    values: list[Any] = [list(lanes), Status.values, *where.values, CARDS + 1]
    return fetch(_WALK.format(card=CARD, names=NAMES, where=where.text), values)


_COLUMNS = {Lanes.OWNER: "owner_id", Lanes.ACCOUNT: "account_id", Lanes.PRIORITY: "priority"}
_WALK = """
    SELECT {card}
    FROM (SELECT lane, status FROM unnest(%s::text[]) lane CROSS JOIN unnest(%s::varchar[]) status) AS wanted
    CROSS JOIN LATERAL (
        SELECT c.id FROM conversations_conversation c
        WHERE {where} AND c.status = wanted.status
        ORDER BY c.last_message_at DESC, c.id DESC LIMIT %s
    ) newest
    JOIN conversations_conversation c ON c.id = newest.id
    {names}
    ORDER BY c.last_message_at DESC, c.id DESC
"""
