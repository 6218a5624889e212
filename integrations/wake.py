"""Wake a worker, at most once while it has not begun. A wake-up may be lost: the sweep finds the rows."""

from __future__ import annotations

import math
import time
from typing import Any

import redis
import structlog
from celery import Task
from kombu.exceptions import OperationalError

from integrations.redis_client import redis_client

log = structlog.get_logger(__name__)

WAKING_MS = 3_000
"""How long a wake-up counts as under way. A worker that begins clears it earlier."""
LATER_SECONDS = 0.25
"""Wake-ups for later are rounded up to this: what is due at nearly the same time needs one."""


def wake(task: Task[Any, Any]) -> None:
    try:
        if redis_client().set(_key(task), 1, nx=True, px=WAKING_MS):
            # Not `.delay_on_commit`: whoever calls has committed the rows.
            task.apply_async(retry=False)
    except (redis.RedisError, OperationalError, OSError) as error:
        log.warning("could not wake a worker; the sweep will", task=task.name, error=str(error))


def wake_later(task: Task[Any, Any], seconds: float) -> None:
    """For what is due before the next sweep looks."""
    turn = math.ceil((time.time() + seconds) / LATER_SECONDS)
    countdown = turn * LATER_SECONDS - time.time()
    try:
        if redis_client().set(f"{_key(task)}:{turn}", 1, nx=True, px=int(countdown * 1000) + WAKING_MS):
            task.apply_async(countdown=countdown, retry=False)
    except (redis.RedisError, OperationalError, OSError) as error:
        log.warning("could not wake a worker; the sweep will", task=task.name, error=str(error))


def begun(task: Task[Any, Any]) -> None:
    """Say, before looking at the rows, that what is stored from now on needs a wake-up of its own."""
    try:
        redis_client().delete(_key(task))
    except redis.RedisError as error:
        log.warning("could not clear a wake-up; it ends by itself", task=task.name, error=str(error))


def _key(task: Task[Any, Any]) -> str:
    return f"pylon:wake:{task.name}"
