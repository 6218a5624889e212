from __future__ import annotations

from celery import shared_task

from triage.reminders import AT_ONCE, remind


@shared_task(name="triage.remind")
def remind_of_due() -> None:
    while remind() >= AT_ONCE:
        pass
