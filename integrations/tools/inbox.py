"""Works the webhooks that came in: each names tickets, whose links are looked after then."""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from integrations.models import InboundEvent, Installation
from integrations.tools.hearing import hear
from integrations.tools.registry import TOOLS, adapter_of

log = structlog.get_logger(__name__)

BATCH = 100
ATTEMPTS = 8
FIRST_WAIT = timedelta(seconds=5)


def drain() -> int:
    """Answers how many were worked."""
    worked = 0
    while batch := _next():
        worked += len(batch)
        for event in batch:
            _work(event)
    return worked


def _next() -> list[InboundEvent]:
    now = timezone.now()
    due = Q(next_attempt_at=None) | Q(next_attempt_at__lte=now)
    waiting = InboundEvent.objects.filter(due, provider__in=TOOLS, processed_at=None, failed_at=None)
    with transaction.atomic():
        batch = list(waiting.select_for_update(skip_locked=True).order_by("pk")[:BATCH])
        # A worker that dies with them leaves them to the next sweep after that.
        InboundEvent.objects.filter(pk__in=[event.pk for event in batch]).update(next_attempt_at=now + FIRST_WAIT)
    return batch


def _work(event: InboundEvent) -> None:
    try:
        with transaction.atomic():
            outcome = _take(event)
            settled = InboundEvent.objects.filter(pk=event.pk)
            settled.update(processed_at=timezone.now(), outcome=outcome[:200], error="")
    except Exception as error:
        # The edge: the error is kept on the row, which is tried again; the others go on.
        log.error("a webhook could not be worked", inbound=event.pk, provider=event.provider, exc_info=error)
        now, attempts = timezone.now(), event.attempts + 1
        InboundEvent.objects.filter(pk=event.pk).update(
            attempts=F("attempts") + 1, error=f"{type(error).__name__}: {error}".replace("\x00", "")[:2000],
            next_attempt_at=now + FIRST_WAIT * 2**attempts, failed_at=now if attempts >= ATTEMPTS else None,
        )  # fmt: skip


def _take(event: InboundEvent) -> str:
    installation = Installation.objects.filter(provider=event.provider, pk=event.lane.partition(":")[2]).first()
    if installation is None or installation.removed_at:
        return "the tool is not connected any more"
    try:
        touched = adapter_of(installation).touched(event.body)
    except ValueError as error:
        return f"nothing that is understood: {error}"
    if not touched:
        return "about no ticket"
    heard = hear(installation, touched)
    return f"{heard} of {len(touched)} tickets are connected"
