"""How our Socket Mode connections are, for the pages and commands that show it.

Whoever holds a connection writes it to Redis, under `pylon:socket_mode:<host>:<process id>:<number>`. The key ends by
itself soon after the process does.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

import redis
import structlog

from integrations.redis_client import redis_client

log = structlog.get_logger(__name__)

PREFIX = "pylon:socket_mode:"
WRITTEN_SECONDS = 10
"""It is written so often, and at each change."""
KEPT_SECONDS = 35


@dataclass(slots=True)
class Standing:
    """Of one connection. Times in Unix seconds; `app_id` as Slack told it; `error` while there is no connection."""

    app_id: str = ""
    connected_since: float | None = None
    last_frame_at: float | None = None
    error: str = ""


def standings() -> list[Standing]:
    """Of all connections, those of other machines too. Raises redis.RedisError."""
    keys = sorted(redis_client().scan_iter(f"{PREFIX}*"))
    values = redis_client().mget(keys) if keys else []
    return [Standing(**json.loads(value)) for value in values if value]


def write(standings_by_name: Mapping[str, Standing]) -> None:
    try:
        for name, standing in standings_by_name.items():
            redis_client().set(f"{PREFIX}{name}", json.dumps(asdict(standing)), ex=KEPT_SECONDS)
    except redis.RedisError as error:
        log.warning("Redis is away: nobody sees how Socket Mode is", error=str(error))


def remove(names: Iterable[str]) -> None:
    try:
        redis_client().delete(*(f"{PREFIX}{name}" for name in names))
    except redis.RedisError as error:
        log.warning("Redis is away: it forgets our connections by itself", error=str(error))
