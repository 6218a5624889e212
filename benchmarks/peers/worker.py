"""The job of slack-bolt's listener: one Celery task for each message, with Celery's own defaults."""

from __future__ import annotations

from typing import Any

import django
from celery import Celery

from benchmarks.peers import QUEUE, TASK
from benchmarks.surroundings import redis_url

django.setup()

from accounts.models import Channel, Contact, User  # noqa: E402 - models need Django set up
from conversations.services import receive_message  # noqa: E402

app = Celery(broker=redis_url().replace("unix://", "redis+socket://", 1))
app.conf.update(task_default_queue=QUEUE, task_ignore_result=True, broker_connection_retry_on_startup=True)
# By itself Celery connects to the database anew for each task, which would halve its speed.
app.conf.update(CELERY_DB_REUSE_MAX=1_000_000)


@app.task(name=TASK)
def work_event(body: dict[str, Any]) -> None:
    event = body["event"]
    channel = Channel.objects.get(external_id=event["channel"])
    people = {"workspace_id": channel.workspace_id, "external_id": event["user"]}
    author = Contact.objects.filter(**people).first() or User.objects.get(**people)
    receive_message(
        channel=channel, ts=event["ts"], text=event["text"], author=author, thread_ts=event.get("thread_ts")
    )
