"""From what happened to who is told: events become deliveries, deliveries are sent.

Both tables are their own queues; a wake-up only makes it quick.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import structlog
from django.db import connection, transaction
from django.db.models import Min
from django.utils import timezone

from conversations.models import Conversation, ConversationEvent
from integrations.attempts import APART, SENT, done, failed, hold_back, note, put_back
from integrations.discussing import Posts, talk_to_deliver
from integrations.models import Delivery, DeliveryState, Link, LinkKind
from integrations.openai.doubts import put_questions
from integrations.reply_deliveries import reply_deliveries, tell_writer
from integrations.showing import posts_to_draw
from integrations.slack.errors import SlackError
from integrations.slack.homes import draw_homes_anew
from integrations.slack.pacing import PACED
from integrations.slack.send import send
from integrations.tools.following import follow
from triage.deadlines import refresh

log = structlog.get_logger(__name__)

EVENTS = 500
DELIVERIES = 10
LEASE = timedelta(minutes=1)
"""After this long in flight a delivery counts as lost with its worker, and is tried again."""


def publish() -> int:
    """Make deliveries, and questions to the model, for the next events that nobody was told of yet. Answers their
    number."""
    with transaction.atomic():
        events = list(
            ConversationEvent.objects.select_for_update(skip_locked=True)
            .filter(published_at=None)
            .order_by("pk")[:EVENTS]
        )
        if not events:
            return 0
        newest = {event.conversation_id: event for event in events}
        conversations = list(Conversation.objects.filter(pk__in=newest).select_related("account", "channel"))
        samples = {one.pk for one in conversations if one.channel.is_sample}
        told = [event for event in events if event.conversation_id not in samples]
        refresh(conversations)
        posts = posts_to_draw(conversations, newest)
        by_conversation: Posts = {}
        for post in posts:
            by_conversation.setdefault(post.conversation_id or 0, []).append(post)
        deliveries = [*posts, *talk_to_deliver(told, by_conversation), *reply_deliveries(told)]
        Delivery.objects.bulk_create(deliveries, ignore_conflicts=True)
        put_questions(told)
        follow(told)
        ConversationEvent.objects.filter(pk__in=[event.pk for event in events]).update(published_at=timezone.now())
    draw_homes_anew(told)
    return len(events)


def deliver() -> int:
    """Send some of what is due. Answers how many were taken up."""
    claimed = list(Delivery.objects.filter(pk__in=_claim()).select_related("installation").order_by("pk"))
    posts = Link.objects.filter(kind=LinkKind.TRIAGE_POST, conversation__deliveries__in=claimed)
    shown = set(posts.values_list("conversation_id", "place"))
    held: dict[tuple[int, str, str, bool], datetime] = {}
    for delivery in claimed:
        is_shown = (delivery.conversation_id, delivery.place) in shown
        line = delivery.installation_id, delivery.kind, delivery.place, is_shown
        if not _still_ours(delivery):
            continue
        if line in held:
            held[line] += APART
            put_back(delivery, until=held[line])
        elif until := _send(delivery, is_shown=is_shown):
            held[line] = until
    return len(claimed)


def seconds_to_next() -> float | None:
    """Until something more is due; None when nothing waits for its time."""
    waiting = Delivery.objects.filter(state=DeliveryState.PENDING, link=None, next_attempt_at__gt=timezone.now())
    first = waiting.aggregate(first=Min("next_attempt_at"))["first"]
    return (first - timezone.now()).total_seconds() if first else None


def _claim() -> list[int]:
    """Mark due deliveries as in flight; those of tickets go their own way (`tools/working.py`).

    Of one conversation and place only the oldest: the newer would race it, and
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
                WHERE due.link_id IS NULL
                  AND ((due.state = 'pending' AND due.next_attempt_at <= %(now)s)
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


def _send(delivery: Delivery, *, is_shown: bool) -> datetime | None:
    """Answers until when it is too early, if it is."""
    began = time.monotonic()
    try:
        answer = send(delivery)
    except SlackError as error:
        if error.code != PACED:  # then nothing was tried
            note(delivery, error.code, began=began)
        if error.retry_after is not None:
            until = timezone.now() + timedelta(seconds=error.retry_after)
            hold_back(delivery, error.code, until=until, is_shown=is_shown)
            tell_writer(delivery, error.code)
            return until
        _failed(delivery, error.code, is_permanent=error.permanent)
    except Exception as error:
        # The edge: the error is kept on the delivery, which is tried again; the others go on.
        log.error("a delivery could not be made", delivery=delivery.pk, exc_info=error)
        said = f"{type(error).__name__}: {error}"
        note(delivery, said, began=began)
        _failed(delivery, said, is_permanent=False)
    else:
        note(delivery, SENT, began=began)
        done(delivery, answer)
    return None


def _failed(delivery: Delivery, error: str, *, is_permanent: bool) -> None:
    with transaction.atomic():  # a reply is not to look as if on its way when its delivery was given up
        failed(delivery, error, is_permanent=is_permanent)
        tell_writer(delivery, error)
