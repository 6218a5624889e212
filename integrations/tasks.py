"""Tasks wake, rows wait: each of these looks into a table and works what is due."""

from __future__ import annotations

import time

from celery import shared_task
from django.conf import settings

from integrations.digests import make_digests
from integrations.openai.client import is_configured
from integrations.openai.tasks import ask_model
from integrations.outbox import deliver, publish, seconds_to_next
from integrations.slack.history_tasks import check_gaps, read_history
from integrations.slack.tasks import check_members, drain_inbox, enter_channels
from integrations.tools.tasks import compare_tools, drain_webhooks, poll_tools, work_links
from integrations.wake import begun, wake, wake_later
from integrations.weekly import make_weeklies

__all__ = [
    "ask_model",
    "check_gaps",
    "check_members",
    "compare_tools",
    "drain_inbox",
    "drain_webhooks",
    "enter_channels",
    "poll_tools",
    "publish_events",
    "read_history",
    "send_deliveries",
    "send_digests",
    "send_weeklies",
    "work_links",
]


TURN_SECONDS = 60
"""After this long a task makes room for another and is woken again: Celery kills what runs for minutes."""


@shared_task(name="integrations.publish_events")
def publish_events() -> None:
    begun(publish_events)
    turn_ends = time.monotonic() + TURN_SECONDS
    published = 0
    while count := publish():
        published += count
        if time.monotonic() > turn_ends:
            wake(publish_events)
            break
    if published:
        wake(send_deliveries)
        if is_configured():
            wake(ask_model)


@shared_task(name="integrations.send_deliveries")
def send_deliveries() -> None:
    begun(send_deliveries)
    turn_ends = time.monotonic() + TURN_SECONDS
    while deliver():
        if time.monotonic() > turn_ends:
            wake(send_deliveries)
            return
    seconds = seconds_to_next()
    if seconds is not None and seconds < settings.SWEEP_SECONDS:
        wake_later(send_deliveries, seconds)


@shared_task(name="integrations.send_digests")
def send_digests() -> None:
    if make_digests():
        wake(send_deliveries)


@shared_task(name="integrations.send_weeklies")
def send_weeklies() -> None:
    if make_weeklies():
        wake(send_deliveries)
