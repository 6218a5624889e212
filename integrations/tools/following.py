"""From what happened to conversations to the tools that they are connected with."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from conversations.models import ConversationEvent
from integrations.models import Link, LinkKind
from integrations.tools.linking import connect_new
from integrations.tools.moving import revive_after, tell_moves
from integrations.tools.tasks import work_links
from integrations.wake import wake


def follow(events: Sequence[ConversationEvent]) -> None:
    """Within the transaction that counts the events as published."""
    revive_after(events)
    tell_moves(events)
    connect_new(events)
    touched = {event.conversation_id for event in events}
    links = Link.objects.filter(Q(conversation__in=touched) | Q(origin__in=touched), kind=LinkKind.TICKET)
    if links.filter(ended_at=None).update(due_at=timezone.now()):
        transaction.on_commit(partial(wake, work_links))
