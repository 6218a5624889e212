"""From what happened to what is asked: a ModelCall for each decision that is unsure enough, and one for the description
of each conversation that has changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from django.utils import timezone

from conversations.models import Conversation, ConversationEvent, EventKind, Message, MessageKind
from conversations.refining import is_unsure_place, is_unsure_reading
from conversations.replies import classify_reply
from conversations.status import Status
from integrations.models import ModelAnswer, ModelCall, ModelPurpose
from integrations.openai.client import is_configured

NEWS: Final = timedelta(hours=1)
"""What was sent longer ago comes from a channel's past, or late: nobody waits for a better decision about it."""
TOLD_ANEW: Final = frozenset(
    {
        EventKind.MESSAGE_ADDED, EventKind.MESSAGE_EDITED, EventKind.MESSAGE_DELETED, EventKind.MESSAGES_MOVED_IN,
        EventKind.MESSAGES_MOVED_OUT, EventKind.MERGED, EventKind.CORRECTION_UNDONE,
    }
)  # fmt: skip
"""After these a description may be wrong."""


def put_questions(events: Sequence[ConversationEvent]) -> int:
    """Store what the model is to be asked after these events. Answers the number of questions; 0 without a model."""
    _forget({event.conversation_id for event in events if event.kind == EventKind.MESSAGE_DELETED})
    if not is_configured():
        return 0
    added = {event.message_id for event in events if event.kind == EventKind.MESSAGE_ADDED and event.message_id}
    new = Message.objects.filter(pk__in=added, sent_at__gt=timezone.now() - NEWS, deleted_at=None)
    calls = [
        ModelCall(workspace_id=message.workspace_id, conversation_id=message.conversation_id, message=message,
                  purpose=purpose)
        for message in new.exclude(kind=MessageKind.NOTE).select_related("conversation")
        if (purpose := _doubt(message))
    ]  # fmt: skip
    # One that is known already has been asked: an event may be published twice.
    ModelCall.objects.bulk_create(calls, ignore_conflicts=True)
    return len(calls) + _put_descriptions({event.conversation_id for event in events if event.kind in TOLD_ANEW})


def _forget(conversations: set[int]) -> None:
    """Earlier answers may repeat what was deleted."""
    if conversations:
        ModelCall.objects.filter(conversation__in=conversations).update(answer={})


def _doubt(message: Message) -> ModelPurpose | None:
    """One question at most: where a reply of ours belongs comes before what it does there."""
    if is_unsure_place(message.grouping_rule, message.grouping_score):
        return ModelPurpose.GROUPING
    answers = message.kind == MessageKind.OUTBOUND and message.conversation.first_response_at is not None
    if answers and is_unsure_reading(message.text, classify_reply(message.text)):
        return ModelPurpose.STATUS
    return None


def _put_descriptions(conversations: set[int]) -> int:
    """One waiting question per conversation, about its newest message: each further message puts it off."""
    if not conversations:
        return 0
    now = timezone.now()
    told = Conversation.objects.filter(pk__in=conversations, is_unsorted=False, last_message_at__gt=now - NEWS)
    # What we said unasked describes itself.
    concerning = told.exclude(status=Status.CLOSED, first_response_at=None, status_by_person=False)
    newest = (
        Message.objects.filter(conversation__in=concerning, deleted_at=None)
        .exclude(kind=MessageKind.NOTE)
        .order_by("conversation", "-sent_at", "-pk")
        .distinct("conversation")
    )
    calls = [
        ModelCall(
            workspace_id=message.workspace_id, conversation_id=message.conversation_id, message=message,
            purpose=ModelPurpose.DESCRIPTION, created_at=now,
        )
        for message in newest
    ]  # fmt: skip
    waiting = ModelCall.objects.filter(
        conversation__in=[call.conversation_id for call in calls],
        purpose=ModelPurpose.DESCRIPTION,
        state=ModelAnswer.WAITING,
    )
    waiting.exclude(message__in=[call.message_id for call in calls]).delete()
    # Its newest message may be one it was described after already: then an older one was changed or moved.
    ModelCall.objects.bulk_create(
        calls,
        update_conflicts=True,
        unique_fields=["message", "purpose"],
        update_fields=["conversation", "state", "created_at", "attempts", "claimed_at", "finished_at"],
    )
    return len(calls)
