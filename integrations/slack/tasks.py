from __future__ import annotations

import time

from celery import shared_task

from integrations.wake import begun, wake

LINGER = 0.02
"""Seconds in which a burst gathers before the first batch is taken."""


@shared_task(name="integrations.drain_inbox")
def drain_inbox() -> None:
    from integrations.slack.inbox import drain  # noqa: PLC0415 - the receiving process needs the name only

    begun(drain_inbox)
    time.sleep(LINGER)
    if not drain():
        wake(drain_inbox)
