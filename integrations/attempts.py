"""What becomes of a delivery after a try: done, tried again later, given up, or put back because it came too early."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Greatest
from django.utils import timezone

from integrations.models import Delivery, DeliveryState
from integrations.reply_deliveries import set_out_again
from integrations.tools.resuming import take_up

log = structlog.get_logger(__name__)

ATTEMPTS = 10
FIRST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(minutes=15)
APART = timedelta(seconds=1.2)
"""Slack takes about one call a second, of posts into one channel as of edits: those in a line come one by one."""
NOTED = 20
"""The latest tries are kept."""
SENT = "sent"


def note(delivery: Delivery, outcome: str, *, began: float) -> None:
    """Keep the try in the delivery's response, with what came back and how long it took; `began` by the monotonic
    clock. Saved with what follows."""
    took = round((time.monotonic() - began) * 1000)
    latest = {"at": timezone.now().isoformat(timespec="milliseconds"), "outcome": _clean(outcome), "ms": took}
    delivery.response = delivery.response | {"attempts": [*tries(delivery), latest][-NOTED:]}


def tries(delivery: Delivery) -> list[dict[str, Any]]:
    """Old to new: `at` (ISO 8601), `outcome` (SENT, Slack's code or an exception), `ms`."""
    return list(delivery.response.get("attempts") or [])


def done(delivery: Delivery, answer: dict[str, Any]) -> None:
    delivery.state, delivery.error, delivery.finished_at = DeliveryState.DONE, "", timezone.now()
    delivery.response = answer | {"attempts": tries(delivery)}
    delivery.save(update_fields=["state", "error", "response", "finished_at"])


def failed(delivery: Delivery, error: str, *, is_permanent: bool) -> None:
    now = timezone.now()
    delivery.error = _clean(error)
    if is_permanent or delivery.attempts >= ATTEMPTS:
        log.error("a delivery failed for good", delivery=delivery.pk, error=error, attempts=delivery.attempts)
        delivery.state, delivery.finished_at = DeliveryState.FAILED, now
        delivery.save(update_fields=["state", "error", "response", "finished_at"])
        return
    delivery.next_attempt_at = now + min(FIRST_WAIT * 2 ** (delivery.attempts - 1), LONGEST_WAIT)
    _wait(delivery)


def hold_back(delivery: Delivery, error: str, *, until: datetime, is_shown: bool) -> None:
    """Those in the same line wait as well, one after the other: another call would only be refused.

    New triage posts and edits of posts that are there (`is_shown`) are two lines: Slack counts them apart.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE integrations_delivery AS waiting
            SET next_attempt_at = %(until)s + make_interval(secs => %(apart)s * line.number)
            FROM (
                SELECT id, row_number() OVER (ORDER BY next_attempt_at, id) AS number
                FROM (
                    SELECT id, next_attempt_at FROM integrations_delivery due
                    WHERE installation_id = %(installation)s AND kind = %(kind)s AND place = %(place)s
                      AND state = 'pending' AND next_attempt_at < %(until)s
                      AND %(is_shown)s = EXISTS (
                          SELECT 1 FROM integrations_link post
                          WHERE post.conversation_id = due.conversation_id AND post.kind = 'triage_post'
                            AND post.place = due.place
                      )
                    FOR UPDATE SKIP LOCKED
                ) AS due
            ) AS line
            WHERE waiting.id = line.id
            """,
            {
                "installation": delivery.installation_id,
                "kind": delivery.kind,
                "place": delivery.place,
                "until": until,
                "apart": APART.total_seconds(),
                "is_shown": is_shown,
            },
        )
    delivery.error = error
    put_back(delivery, until=until)


def put_back(delivery: Delivery, *, until: datetime) -> None:
    """As if it had not been tried."""
    delivery.attempts -= 1
    delivery.next_attempt_at = until
    _wait(delivery)


def retry(deliveries: Iterable[Delivery]) -> int:
    """Send those that failed or wait now. Answers how many. What is in flight or done stays as it is."""
    return sum(_retry(delivery) for delivery in deliveries)


def _retry(delivery: Delivery) -> bool:
    mine = Delivery.objects.filter(pk=delivery.pk, state__in=[DeliveryState.FAILED, DeliveryState.PENDING])
    # Not 0: an earlier try may have reached Slack without our hearing of it, and is looked for from the second on.
    delivery.attempts, delivery.next_attempt_at = min(delivery.attempts, 1), timezone.now()
    changes = {"attempts": delivery.attempts, "next_attempt_at": delivery.next_attempt_at, "finished_at": None}
    try:
        with transaction.atomic():
            is_back = mine.update(state=DeliveryState.PENDING, **changes) == 1
            if is_back:
                set_out_again(delivery)
                take_up(delivery)
            return is_back
    except IntegrityError:
        _hand_over(delivery)
        return True


def _wait(delivery: Delivery) -> None:
    """To be sent at `next_attempt_at`, unless another waits already: it shows the newest state as well."""
    delivery.state = DeliveryState.PENDING
    try:
        with transaction.atomic():
            delivery.save(update_fields=["state", "attempts", "error", "response", "next_attempt_at"])
    except IntegrityError:
        _hand_over(delivery)


def _hand_over(delivery: Delivery) -> None:
    """The other takes over the tries too, so that a post of which we have not heard is looked for."""
    others = Delivery.objects.filter(
        installation=delivery.installation_id, conversation=delivery.conversation_id, kind=delivery.kind,
        place=delivery.place, state=DeliveryState.PENDING,
    )  # fmt: skip
    others.update(attempts=Greatest("attempts", delivery.attempts), next_attempt_at=delivery.next_attempt_at)
    delivery.state, delivery.finished_at = DeliveryState.DONE, timezone.now()
    delivery.error = f"{delivery.error}; a newer delivery took over"[:300]
    delivery.save(update_fields=["state", "error", "response", "finished_at"])


def _clean(error: str) -> str:
    return error.replace("\x00", "")[:300]
