"""For those who watch the installation: /healthz, /readyz and /metrics."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import redis
import structlog
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.models import Count, Min, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import User
from conversations.models import Conversation, ConversationEvent
from conversations.status import Status
from integrations.models import Delivery, DeliveryState, InboundEvent
from pylon.tasks import ALIVE

log = structlog.get_logger(__name__)

LOOPBACK = {"127.0.0.1", "::1"}
FORWARDED = {"HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA"}
"""What a proxy adds. One on this machine makes everybody look local."""


@require_safe
@never_cache
def healthz(_request: HttpRequest) -> HttpResponse:
    """The process lives. Asks nobody else, so that a database that is away doesn't get it restarted."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def readyz(_request: HttpRequest) -> JsonResponse:
    """200 when the database, the broker and a worker answer; else 503, and which does not."""
    checks: dict[str, Callable[[], None]] = {"database": _database, "broker": _broker, "worker": _worker}
    answers = {name: _ask(check) for name, check in checks.items()}
    return JsonResponse(answers, status=200 if set(answers.values()) == {"ok"} else 503)


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus's text format, for this machine and for signed-in staff."""
    user, meta = request.user, request.META
    local = meta.get("REMOTE_ADDR") in LOOPBACK and not FORWARDED & meta.keys()
    if not local and not (isinstance(user, User) and user.is_staff):
        return HttpResponseForbidden("Sign in as staff, or ask from this machine.\n", content_type="text/plain")
    return HttpResponse("".join(_figures()), content_type="text/plain; version=0.0.4; charset=utf-8")


def _ask(check: Callable[[], None]) -> str:
    try:
        check()
    except RuntimeError as error:
        return str(error)
    except (DatabaseError, redis.RedisError) as error:
        # Its text names hosts and users: that is for the log, not for whoever asks.
        log.warning("not ready", check=check.__name__.strip("_"), error=str(error))
        return type(error).__name__
    return "ok"


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _broker() -> None:
    with redis.Redis.from_url(settings.REDIS_ADDRESS, socket_timeout=2, socket_connect_timeout=2) as broker:
        broker.ping()


def _worker() -> None:
    if not cache.get(ALIVE):
        raise RuntimeError("no worker has answered lately: is one running, and the scheduler?")


def _figures() -> Iterator[str]:
    waiting = InboundEvent.objects.filter(processed_at=None, failed_at=None)
    first = waiting.aggregate(first=Min("received_at"))["first"]
    age = (timezone.now() - first).total_seconds() if first else 0
    yield from _gauge("pylon_inbox_waiting", "Events stored and not worked yet", [("", waiting.count())])
    yield from _gauge("pylon_inbox_oldest_seconds", "Age of the oldest of them", [("", round(age, 1))])
    failed = InboundEvent.objects.filter(failed_at__isnull=False).count()
    yield from _gauge("pylon_inbox_failed", "Events given up", [("", failed)])
    unpublished = ConversationEvent.objects.filter(published_at=None).count()
    yield from _gauge("pylon_events_unpublished", "Events that nobody was told of yet", [("", unpublished)])
    yield from _gauge(
        "pylon_deliveries", "Deliveries by state", _counted("state", DeliveryState.values, Delivery.objects.all())
    )
    yield from _gauge(
        "pylon_conversations", "Conversations by status", _counted("status", Status.values, Conversation.objects.all())
    )


def _counted(field: str, values: list[str], rows: QuerySet[Any]) -> list[tuple[str, float]]:
    """Rows by the value of a field, also of the values that none has: a missing series raises no alarm."""
    counts = dict(rows.order_by().values_list(field).annotate(Count("pk")))
    return [(f'{{{field}="{value}"}}', counts.get(value, 0)) for value in values]


def _gauge(name: str, help_text: str, values: list[tuple[str, float]]) -> Iterator[str]:
    yield f"# HELP {name} {help_text}\n# TYPE {name} gauge\n"
    for labels, value in values:
        yield f"{name}{labels} {value}\n"
