"""After some failures in a row the model is left alone for a while. Shared by all workers, through the cache.

Closed: questions are asked. Open: none is. When the pause is over, one question is tried (the claim on questions is
such that nobody else asks meanwhile): an answer closes the breaker, another failure opens it for twice as long.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from django.core.cache import cache
from django.utils import timezone

FAILURES: Final = 5
FIRST_PAUSE: Final = 60
LONGEST_PAUSE: Final = 15 * 60
"""Seconds."""
MEMORY: Final = 3600
"""Seconds after which failures are forgotten; longer than any pause, so that a pause ends in a trial."""

_FAILURES: Final = "model:failures"
_PAUSED: Final = "model:paused_until"


def allowed(most: int) -> int:
    """How many questions may be asked now: 0, 1 for a trial, or as many as the caller would."""
    if paused_until():
        return 0
    return 1 if failures() >= FAILURES else most


def succeeded() -> None:
    cache.delete(_FAILURES)


def failed() -> None:
    if paused_until():
        return  # asked together with those that opened it: no trial of its own
    cache.add(_FAILURES, 0, MEMORY)
    count = cache.incr(_FAILURES)
    cache.touch(_FAILURES, MEMORY)
    if count >= FAILURES:
        hold(min(FIRST_PAUSE * 2 ** min(count - FAILURES, 10), LONGEST_PAUSE))


def hold(seconds: int) -> None:
    """Ask nothing for so long: also what a server wants that says Retry-After."""
    until = timezone.now().timestamp() + seconds
    if seconds > 0:
        cache.set(_PAUSED, until, seconds)


def paused_until() -> datetime | None:
    until = cache.get(_PAUSED)
    return datetime.fromtimestamp(until, UTC) if until else None


def failures() -> int:
    """In a row."""
    return int(cache.get(_FAILURES) or 0)
