"""Tasks wake, rows wait."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings

from integrations.wake import begun, wake, wake_later

TURN_SECONDS = 45
"""After this long a task makes room for another and is woken again."""


@shared_task(name="integrations.work_links")
def work_links() -> None:
    from integrations.tools import working  # noqa: PLC0415 - who only wakes needs the name alone

    begun(work_links)
    if not working.work(seconds=TURN_SECONDS):
        wake(work_links)
        return
    seconds = working.seconds_to_next()
    if seconds is not None and seconds < settings.SWEEP_SECONDS:
        wake_later(work_links, seconds)


@shared_task(name="integrations.drain_webhooks")
def drain_webhooks() -> None:
    from integrations.tools.inbox import drain  # noqa: PLC0415 - as above

    begun(drain_webhooks)
    drain()


@shared_task(name="integrations.poll_tools")
def poll_tools() -> None:
    from integrations.tools.polling import poll  # noqa: PLC0415 - as above

    begun(poll_tools)
    poll()


@shared_task(name="integrations.compare_tools")
def compare_tools() -> None:
    from integrations.tools.comparing import go_on  # noqa: PLC0415 - as above

    begun(compare_tools)
    if not go_on(seconds=TURN_SECONDS):
        wake(compare_tools)
