"""Looks after the links that are due: reads what the tool told of, plans what it must be told, and tells it, in order.

The rows are the queue. A link is worked by one worker at a time, under a lease that ends by itself when the worker
dies; so of one link nothing overtakes anything. What fails for good stops the link, what fails for now lets it wait,
and a tool that does not answer lets all of its links wait.
"""

from __future__ import annotations

import time
from datetime import timedelta

import structlog
from django.db import models, transaction
from django.db.models import F, Min, Q
from django.utils import timezone

from integrations.attempts import SENT, done, note
from integrations.models import Delivery, DeliveryState, Installation, Link, LinkKind
from integrations.tools.config import Config
from integrations.tools.connecting import stop_tool
from integrations.tools.ending import stop
from integrations.tools.errors import ToolError, Unauthorised, Unreachable
from integrations.tools.locking import lock
from integrations.tools.moving import settle
from integrations.tools.planning import plan, waiting
from integrations.tools.protocol import Adapter
from integrations.tools.reading import read
from integrations.tools.registry import adapter_of
from integrations.tools.sending import send

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=5)
"""After this long a worked link counts as left behind by a worker that died."""
SENDS = 20
"""Deliveries of a link in one turn; then others have theirs."""
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=5)
GIVE_UP = 60
"""Tries of a link in a row, about five hours; then it waits for a person."""


def work(*, seconds: float = 60) -> bool:
    """Work until nothing is due, or the time is up: then the answer is False."""
    deadline = time.monotonic() + seconds
    while link := _claim():
        _work(link)
        if time.monotonic() > deadline:
            return False
    return True


def seconds_to_next() -> float | None:
    """Until something more is due; None when nothing waits for its time."""
    first = _open().aggregate(
        link=Min("due_at", filter=Q(installation__paused_until=None)), tool=Min("installation__paused_until")
    )
    times = [at for at in first.values() if at]
    return max((min(times) - timezone.now()).total_seconds(), 0.0) if times else None


def _open() -> models.QuerySet[Link]:
    links = Link.objects.filter(kind=LinkKind.TICKET, due_at__isnull=False, ended_at=None, stopped_at=None)
    return links.filter(installation__revoked_at=None, installation__removed_at=None)


def _claim() -> Link | None:
    now = timezone.now()
    free = Q(claimed_until=None) | Q(claimed_until__lte=now)
    answering = Q(installation__paused_until=None) | Q(installation__paused_until__lte=now)
    with transaction.atomic():
        due = _open().filter(free & answering, due_at__lte=now).order_by("due_at", "pk")
        link = due.select_for_update(of=("self",), skip_locked=True, no_key=True).select_related("installation").first()
        if link:
            link.claimed_until = now + LEASE
            link.save(update_fields=["claimed_until"])
    return link


def _work(link: Link) -> None:
    """One turn. What came meanwhile has moved `due_at` or `heard_at` on, so that it is looked after again."""
    due_at, heard_at = link.due_at, link.heard_at
    try:
        is_done = _turn(link)
    except Unauthorised as error:
        stop_tool(link.installation, str(error))
        _release(link)
    except Unreachable as error:
        _pause(link, error)
    except ToolError as error:
        if error.permanent:
            stop(link, str(error))
            _release(link)
        else:
            _wait(link, str(error))
    except Exception as error:
        # The edge: the error is kept on the link, which is tried again; the others go on.
        log.error("a link could not be worked", link=link.pk, exc_info=error)
        _wait(link, f"{type(error).__name__}: {error}")
    else:
        _answered(link)
        if is_done:
            Link.objects.filter(pk=link.pk, heard_at=heard_at).update(heard_at=None)
            Link.objects.filter(pk=link.pk, due_at=due_at).update(due_at=None)
        _release(link)


def _turn(link: Link) -> bool:
    """Whether all that was to be done is done."""
    adapter = adapter_of(link.installation)
    settle(link)
    if link.heard_at and link.external_id:
        read(_fresh(link), adapter)
    for _ in range(SENDS):
        delivery = _next(link, adapter)
        if delivery is None:
            return True
        _send(delivery, _fresh(link), adapter)
        if not _renew(link):
            return False
    return False


def _next(link: Link, adapter: Adapter) -> Delivery | None:
    """The next delivery, taken up; planned anew where none waits: what happened meanwhile goes over too."""
    with transaction.atomic():
        lock(link)
        fresh = _fresh(link)
        if fresh.ended_at or fresh.stopped_at:
            return None
        delivery = waiting(fresh).first()
        if delivery is None and plan(fresh, Config.read(fresh.installation.config), adapter.can):
            delivery = waiting(fresh).first()
        if delivery:
            delivery.state, delivery.claimed_at = DeliveryState.SENDING, timezone.now()
            delivery.attempts = min(delivery.attempts + 1, 30_000)
            delivery.save(update_fields=["state", "claimed_at", "attempts"])
    return delivery


def _send(delivery: Delivery, link: Link, adapter: Adapter) -> None:
    began = time.monotonic()
    try:
        answer = send(delivery, link, adapter)
    except ToolError as error:
        note(delivery, str(error), began=began)
        is_final = error.permanent and not isinstance(error, Unauthorised)
        _put_back(delivery, str(error), is_final=is_final)
        raise
    except Exception as error:
        note(delivery, f"{type(error).__name__}: {error}", began=began)
        _put_back(delivery, f"{type(error).__name__}: {error}", is_final=False)
        raise
    note(delivery, SENT, began=began)
    done(delivery, answer)
    if link.failures or link.trouble:
        Link.objects.filter(pk=link.pk).update(failures=0, trouble="")


def _put_back(delivery: Delivery, error: str, *, is_final: bool) -> None:
    delivery.error = error.replace("\x00", "")[:300]
    delivery.state = DeliveryState.FAILED if is_final else DeliveryState.PENDING
    delivery.finished_at = timezone.now() if is_final else None
    delivery.save(update_fields=["state", "error", "response", "finished_at"])


def _fresh(link: Link) -> Link:
    """As it is now, with its conversation."""
    found = Link.objects.select_related("installation", "linked_by", "conversation__owner", "conversation__channel")
    return found.get(pk=link.pk)


# After a turn ─────────────────────────────────────────────────────────────────────────────────────────


def _release(link: Link) -> None:
    Link.objects.filter(pk=link.pk).update(claimed_until=None)


def _renew(link: Link) -> bool:
    """False when it was taken over, because a call took longer than the lease."""
    mine = Link.objects.filter(pk=link.pk, claimed_until=link.claimed_until)
    link.claimed_until = timezone.now() + LEASE
    return mine.update(claimed_until=link.claimed_until) == 1


def _wait(link: Link, trouble: str) -> None:
    """It alone is tried again later; after many tries a person must look."""
    if link.failures + 1 >= GIVE_UP:
        stop(link, trouble)
        _release(link)
        return
    due_at = timezone.now() + _grown(link.failures)
    Link.objects.filter(pk=link.pk).update(
        failures=F("failures") + 1, trouble=trouble.replace("\x00", "")[:300], due_at=due_at, claimed_until=None
    )


def _pause(link: Link, error: Unreachable) -> None:
    """The tool itself is away, or asks to wait. The others come first then: perhaps it is this one that it minds."""
    now = timezone.now()
    pause = (
        timedelta(seconds=error.retry_after) if error.retry_after is not None else _grown(link.installation.failures)
    )
    until = now + max(pause, timedelta(seconds=1))
    Installation.objects.filter(pk=link.installation_id).update(
        paused_until=until, paused_because=str(error)[:300], failures=F("failures") + 1
    )
    Link.objects.filter(pk=link.pk).update(trouble=str(error)[:300], due_at=until, claimed_until=None)


def _answered(link: Link) -> None:
    paused = Installation.objects.filter(pk=link.installation_id).exclude(failures=0, paused_until=None)
    paused.filter(Q(paused_until=None) | Q(paused_until__lte=timezone.now())).update(
        paused_until=None, paused_because="", failures=0
    )
    Link.objects.filter(pk=link.pk).exclude(failures=0, trouble="").update(failures=0, trouble="")


def _grown(failures: int) -> timedelta:
    wait: timedelta = min(FIRST_WAIT * 2 ** min(failures, 10), LONGEST_WAIT)
    return wait
