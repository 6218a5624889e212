from __future__ import annotations

import time

from celery import shared_task
from django.conf import settings

from integrations.wake import begun, wake, wake_later

LINGER = 0.02
"""Seconds in which a burst gathers before the first batch is taken."""
TURN_SECONDS = 10
"""After this long a task makes room for others: in a storm the teammates are to be told too."""


@shared_task(name="integrations.drain_inbox")
def drain_inbox() -> None:
    from integrations.slack import inbox  # noqa: PLC0415 - the receiving process needs the name only

    begun(drain_inbox)
    time.sleep(LINGER)
    if not inbox.drain(seconds=TURN_SECONDS):
        wake(drain_inbox)
        return
    seconds = inbox.seconds_to_next()
    if seconds is not None and seconds < settings.SWEEP_SECONDS:
        wake_later(drain_inbox, seconds)


@shared_task(name="integrations.enter_channels")
def enter_channels() -> None:
    from integrations.slack import entering  # noqa: PLC0415 - as above

    if entering.plan():
        wake(drain_inbox)


@shared_task(name="integrations.check_members")
def check_members() -> None:
    from integrations.slack import outsiders  # noqa: PLC0415 - as above
    from integrations.tasks import send_deliveries  # noqa: PLC0415 - as above

    begun(check_members)
    if outsiders.check_due():
        wake(send_deliveries)
