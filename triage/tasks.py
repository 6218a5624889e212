from __future__ import annotations

from celery import shared_task

from triage.reckoning import count_all, only_one
from triage.reminders import AT_ONCE, remind

TURN_SECONDS = 60
"""After this long counting makes room for other tasks; the next sweep goes on."""


@shared_task(name="triage.remind")
def remind_of_due() -> None:
    while remind() >= AT_ONCE:
        pass


@shared_task(name="triage.count_figures")
def count_figures() -> None:
    """What changes is counted a little later, all at once. Nothing when another worker is at it."""
    with only_one() as is_first:
        if is_first:
            count_all(seconds=TURN_SECONDS)
