"""The inbox's front: what was received becomes rows, each delivery once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import LiteralString

from django.db import connection

from integrations.slack.requests import Received

INSERT: LiteralString = """
    INSERT INTO integrations_inboundevent (provider, external_id, kind, lane, body)
    SELECT 'slack', row ->> 'external_id', row ->> 'kind', row ->> 'lane', row ->> 'body'
    FROM jsonb_array_elements(%s::jsonb) AS row
    ON CONFLICT (provider, external_id) DO NOTHING
"""
"""Takes `rows(...)` as its one parameter."""


def rows(requests: Sequence[Received]) -> str:
    return json.dumps([asdict(request) for request in requests])


def store(requests: Sequence[Received]) -> int:
    """Answers how many were not stored before."""
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [rows(requests)])
        return int(cursor.rowcount)
