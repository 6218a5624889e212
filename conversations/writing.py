"""Writing many rows at once.

Does what `bulk_update` and `bulk_create` do, for columns whose values stand for themselves: numbers, text, times, JSON
(no field with a conversion of its own). Django builds an expression for every value to update, which takes seconds for
200 conversations, and four times as long for rows to insert; here the rows travel as one JSON text.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, TypeAlias

from django.db import connection, models

Fields: TypeAlias = "Sequence[models.Field[Any, Any]]"


def update_rows(rows: Sequence[models.Model], names: Collection[str]) -> None:
    """Write these fields of rows of one model, in one statement."""
    if not rows:
        return
    fields = [field for field in rows[0]._meta.concrete_fields if field.primary_key or field.name in names]
    changes = ", ".join(f"{field.column} = new.{field.column}" for field in fields if not field.primary_key)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {rows[0]._meta.db_table} AS old SET {changes} "  # noqa: S608 - our models' names, nothing from outside
            f"FROM {_record(fields)} WHERE old.id = new.id",
            [_json(rows, fields)],
        )


def insert_rows(rows: Sequence[models.Model]) -> None:
    """Insert new rows of one model, in one statement, and give them their ids."""
    if not rows:
        return
    fields = [field for field in rows[0]._meta.concrete_fields if not field.primary_key]
    columns = ", ".join(str(field.column) for field in fields)
    _learn_ids(rows, fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {rows[0]._meta.db_table} ({columns}) "  # noqa: S608 - as above
            f"SELECT {columns} FROM {_record(fields)} RETURNING id",
            [_json(rows, fields)],
        )
        for row, (pk,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk = pk
            row._state.adding, row._state.db = False, connection.alias


def _record(fields: Fields) -> str:
    # Not jsonb, which holds no more than 256 MB.
    columns = ", ".join(f"{field.column} {field.db_type(connection)}" for field in fields)
    return f"json_to_recordset(%s::json) AS new({columns})"


def _learn_ids(rows: Sequence[models.Model], fields: Fields) -> None:
    """Of objects that were not saved yet when they were referred to."""
    relations = [field for field in fields if isinstance(field, models.ForeignKey)]
    for row in rows:
        for field in relations:
            if getattr(row, field.attname) is None and field.is_cached(row):
                setattr(row, field.name, field.get_cached_value(row))


def _json(rows: Sequence[models.Model], fields: Fields) -> str:
    values = [{field.column: getattr(row, field.attname) for field in fields} for row in rows]
    return json.dumps(values, default=_plain)


def _plain(value: Any) -> str:
    if isinstance(value, date):  # which a datetime is too
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is not written this way")
