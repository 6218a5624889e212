"""What is seen of Slack's requests beside the stored events, kept in Redis for the settings page: the last time that
Slack checked our address, and the last request that was refused."""

from __future__ import annotations

import time
from typing import Any

import redis
import structlog
from django.core.cache import cache

log = structlog.get_logger(__name__)

KEPT_SECONDS = 30 * 24 * 3600
PAUSE_SECONDS = 1
"""A flood of forged requests is noted this often."""

_noted_at: dict[str, float] = {}


def note_challenge() -> None:
    """Slack asked whether the address is ours, and was answered."""
    _note("challenge", "")


def note_refusal(reason: str) -> None:
    _note("refusal", reason)


def last(kind: str) -> dict[str, Any] | None:
    """`at` in Unix seconds and `reason`, of the last "challenge" or "refusal"."""
    found = cache.get(_key(kind))
    return found if isinstance(found, dict) else None


def _note(kind: str, reason: str) -> None:
    now = time.monotonic()
    if now - _noted_at.get(kind, float("-inf")) < PAUSE_SECONDS:
        return
    _noted_at[kind] = now
    try:
        cache.set(_key(kind), {"at": time.time(), "reason": reason}, KEPT_SECONDS)
    except redis.RedisError as error:
        log.warning("could not note a request of Slack's", kind=kind, error=str(error))


def _key(kind: str) -> str:
    return f"slack-{kind}"
