"""Internal notes that were written elsewhere, and are changed there."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F

from conversations.announce import announce
from conversations.excerpts import clean
from conversations.models import Conversation, EventKind, Message, MessageKind
from conversations.services import FORMER_LENGTH


def reword_note(note: Message, *, text: str, at: datetime) -> Message:
    """Take a new wording over; a deleted one stays deleted."""
    with transaction.atomic():
        fresh = _locked(note)
        text = clean(text)
        if fresh.deleted_at or fresh.text == text:
            return fresh
        before, fresh.text, fresh.html, fresh.edited_at = fresh.text, text, "", at
        fresh.save(update_fields=["text", "html", "edited_at"])
        _tell(fresh, EventKind.MESSAGE_EDITED, at=at, data={"before": before[:FORMER_LENGTH]})
    return fresh


def remove_note(note: Message, *, at: datetime) -> Message:
    """Show it no more; what it said goes where the workspace keeps no deleted messages."""
    with transaction.atomic():
        fresh = _locked(note)
        if fresh.deleted_at:
            return fresh
        fresh.deleted_at = at
        if fresh.conversation.workspace.forgets_deleted:
            fresh.text, fresh.html, fresh.files = "", "", []
            fresh.events.filter(kind=EventKind.MESSAGE_EDITED).update(data={})
        fresh.save(update_fields=["deleted_at", "text", "html", "files"])
        _tell(fresh, EventKind.MESSAGE_DELETED, at=at, data={})
    return fresh


def _locked(note: Message) -> Message:
    if note.kind != MessageKind.NOTE:
        raise ValueError(f"message {note.pk} is no note")
    Conversation.objects.select_for_update(no_key=True).get(pk=note.conversation_id)
    return Message.objects.select_related("conversation__workspace", "author_user").get(pk=note.pk)


def _tell(note: Message, kind: EventKind, *, at: datetime, data: dict[str, str]) -> None:
    event = note.conversation.event(kind, by=note.author_user, at=at, message=note)
    event.data = data
    event.save()
    Conversation.objects.filter(pk=note.conversation_id).update(version=F("version") + 1)
    announce(note.workspace_id, [note.conversation_id])
