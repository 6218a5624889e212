"""From what happened to who is told: events become deliveries, deliveries are sent.

Both tables are their own queues; a wake-up only makes it quick.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Greatest
from django.utils import timezone

from conversations.models import Conversation, ConversationEvent
from conversations.status import Status
from integrations.models import Delivery, DeliveryKind, DeliveryState, Installation, Link, LinkKind, Provider
from integrations.slack.client import SlackError
from integrations.slack.send import send
from triage.models import TriageChannel
from triage.routing import route

log = structlog.get_logger(__name__)

EVENTS = 500
DELIVERIES = 10
LEASE = timedelta(minutes=1)
"""After this long in flight a delivery counts as lost with its worker, and is tried again."""
ATTEMPTS = 10
FIRST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(minutes=15)


def publish() -> int:
    """Make deliveries for the next events that nobody was told of yet. Answers their number."""
    with transaction.atomic():
        events = list(
            ConversationEvent.objects.select_for_update(skip_locked=True)
            .filter(published_at=None)
            .order_by("pk")[:EVENTS]
        )
        if not events:
            return 0
        newest = {event.conversation_id: event for event in events}
        conversations = Conversation.objects.filter(pk__in=newest).select_related("workspace")
        Delivery.objects.bulk_create(_followers(conversations, newest), ignore_conflicts=True)
        ConversationEvent.objects.filter(pk__in=[event.pk for event in events]).update(published_at=timezone.now())
    return len(events)


def deliver() -> int:
    """Send some of what is due. Answers how many were tried."""
    claimed = _claim()
    held: dict[tuple[int, str], datetime] = {}
    for delivery in Delivery.objects.filter(pk__in=claimed).select_related("installation").order_by("pk"):
        place = delivery.installation_id, delivery.place
        if not _still_ours(delivery):
            continue
        if place in held:
            _put_back(delivery, until=held[place])
        elif until := _send(delivery):
            held[place] = until
    return len(claimed)


def _followers(conversations: Iterable[Conversation], newest: dict[int, ConversationEvent]) -> list[Delivery]:
    conversations = list(conversations)
    posts = {
        link.conversation_id: (link.place, link.installation_id)
        for link in Link.objects.filter(conversation__in=conversations, kind=LinkKind.TRIAGE_POST)
    }
    places = _triage_places({c.workspace_id for c in conversations})
    deliveries = []
    for conversation in conversations:
        target = posts.get(conversation.pk)
        if target is None and _concerns_us(conversation):
            target = route(conversation.owner_id, places.get(conversation.workspace_id, {}))
        if target:
            place, installation_id = target
            deliveries.append(
                Delivery(
                    workspace_id=conversation.workspace_id, installation_id=installation_id, conversation=conversation,
                    event=newest[conversation.pk], kind=DeliveryKind.TRIAGE_POST, place=place,
                )
            )  # fmt: skip
    return deliveries


def _triage_places(workspaces: set[int]) -> dict[int, dict[int | None, tuple[str, int]]]:
    """By workspace and owner: the triage channel, and the installation through which we are in it."""
    teams: dict[tuple[int, str], int] = {}
    installations = Installation.objects.filter(workspace__in=workspaces, provider=Provider.SLACK, revoked_at=None)
    for installation in installations.order_by("-pk"):
        teams[installation.workspace_id, installation.external_id] = installation.pk
        teams[installation.workspace_id, ""] = installation.pk
    places: dict[int, dict[int | None, tuple[str, int]]] = {}
    triage_channels = TriageChannel.objects.filter(workspace__in=workspaces, channel__left_at=None)
    for triage in triage_channels.select_related("channel"):
        team = teams.get((triage.workspace_id, triage.channel.external_team_id))
        if team:
            places.setdefault(triage.workspace_id, {})[triage.owner_id] = (triage.channel.external_id, team)
    return places


def _concerns_us(conversation: Conversation) -> bool:
    """A thank-you, or what we said unasked, opens and closes at once: nothing for the triage channel."""
    answered = conversation.first_response_at is not None
    return conversation.status != Status.CLOSED or answered or conversation.status_by_person


def _claim() -> list[int]:
    """Mark due deliveries as in flight. Of one conversation and place only the oldest: the newer would race it, and
    not look for the post that it may have made."""
    now = timezone.now()
    with transaction.atomic(), connection.cursor() as cursor:
        # One claims at a time: two at once would not see each other's, nor that both are of one conversation.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('deliveries', 0))")
        cursor.execute(
            """
            UPDATE integrations_delivery SET state = 'sending', claimed_at = %(now)s, attempts = attempts + 1
            WHERE id IN (
                SELECT due.id FROM integrations_delivery due
                WHERE ((due.state = 'pending' AND due.next_attempt_at <= %(now)s)
                       OR (due.state = 'sending' AND due.claimed_at < %(lost)s))
                  AND NOT EXISTS (
                      SELECT 1 FROM integrations_delivery other
                      WHERE other.conversation_id = due.conversation_id AND other.place = due.place
                        AND other.state IN ('pending', 'sending') AND other.id < due.id
                  )
                ORDER BY due.next_attempt_at, due.id
                LIMIT %(most)s
                FOR UPDATE OF due SKIP LOCKED
            )
            RETURNING id
            """,
            {"now": now, "lost": now - LEASE, "most": DELIVERIES},
        )
        return [row[0] for row in cursor.fetchall()]


def _still_ours(delivery: Delivery) -> bool:
    """Renew the lease. False when those before took so long that another worker has taken this one over."""
    mine = Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.SENDING, claimed_at=delivery.claimed_at)
    delivery.claimed_at = timezone.now()
    return mine.update(claimed_at=delivery.claimed_at) == 1


def _send(delivery: Delivery) -> datetime | None:
    """Answers until when Slack holds the place back, if it does."""
    try:
        delivery.response = send(delivery)
    except SlackError as error:
        if error.retry_after is not None:
            return _hold_back(delivery, timezone.now() + timedelta(seconds=error.retry_after))
        _failed(delivery, error.code, is_permanent=error.permanent)
    except Exception as error:
        # The edge: the error is kept on the delivery, which is tried again; the others go on.
        log.error("a delivery could not be made", delivery=delivery.pk, exc_info=error)
        _failed(delivery, f"{type(error).__name__}: {error}", is_permanent=False)
    else:
        delivery.state, delivery.error, delivery.finished_at = DeliveryState.DONE, "", timezone.now()
        delivery.save(update_fields=["state", "error", "response", "finished_at"])
    return None


def _hold_back(delivery: Delivery, until: datetime) -> datetime:
    """What waits for the same place waits as well: another call would only be refused."""
    delivery.error = "ratelimited"
    _put_back(delivery, until=until)
    waiting = Delivery.objects.filter(
        installation=delivery.installation_id, place=delivery.place, state=DeliveryState.PENDING
    )
    waiting.filter(next_attempt_at__lt=until).update(next_attempt_at=until)
    return until


def _put_back(delivery: Delivery, *, until: datetime) -> None:
    """As if it had not been tried."""
    delivery.attempts -= 1
    delivery.next_attempt_at = until
    _wait(delivery)


def _failed(delivery: Delivery, error: str, *, is_permanent: bool) -> None:
    now = timezone.now()
    delivery.error = error.replace("\x00", "")[:300]
    if is_permanent or delivery.attempts >= ATTEMPTS:
        log.error("a delivery failed for good", delivery=delivery.pk, error=error, attempts=delivery.attempts)
        delivery.state, delivery.finished_at = DeliveryState.FAILED, now
        delivery.save(update_fields=["state", "error", "finished_at"])
        return
    delivery.next_attempt_at = now + min(FIRST_WAIT * 2 ** (delivery.attempts - 1), LONGEST_WAIT)
    _wait(delivery)


def _wait(delivery: Delivery) -> None:
    """To be sent at `next_attempt_at`, unless another waits already: it shows the newest state as well."""
    delivery.state = DeliveryState.PENDING
    try:
        with transaction.atomic():
            delivery.save(update_fields=["state", "attempts", "error", "next_attempt_at"])
    except IntegrityError:
        _hand_over(delivery)


def _hand_over(delivery: Delivery) -> None:
    """The other takes over the tries too, so that a post of which we have not heard is looked for."""
    others = Delivery.objects.filter(
        conversation=delivery.conversation_id, kind=delivery.kind, place=delivery.place, state=DeliveryState.PENDING
    )
    others.update(attempts=Greatest("attempts", delivery.attempts), next_attempt_at=delivery.next_attempt_at)
    delivery.state, delivery.finished_at = DeliveryState.DONE, timezone.now()
    delivery.error = f"{delivery.error}; a newer delivery took over"[:300]
    delivery.save(update_fields=["state", "error", "finished_at"])
