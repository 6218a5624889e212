from __future__ import annotations

from celery import shared_task
from django.core.cache import cache

from integrations.slack import gaps, history
from integrations.wake import begun, wake, wake_later

TURN_SECONDS = 15
AT_WORK = "history-at-work"


@shared_task(name="integrations.read_history")
def read_history() -> None:
    """One worker at a time, so that the others are free for what is said now."""
    begun(read_history)
    if not cache.add(AT_WORK, 1, TURN_SECONDS * 2):
        return
    try:
        is_done = history.work(seconds=TURN_SECONDS)
    finally:
        cache.delete(AT_WORK)
    if not is_done:
        wake(read_history)
    elif (seconds := history.next_due()) is not None:
        wake_later(read_history, seconds)


@shared_task(name="integrations.check_gaps")
def check_gaps() -> None:
    if gaps.plan():
        wake(read_history)
