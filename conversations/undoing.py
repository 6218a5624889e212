"""Taking a change of the status back."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from conversations.models import Conversation, ConversationEvent, EventKind
from conversations.status import Status

NEWER = [
    EventKind.STATUS_CHANGED, EventKind.MESSAGE_ADDED, EventKind.MESSAGES_MOVED_IN, EventKind.MESSAGES_MOVED_OUT,
    EventKind.SPLIT_OFF, EventKind.MERGED, EventKind.CORRECTION_UNDONE,
]  # fmt: skip
"""After one of these the status before is no longer what anybody would go back to."""


def is_undoable(event: ConversationEvent) -> bool:
    """Whether it says from where the status came."""
    return event.kind == EventKind.STATUS_CHANGED and event.data.get("from") in set(Status.values)


def undo_status(conversation: Conversation, *, event_id: int, by: User) -> Conversation:
    """Back to the status before that event. Raises ValidationError, in words, once something newer has happened."""
    with transaction.atomic():
        # The row first: what is looked at must not change before the status does.
        Conversation.objects.select_for_update(no_key=True).get(pk=conversation.pk)
        event = conversation.events.filter(pk=event_id).first()
        if event is None or not is_undoable(event):
            raise ValidationError(_("There is nothing to take back."))
        newer = conversation.events.filter(kind__in=NEWER, pk__gt=event.pk)
        if event.message_id:  # what made the change came with it
            newer = newer.exclude(Q(kind=EventKind.MESSAGE_ADDED), message=event.message_id)
        if newer.exists():
            raise ValidationError(_("Something newer has happened since: change the status by hand."))
        return conversation.set_status(Status(event.data["from"]), by=by, reason="The change before was taken back")
