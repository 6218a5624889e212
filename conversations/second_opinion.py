"""A later, better answer to what was decided offline, taken over unless somebody acted or wrote meanwhile.

Each is decided under the locks of an incoming message, in the same order: the channel, then its conversations.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.utils import timezone

from conversations.announce import announce
from conversations.models import Automatic, Conversation, ConversationEvent, EventKind, Message
from conversations.regrouping import carry, lead, lock, open_beside, record, reread, said, with_threads
from conversations.replies import ReplyKind
from conversations.status import Status

SPOKEN = (EventKind.MESSAGE_ADDED, EventKind.MESSAGE_EDITED, EventKind.MESSAGE_DELETED)
"""Events that have a teammate's name because the teammate spoke, not because the teammate acted on the conversation."""


class Outcome(StrEnum):
    USED = "used"
    AGREED = "agreed"
    LATE = "late"


def settle_place(*, message: Message, to: int | None, by: Automatic) -> Outcome:
    """Move a message, as the caller knows it, to where it belongs: a conversation's id, or None for a new one.

    Late: a person has acted on either conversation, the message is elsewhere by now, or its conversation has gone on,
    so that what was said after it would be left without it.
    """
    with transaction.atomic():
        rows = lock(message.conversation.channel, {message.conversation_id, *([to] if to else [])})
        source, target = rows[message.conversation_id], rows.get(to) if to else None
        if (to and target is None) or any(one.merged_into_id for one in rows.values()):
            return Outcome.LATE
        chosen = with_threads([message], source)
        if [one.pk for one in chosen] != [message.pk] or chosen[0].deleted_at:
            return Outcome.LATE
        is_alone = said(source).count() == 1
        if source is target or (to is None and is_alone):
            return Outcome.AGREED
        if said(source).filter(sent_at__gt=message.sent_at).exists() or _touched(rows, since=message.created_at):
            return Outcome.LATE
        _move(chosen[0], source, target, by, is_alone=is_alone)
    return Outcome.USED


def settle_reading(*, message: Message, kind: ReplyKind, by: Automatic) -> Outcome:
    """Put a conversation where our newest reply leaves it.

    Late: a person has acted on it, or something was said since.
    """
    with transaction.atomic():
        conversation = lock(message.conversation.channel, [message.conversation_id])[message.conversation_id]
        newest = said(conversation).order_by("sent_at", "pk").last()
        if newest is None or newest.pk != message.pk or newest.deleted_at:
            return Outcome.LATE
        status = _left_at(message, conversation, kind)
        if status == conversation.status:
            return Outcome.AGREED
        at = max(timezone.now(), conversation.last_message_at)
        event = conversation.move(status, by=by, at=at, message=message)
        if event is None or _touched([conversation.pk], since=message.created_at):
            return Outcome.LATE
        # On record as a decision of its own: so it still counts when a late message has all be decided anew.
        event.message = None
        event.save()
        conversation.version += 1
        conversation.save(
            update_fields=["status", "status_by_person", "status_changed_at", "closed_at", "waiting_since", "version"]
        )
        announce(conversation.workspace_id, [conversation.pk])
    return Outcome.USED


def _move(
    message: Message, source: Conversation, target: Conversation | None, by: Automatic, *, is_alone: bool
) -> None:
    """`is_alone`: nothing is left of the source, which is merged into the target."""
    opened = target is None
    target = target or open_beside(source, message)
    message.grouping_rule, message.grouping_reason = by.rule, by.reason
    message.grouping_score, message.grouping_runner_up = None, source
    carry([message], target, notes_of=source if is_alone else None)
    if is_alone:
        lead(source, target)
    changed = reread([source, target], by.reason)
    events = [target.event(EventKind.OPENED, by=by, at=target.opened_at, message=message)] if opened else []
    for kind, side, here, other in (
        (EventKind.MESSAGES_MOVED_OUT, "source", source, target),
        (EventKind.MESSAGES_MOVED_IN, "target", target, source),
    ):
        event = here.event(kind, by=by, at=max(timezone.now(), here.last_message_at))
        event.data = {"side": side, "count": 1, "other": other.number, "other_is_unsorted": False}
        events.append(event)
    record([*events, *changed])


def _left_at(message: Message, conversation: Conversation, kind: ReplyKind) -> Status:
    if kind is ReplyKind.CONCLUDES:
        return Status.CLOSED
    moved = ConversationEvent.objects.filter(message=message, kind=EventKind.STATUS_CHANGED).last()
    if kind is ReplyKind.UNRELATED and (moved is None or moved.data["from"] == Status.CLOSED):
        return Status(moved.data["from"] if moved else conversation.status)
    return Status.IN_PROGRESS


def _touched(conversations: Iterable[int], *, since: datetime) -> bool:
    """Whether a person has acted on one of them; by our clock, not Slack's."""
    acts = ConversationEvent.objects.filter(conversation__in=list(conversations), by_user__isnull=False)
    return acts.filter(created_at__gte=since).exclude(kind__in=SPOKEN).exists()
