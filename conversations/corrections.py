"""What people put right about the grouping: move, split, merge, and take back. Each is kept as a label.

Of one channel only: a message was said where it was said. A Slack thread moves as a whole. What people decided about
a status stands unless newer messages came; the rest follows from the messages.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.roles import require_change
from conversations.decision import BY_PERSON
from conversations.models import Conversation, ConversationEvent, Correction, CorrectionKind, EventKind, Message
from conversations.models.message import MessageKind
from conversations.regrouping import carry, lead, lock, open_beside, record, reread, said, with_threads


def move_messages(*, messages: Sequence[Message], to: Conversation, by: User) -> Correction:
    """Take messages of one conversation, with their threads, into another of the channel.

    A conversation of which nothing is left is merged into the other. ValidationError, in words, where it can't be.
    """
    require_change(by)
    with transaction.atomic():
        source, target = _locked_pair(_home_of(messages, by), to, by)
        return _correct(CorrectionKind.MOVE, _chosen(messages, source), source, target, by)


def split_off(*, messages: Sequence[Message], by: User) -> Correction:
    """Make a conversation of some messages of another one, or of some that were in none. The new one is the
    correction's `target`."""
    require_change(by)
    with transaction.atomic():
        home = _home_of(messages, by)
        source = lock(home.channel, [home.pk])[home.pk]
        chosen = _chosen(messages, source)
        if not source.is_unsorted and len(chosen) == said(source).count():
            raise ValidationError(_("Nothing would stay behind: with their threads these are all its messages."))
        target = open_beside(source, chosen[0])
        opened = target.event(EventKind.OPENED, by=by, at=target.opened_at, message=chosen[0], reason=_origin(source))
        return _correct(CorrectionKind.SPLIT, chosen, source, target, by, opened)


def merge(*, source: Conversation, target: Conversation, by: User) -> Correction:
    """Take all of a conversation, its notes included, into another; its address leads there from now on."""
    require_change(by)
    with transaction.atomic():
        if source.workspace_id != by.workspace_id:
            raise ValidationError(_("This conversation is of another workspace."))
        source, target = _locked_pair(source, target, by)
        if source.is_unsorted:
            raise ValidationError(_("These messages are in no conversation: choose which of them to move."))
        chosen = list(said(source).order_by("sent_at", "pk"))
        if not chosen:
            raise ValidationError(_("#%(number)s holds no messages.") % {"number": source.number})
        return _correct(CorrectionKind.MERGE, chosen, source, target, by)


def undo(*, correction: Correction, by: User) -> Correction:
    """Put everything back as it was placed; what came since stays with its thread, or where it came.

    ValidationError says why where what happened since stands against it.
    """
    require_change(by)
    if correction.workspace_id != by.workspace_id:
        raise ValidationError(_("This correction is of another workspace."))
    with transaction.atomic():
        rows = lock(correction.source.channel, [correction.source_id, correction.target_id])
        correction = Correction.objects.select_for_update().get(pk=correction.pk)
        if correction.undone_at:
            return correction
        source, target = rows[correction.source_id], rows[correction.target_id]
        returning = _returning(correction, source, target)
        for message in returning:
            _restore(message, correction.before.get(str(message.pk)))
        carry(returning, source)
        lead(source, None)
        if not said(target).exists():
            carry([], source, notes_of=target)
            lead(target, source)
        changed = reread([source, target], f"{by.get_short_name()} took a correction back")
        correction.undone_at, correction.undone_by = timezone.now(), by
        correction.save(update_fields=["undone_at", "undone_by"])
        record([*_undone(correction, source, target, by), *changed])
    return correction


# What all of them are made of ─────────────────────────────────────────────────────────────────────────


def _correct(
    kind: CorrectionKind, messages: list[Message], source: Conversation, target: Conversation, by: User,
    *opened: ConversationEvent,
) -> Correction:  # fmt: skip
    before: dict[str, Any] = {str(message.pk): _placement(message) for message in messages}
    words = {
        CorrectionKind.MOVE: "moved it here", CorrectionKind.SPLIT: "made a conversation of it",
        CorrectionKind.MERGE: f"merged #{source.number} into this",
    }  # fmt: skip
    for message in messages:
        message.grouping_rule, message.grouping_score = BY_PERSON, 1.0
        message.grouping_reason = f"{by.get_short_name()} {words[kind]}"
        message.grouping_runner_up = None if source.is_unsorted else source
    is_emptied = not source.is_unsorted and len(messages) == said(source).count()
    notes = carry(messages, target, notes_of=source if is_emptied else None)
    before |= {str(pk): {"note": True} for pk in notes}
    if is_emptied:
        lead(source, target)
    changed = reread([source, target], f"{by.get_short_name()} {_done(kind)}")
    correction = Correction.objects.create(
        workspace_id=source.workspace_id, kind=kind, source=source, target=target, before=before, by_user=by
    )
    record([*opened, *_told(correction, source, target, messages, by), *changed])
    return correction


def _told(
    correction: Correction, source: Conversation, target: Conversation, messages: list[Message], by: User
) -> list[ConversationEvent]:
    """The events on both sides."""
    kinds = {
        CorrectionKind.MOVE: (EventKind.MESSAGES_MOVED_OUT, EventKind.MESSAGES_MOVED_IN),
        CorrectionKind.SPLIT: (EventKind.SPLIT_OFF, EventKind.MESSAGES_MOVED_IN),
        CorrectionKind.MERGE: (EventKind.MERGED, EventKind.MERGED),
    }
    away, here = kinds[CorrectionKind(correction.kind)]
    return [
        _event(away, correction, source, target, by, side="source", count=len(messages)),
        _event(here, correction, target, source, by, side="target", count=len(messages)),
    ]


def _undone(correction: Correction, source: Conversation, target: Conversation, by: User) -> list[ConversationEvent]:
    kind = EventKind.CORRECTION_UNDONE
    return [
        _event(kind, correction, source, target, by, side="source", count=len(correction.before)),
        _event(kind, correction, target, source, by, side="target", count=len(correction.before)),
    ]


def _event(
    kind: EventKind, correction: Correction, of: Conversation, other: Conversation, by: User, *, side: str, count: int
) -> ConversationEvent:
    event = of.event(kind, by=by, at=max(timezone.now(), of.last_message_at))
    event.data = {
        "correction": correction.pk, "kind": correction.kind, "side": side, "count": count,
        "other": other.number, "other_is_unsorted": other.is_unsorted,
    }  # fmt: skip
    return event


# What may be corrected ────────────────────────────────────────────────────────────────────────────────


def _home_of(messages: Sequence[Message], by: User) -> Conversation:
    if not messages:
        raise ValidationError(_("Choose a message first."))
    if any(message.workspace_id != by.workspace_id for message in messages):
        raise ValidationError(_("These messages are of another workspace."))
    if any(message.kind == MessageKind.NOTE for message in messages):
        raise ValidationError(_("An internal note stays with its conversation."))
    if len({message.conversation_id for message in messages}) > 1:
        raise ValidationError(_("Choose messages of one conversation."))
    return messages[0].conversation


def _locked_pair(source: Conversation, target: Conversation, by: User) -> tuple[Conversation, Conversation]:
    if target.workspace_id != by.workspace_id:
        raise ValidationError(_("That conversation is of another workspace."))
    if source.pk == target.pk:
        raise ValidationError(_("This is #%(number)s already.") % {"number": target.number})
    if source.channel_id != target.channel_id:
        message = _("#%(number)s is of another channel, %(channel)s: a message stays in its own.")
        raise ValidationError(message % {"number": target.number, "channel": target.channel})
    rows = lock(source.channel, [source.pk, target.pk])
    source, target = rows[source.pk], rows[target.pk]
    if target.is_unsorted:
        raise ValidationError(_("Messages can’t be put to those that are in no conversation."))
    for one in (source, target):
        if one.merged_into_id:
            message = _("#%(number)s has been merged into another conversation meanwhile.")
            raise ValidationError(message % {"number": one.number})
    return source, target


def _chosen(messages: Sequence[Message], source: Conversation) -> list[Message]:
    chosen = with_threads(messages, source)
    if {message.pk for message in messages} - {message.pk for message in chosen}:
        raise ValidationError(_("Somebody moved a message out of #%(number)s meanwhile.") % {"number": source.number})
    return chosen


# There and back ───────────────────────────────────────────────────────────────────────────────────────


def _placement(message: Message) -> dict[str, Any]:
    return {
        "rule": message.grouping_rule, "reason": message.grouping_reason, "score": message.grouping_score,
        "runner_up": message.grouping_runner_up_id,
    }  # fmt: skip


def _restore(message: Message, before: dict[str, Any] | None) -> None:
    """None: it came since, in a thread that goes back."""
    if before is None or "note" in before:
        return
    message.grouping_rule, message.grouping_reason = before["rule"], before["reason"]
    message.grouping_score, message.grouping_runner_up_id = before["score"], before["runner_up"]


def _returning(correction: Correction, source: Conversation, target: Conversation) -> list[Message]:
    """What goes back: what was moved, and what came into its threads since."""
    moved = list(Message.objects.filter(pk__in=map(int, correction.before)))
    if target.merged_into_id or any(message.conversation_id != target.pk for message in moved):
        raise ValidationError(_("Some of it was moved again since: take that back first."))
    if source.merged_into_id and source.merged_into_id != target.pk:
        told = _("#%(number)s has been merged into another conversation since: take that back first.")
        raise ValidationError(told % {"number": source.number})
    notes = [message for message in moved if message.kind == MessageKind.NOTE]
    returning = with_threads([message for message in moved if message.kind != MessageKind.NOTE], target)
    since = said(target).count() - len(returning)
    if correction.kind == CorrectionKind.SPLIT and since:
        told = ngettext(
            "A message has come into #%(target)d since. Merge it into #%(source)d instead, or move it first.",
            "%(count)d messages have come into #%(target)d since. "
            "Merge it into #%(source)d instead, or move them first.",
            since,
        )
        raise ValidationError(told % {"count": since, "target": target.number, "source": source.number})
    return returning + notes


def _origin(source: Conversation) -> str:
    return f"From the messages of {source.channel}" if source.is_unsorted else f"Split off from #{source.number}"


def _done(kind: CorrectionKind) -> str:
    return {"move": "moved messages", "split": "split a conversation", "merge": "merged two conversations"}[kind]
