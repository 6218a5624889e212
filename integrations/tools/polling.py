"""Asks those tools that don't tell by themselves, or might forget to, what was touched."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from integrations.models import Installation
from integrations.tools.connecting import stop_tool
from integrations.tools.errors import ToolError, Unauthorised
from integrations.tools.hearing import hear
from integrations.tools.registry import TOOLS, adapter_of

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=5)
"""Until then nobody else polls a tool that is being polled."""
PAGES = 10
"""In one turn."""
AFTER_TROUBLE = timedelta(minutes=1)


def poll() -> int:
    """Those that are due. Answers how many were asked."""
    count = 0
    while installation := _claim():
        count += 1
        try:
            poll_at = _poll(installation)
        except Unauthorised as error:
            stop_tool(installation, str(error))
            poll_at = timezone.now() + AFTER_TROUBLE
        except ToolError as error:
            wait = AFTER_TROUBLE if error.retry_after is None else timedelta(seconds=error.retry_after)
            log.warning("a tool could not be polled", installation=installation.pk, error=str(error))
            poll_at = timezone.now() + wait
        except Exception as error:
            # The edge: the error is logged, and the tool polled again.
            log.error("a tool could not be polled", installation=installation.pk, exc_info=error)
            poll_at = timezone.now() + LEASE
        Installation.objects.filter(pk=installation.pk).update(poll_at=poll_at)
    return count


def _claim() -> Installation | None:
    now = timezone.now()
    ready = Q(paused_until=None) | Q(paused_until__lte=now)
    due = Installation.objects.filter(ready, provider__in=TOOLS, revoked_at=None, removed_at=None, poll_at__lte=now)
    with transaction.atomic():
        installation = due.select_for_update(skip_locked=True, no_key=True).order_by("poll_at").first()
        if installation:
            Installation.objects.filter(pk=installation.pk).update(poll_at=now + LEASE)
    return installation


def _poll(installation: Installation) -> datetime | None:
    """Answers when to ask again; None: never, because the tool tells by itself. The cursor moves on in the transaction
    that marks the links: nothing that was told is lost."""
    adapter = adapter_of(installation)
    every = adapter.can.polls
    if every is None:
        return None
    cursor = installation.cursor
    for _ in range(PAGES):
        changes = adapter.changes(cursor)
        with transaction.atomic():
            hear(installation, {one.external_id: one.version for one in changes.touched})
            moved = Installation.objects.filter(pk=installation.pk, cursor=cursor)
            moved.update(cursor=changes.cursor)
        cursor = changes.cursor
        if not changes.is_more:
            return timezone.now() + every
    return timezone.now()
