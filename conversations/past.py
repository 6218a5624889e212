"""Conversations of which we learn when they have long been over: what a channel's past brings in.

They are kept, counted and found like any other, but nobody is told of them and none waits for an answer.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import DateTimeField, Exists, ExpressionWrapper, OuterRef
from django.utils import timezone

from accounts.models import Channel
from conversations.announce import announce
from conversations.models import Automatic, Conversation, ConversationEvent, EventKind
from conversations.models.conversation import ConversationQuerySet
from conversations.status import Status
from conversations.writing import insert_rows, update_rows

PAST = Automatic("history", "From the channel’s past")
CHANGED = ["status", "status_by_person", "status_changed_at", "closed_at", "waiting_since", "version"]


def hush_past(*, channel: Channel, conversation_ids: Collection[int], quiet: timedelta) -> None:
    """Count what has happened in these as told, where they are of the past. Within the transaction that made them."""
    past = _past(channel, quiet).filter(pk__in=conversation_ids)
    ConversationEvent.objects.filter(conversation__in=past, published_at=None).update(published_at=timezone.now())


def close_past(*, channel: Channel, quiet: timedelta, until: datetime) -> int:
    """Close those of the past in which nothing was said since `until`. Answers their number.

    Each counts as closed when its last message was sent.
    """
    with transaction.atomic():
        Channel.objects.select_for_update(no_key=True).get(pk=channel.pk)
        open_ones = _past(channel, quiet).unclosed().filter(is_unsorted=False, last_message_at__lt=until)
        closed, events = [], []
        for one in Conversation.objects.select_for_update(no_key=True).filter(pk__in=open_ones).order_by("pk"):
            event = one.move(Status.CLOSED, by=PAST, at=one.last_message_at)
            if event:
                event.published_at = timezone.now()
                one.version += 1
                closed.append(one)
                events.append(event)
        update_rows(closed, CHANGED)
        insert_rows(events)
        announce(channel.workspace_id, [one.pk for one in closed])
    return len(closed)


def _past(channel: Channel, quiet: timedelta) -> ConversationQuerySet:
    """Those that had been quiet for so long when we learned of them."""
    over = ExpressionWrapper(OuterRef("last_message_at") + quiet, output_field=DateTimeField())
    opened = ConversationEvent.objects.filter(conversation=OuterRef("pk"), kind=EventKind.OPENED)
    return Conversation.objects.filter(
        Exists(opened.filter(created_at__gt=over)),
        ~Exists(opened.filter(created_at__lte=over)),
        channel=channel,
        last_message_at__lt=timezone.now() - quiet,
    )
