from __future__ import annotations

from celery import shared_task
from django.core.cache import cache

ALIVE = "worker-alive"
ALIVE_SECONDS = 45
"""Four beats may be missed before the worker counts as away."""


@shared_task(name="pylon.beat")
def beat() -> None:
    """Says that the scheduler, the broker and a worker work together; /readyz looks for it."""
    cache.set(ALIVE, 1, ALIVE_SECONDS)
