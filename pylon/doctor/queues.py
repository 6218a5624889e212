"""Work that piles up or was given up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Min
from django.utils import timezone
from django.utils.timesince import timesince

from conversations.models import ConversationEvent
from integrations.models import Delivery, DeliveryState, InboundEvent
from pylon.doctor.finding import Finding, good, wrong

LATE = timedelta(minutes=1)
LATELY = timedelta(days=1)


def findings() -> Iterator[Finding]:
    now = timezone.now()
    waiting = InboundEvent.objects.filter(processed_at=None, failed_at=None)
    yield _backlog("Inbox", waiting.count(), waiting.aggregate(at=Min("received_at"))["at"])
    unpublished = ConversationEvent.objects.filter(published_at=None)
    yield _backlog("Outbox", unpublished.count(), unpublished.aggregate(at=Min("created_at"))["at"])
    failed = InboundEvent.objects.filter(failed_at__gte=now - LATELY).count()
    yield _given_up("Inbound events", failed, "/admin/integrations/inboundevent/ says why")
    lost = Delivery.objects.filter(state=DeliveryState.FAILED, finished_at__gte=now - LATELY).count()
    yield _given_up("Deliveries", lost, "/settings/deliveries/ says why and tries again")


def _backlog(name: str, count: int, first_at: datetime | None) -> Finding:
    if first_at and timezone.now() - first_at > LATE:
        return wrong(name, f"{count} wait, the first for {timesince(first_at)}", "see that workers run; add workers")
    return good(name, f"{count} wait" if count else "is empty")


def _given_up(name: str, count: int, fix: str) -> Finding:
    return wrong(name, f"{count} given up in the last 24 hours", fix) if count else good(name, "none given up lately")
