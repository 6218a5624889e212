"""Reads a table by key, a batch at a time, and writes rows as JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from uuid import UUID

from pylon.exporting.tables import Table

BATCH = 1_000
"""Rows in memory at once."""

Row = dict[str, object]


def read(table: Table, workspace_id: int, *, after: int = 0, upto: int | None = None) -> Iterator[list[Row]]:
    """Batches of rows whose id is above `after` and not above `upto`, by id. Each batch is as it was at one moment."""
    rows = table.rows(workspace_id)
    if upto is not None:
        rows = rows.filter(pk__lte=upto)
    while batch := list(rows.filter(pk__gt=after).values_list(*table.columns)[:BATCH]):
        yield [_row(table, values) for values in batch]
        after = batch[-1][0]


def line(row: Row) -> str:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"), default=_written) + "\n"


def _row(table: Table, values: tuple[object, ...]) -> Row:
    row = dict(zip(table.columns, values, strict=True))
    if table.erased and row["deleted_at"]:
        row |= {name: type(row[name])() for name in table.erased}
    return row


def _written(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} can't be exported.")
