"""Works the inbox: lane by lane, in batches, each event exactly once.

The rows are the queue. Whoever holds a lane's advisory lock works it; the lock goes with the transaction, so that
a worker that dies leaves its rows waiting.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import timedelta

import structlog
from django.db import connection, transaction
from django.db.models import F, Min, Q
from django.utils import timezone

from integrations.models import InboundEvent, Provider
from integrations.slack.errors import Later
from integrations.slack.events import work
from integrations.slack.pacing import TooEarly, at_leisure
from integrations.slack.prepare import Prepared, prepare

log = structlog.get_logger(__name__)

BATCH = 200
"""Events in one transaction."""
LANES = 100
ATTEMPTS = 8
"""With doubling waits, about ten minutes for what can't be done yet, then it is given up, visibly."""
FIRST_WAIT = timedelta(seconds=5)
WAITING = Q(provider=Provider.SLACK, processed_at=None, failed_at=None)
PATIENCE = 10
"""Seconds for which an event may wait until Slack can be asked about its people; then it is worked as it is."""


def drain(*, seconds: float = 60) -> bool:
    """Work until nothing is due that another worker isn't at, or the time is up: then the answer is False."""
    deadline = time.monotonic() + seconds
    worked = True
    while worked:
        worked = False
        for lane in _due_lanes():
            worked |= _work_lane(lane)
            if time.monotonic() > deadline:
                return False
    return True


def seconds_to_next() -> float | None:
    """Until something more is due; None when nothing waits for its time."""
    now = timezone.now()
    first = InboundEvent.objects.filter(WAITING, next_attempt_at__gt=now).aggregate(at=Min("next_attempt_at"))["at"]
    return (first - now).total_seconds() if first else None


def _due() -> Q:
    return WAITING & (Q(next_attempt_at=None) | Q(next_attempt_at__lte=timezone.now()))


def _due_lanes() -> list[str]:
    lanes = InboundEvent.objects.filter(_due()).values("lane").annotate(first=Min("id")).order_by("first")
    return [row["lane"] for row in lanes[:LANES]]


def _work_lane(lane: str) -> bool:
    """Work one batch. True: look again, also for what came while we held the lane and others turned away."""
    waiting = InboundEvent.objects.filter(_due(), lane=lane).order_by("id")
    batch = list(waiting[:BATCH])
    if not batch:
        return False
    prepared, batch = _prepare(batch)
    if prepared is None:
        return True
    with transaction.atomic():
        if not _take(lane):
            return False
        still = set(waiting.filter(pk__in=[row.pk for row in batch]).values_list("pk", flat=True))
        if batch := [row for row in batch if row.pk in still]:
            _settle(batch, prepared)
    return True


def _prepare(batch: list[InboundEvent]) -> tuple[Prepared | None, list[InboundEvent]]:
    """What the batch needs, or, if one of its events stands in the way, what the first good one needs."""
    age = timezone.now() - batch[0].received_at
    try:
        with at_leisure(PATIENCE - age.total_seconds()):
            return prepare(batch), batch
    except TooEarly as error:
        _let_wait(batch, error.retry_after)
        return None, []
    except Exception as error:  # noqa: BLE001 - the edge: the error is kept on the event, which is tried again
        if len(batch) > 1:
            return _prepare(batch[:1])
        _put_off(batch[0], error)
        return None, []


def _let_wait(batch: Sequence[InboundEvent], seconds: float) -> None:
    """All of them, in their order, and without a try being counted."""
    waiting = InboundEvent.objects.filter(pk__in=[row.pk for row in batch], processed_at=None)
    waiting.update(next_attempt_at=timezone.now() + timedelta(seconds=seconds))


def _take(lane: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"slack:{lane}"])
        row = cursor.fetchone()
    return bool(row and row[0])


def _settle(batch: Sequence[InboundEvent], prepared: Prepared) -> None:
    """All at once; if that fails, one by one, so that one bad event holds up nobody else's."""
    try:
        with transaction.atomic():
            outcomes = work(batch, prepared)
    except Exception as error:  # noqa: BLE001 - the edge: the error is kept on the event, which is tried again
        if len(batch) == 1:
            _put_off(batch[0], error)
        else:
            for row in batch:
                _settle([row], prepared)
        return
    for row in batch:
        if isinstance(later := outcomes[row.pk], Later):
            _put_off(row, later)
    now = timezone.now()
    for outcome in {said for said in outcomes.values() if isinstance(said, str)}:
        pks = [pk for pk, said in outcomes.items() if said == outcome]
        InboundEvent.objects.filter(pk__in=pks).update(processed_at=now, outcome=outcome[:200], error="")


def _put_off(row: InboundEvent, error: Exception) -> None:
    """Try again later; after the last attempt an event that only waited is settled, one that failed is marked."""
    attempts, now = row.attempts + 1, timezone.now()
    last = attempts >= ATTEMPTS
    if isinstance(error, Later):
        log.info("an event waits for another", external_id=row.external_id, reason=str(error), attempts=attempts)
        changes = {"processed_at": now, "outcome": f"given up: {error}"[:200]} if last else {}
    else:
        log.error(
            "an event could not be worked",
            external_id=row.external_id,
            kind=row.kind,
            attempts=attempts,
            exc_info=error,
        )
        said = f"{type(error).__name__}: {error}".replace("\x00", "")
        changes = {"failed_at": now if last else None, "error": said[:2000]}
    InboundEvent.objects.filter(pk=row.pk, processed_at=None).update(
        attempts=F("attempts") + 1, next_attempt_at=now + FIRST_WAIT * 2 ** min(attempts - 1, 10), **changes
    )
