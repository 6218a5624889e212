from __future__ import annotations

import time

from celery import shared_task

from integrations.wake import begun, wake

TURN_SECONDS = 60
"""After this long the task makes room for another: Celery kills what runs for minutes."""


@shared_task(name="integrations.ask_model")
def ask_model() -> None:
    from integrations.openai.asking import ask_next  # noqa: PLC0415 - the receiving process needs the name only

    begun(ask_model)
    turn_ends = time.monotonic() + TURN_SECONDS
    while ask_next():
        if time.monotonic() > turn_ends:
            wake(ask_model)
            break
