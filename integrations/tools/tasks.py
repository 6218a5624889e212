from __future__ import annotations

from celery import shared_task

from integrations.wake import begun


@shared_task(name="integrations.work_links")
def work_links() -> None:
    begun(work_links)
