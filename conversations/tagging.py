"""Tags that are put on and taken off one by one, and those that are in use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from django.db import transaction

from conversations.models import Actor, Conversation

LATELY = 1_000
"""Conversations whose tags are offered, the newest."""
OFFERED = 50


def retag(
    conversation: Conversation, *, add: Collection[str] = (), remove: Collection[str] = (), by: Actor
) -> Conversation:
    """Of two people who do it at once neither takes the other's tag off. ValidationError as `Conversation.tag`."""
    with transaction.atomic():
        fresh = Conversation.objects.select_for_update(no_key=True).get(pk=conversation.pk)
        return conversation.tag([*(tag for tag in fresh.tags if tag not in remove), *add], by=by)


def tags_in_use(workspace_id: int) -> list[str]:
    """The workspace's commonest tags of late."""
    tagged = Conversation.objects.filter(workspace=workspace_id).exclude(tags=[])
    lists = tagged.order_by("-last_message_at").values_list("tags", flat=True)[:LATELY]
    return [tag for tag, _ in Counter(tag for tags in lists for tag in tags).most_common(OFFERED)]
