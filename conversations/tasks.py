from __future__ import annotations

from celery import shared_task

from conversations.services import WOKEN_AT_ONCE, wake_snoozed


@shared_task(name="conversations.wake_snoozed")
def wake_due() -> None:
    while wake_snoozed() == WOKEN_AT_ONCE:
        pass
