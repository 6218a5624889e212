"""slack-bolt with its Django adapter, in the smallest Django project that can hold it: no middleware, no database.

Two apps: the listener of one does nothing, that of the other enqueues one Celery task for each event.
"""

from __future__ import annotations

from typing import Any

from celery import Celery
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from slack_bolt import App
from slack_bolt.adapter.django import SlackRequestHandler
from slack_bolt.authorization import AuthorizeResult

from benchmarks.peers import QUEUE, TASK
from benchmarks.surroundings import SIGNING_SECRET, redis_url

settings.configure(ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, SECRET_KEY="only-for-benchmarks", MIDDLEWARE=[])

celery = Celery(broker=redis_url().replace("unix://", "redis+socket://", 1), set_as_current=False)


def authorize() -> AuthorizeResult:
    """Known at once, without asking Slack or a database."""
    return AuthorizeResult(
        enterprise_id=None,
        team_id="T0ACME00",
        bot_token="xoxb-benchmark",
        bot_id="B0PYLON0",
        bot_user_id="U0PYLON0",
    )


idle = App(signing_secret=SIGNING_SECRET, authorize=authorize)
enqueuing = App(signing_secret=SIGNING_SECRET, authorize=authorize)


@idle.event("message")
def do_nothing() -> None:
    pass


@enqueuing.event("message")
def enqueue(body: dict[str, Any]) -> None:
    celery.send_task(TASK, args=[body], queue=QUEUE, ignore_result=True)


def view(app: App) -> Any:
    handler = SlackRequestHandler(app)

    @csrf_exempt
    def receive(request: HttpRequest) -> HttpResponse:
        return handler.handle(request)

    return receive


def alive(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


urlpatterns = [path("idle", view(idle)), path("enqueue", view(enqueuing)), path("healthz", alive)]
application = get_wsgi_application()
