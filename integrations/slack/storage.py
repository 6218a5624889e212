"""The inbox's front: what was received becomes rows, each delivery once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import LiteralString

from django.db import connection

from integrations.slack.requests import Received

INSERT: LiteralString = """
    INSERT INTO integrations_inboundevent (provider, external_id, kind, lane, body)
    SELECT 'slack', row ->> 0, row ->> 1, row ->> 2, row ->> 3
    FROM jsonb_array_elements(%s::jsonb) AS row
    ON CONFLICT (provider, external_id) DO NOTHING
"""
"""Takes `rows(...)` as its one parameter."""


def rows(requests: Sequence[Received]) -> str:
    """Arrays instead of objects: PostgreSQL takes them apart faster."""
    return json.dumps([[request.external_id, request.kind, request.lane, request.body] for request in requests])


def store(requests: Sequence[Received]) -> int:
    """Answers how many were not stored before."""
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [rows(requests)])
        return int(cursor.rowcount)
