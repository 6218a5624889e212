"""Wake a worker, at most once while it has not begun. A wake-up may be lost: the sweep finds the rows."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import redis
import structlog
from celery import Task
from django.conf import settings
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)

WAKING_MS = 3_000
"""How long a wake-up counts as under way. A worker that begins clears it earlier."""


def wake(task: Task[Any, Any]) -> None:
    try:
        if _redis().set(_key(task), 1, nx=True, px=WAKING_MS):
            # Not `.delay_on_commit`: whoever calls has committed the rows.
            task.apply_async(retry=False)
    except (redis.RedisError, OperationalError, OSError) as error:
        log.warning("could not wake a worker; the sweep will", task=task.name, error=str(error))


def begun(task: Task[Any, Any]) -> None:
    """Say, before looking at the rows, that what is stored from now on needs a wake-up of its own."""
    try:
        _redis().delete(_key(task))
    except redis.RedisError as error:
        log.warning("could not clear a wake-up; it ends by itself", task=task.name, error=str(error))


def _key(task: Task[Any, Any]) -> str:
    return f"pylon:wake:{task.name}"


@lru_cache(maxsize=1)
def _redis() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_ADDRESS, socket_timeout=2, socket_connect_timeout=2)
