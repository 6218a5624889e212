"""What goes on in the thread of a triage post, and to people directly: notes, what was said, reminders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias

from django.utils import timezone

from accounts.models import User
from accounts.quiet import quiet_until
from conversations.models import Conversation, ConversationEvent, EventKind, Message, MessageKind
from integrations.models import Delivery, DeliveryKind, Installation, Link, LinkKind, Provider
from integrations.slack.reminders import as_direct_message
from integrations.threads import threads_of

Posts: TypeAlias = dict[int, list[Delivery]]
"""By conversation, the deliveries of its triage posts."""


def talk_to_deliver(events: Sequence[ConversationEvent], posts: Posts) -> list[Delivery]:
    """What follows from these events, in the threads of those posts and to people."""
    shown = _shown(events)
    threads = threads_of({event.conversation_id for event in events if event.kind == EventKind.NOTE_ADDED})
    told: list[Delivery] = []
    for event in events:
        places = posts.get(event.conversation_id, [])
        match event.kind:
            case EventKind.NOTE_ADDED if _is_from_the_web(event.message):
                told += [_beside(post, event, DeliveryKind.NOTE) for post in places]
                told += [_in_thread(link, event) for link in threads.get(event.conversation_id, [])]
            case EventKind.MESSAGE_ADDED:  # a post that is not there yet will show it itself
                stories = [post for post in places if (event.conversation_id, post.place) in shown]
                told += [_beside(post, event, DeliveryKind.STORY) for post in stories]
            case EventKind.REMINDED:
                told += [_beside(post, event, DeliveryKind.REMINDER) for post in places]
                told += _direct_messages(event)
    return told


def direct_message(
    user: User,
    text: str,
    *,
    conversation: Conversation | None = None,
    event: ConversationEvent | None = None,
    at: datetime | None = None,
) -> Delivery | None:
    """To somebody of ours, after their quiet hours; None for who is not in Slack. `text` is Slack's, escaped."""
    installation = (
        Installation.objects.filter(workspace=user.workspace_id, provider=Provider.SLACK, revoked_at=None)
        .order_by("pk")
        .first()
    )
    if installation is None or not user.external_id or not user.is_active:
        return None
    at = at or timezone.now()
    return Delivery(
        workspace_id=user.workspace_id, installation=installation, conversation=conversation, event=event,
        kind=DeliveryKind.DIRECT_MESSAGE, place=user.external_id, request={"text": text},
        next_attempt_at=quiet_until(user, at) or at,
    )  # fmt: skip


def _beside(post: Delivery, event: ConversationEvent, kind: DeliveryKind) -> Delivery:
    return Delivery(
        workspace_id=post.workspace_id, installation_id=post.installation_id, conversation_id=post.conversation_id,
        event=event, kind=kind, place=post.place,
    )  # fmt: skip


def _in_thread(link: Link, event: ConversationEvent) -> Delivery:
    return Delivery(
        workspace_id=link.workspace_id, installation_id=link.installation_id, conversation_id=event.conversation_id,
        event=event, kind=DeliveryKind.NOTE, place=link.place, request={"thread": link.external_id},
    )  # fmt: skip


def _direct_messages(event: ConversationEvent) -> list[Delivery]:
    """To the owner; of what was escalated, to whom the target names as well."""
    conversation = event.conversation
    people = {user.pk: user for user in (conversation.owner, _escalated_to(event)) if user}
    text = as_direct_message(event)
    found = [direct_message(user, text, conversation=conversation, event=event) for user in people.values()]
    return [delivery for delivery in found if delivery]


def _escalated_to(event: ConversationEvent) -> User | None:
    pk = event.data.get("escalate_to")
    return User.objects.filter(workspace=event.workspace_id, pk=pk).first() if pk else None


def _shown(events: Sequence[ConversationEvent]) -> set[tuple[int, str]]:
    ids = {event.conversation_id for event in events if event.kind == EventKind.MESSAGE_ADDED}
    links = Link.objects.filter(conversation__in=ids, kind=LinkKind.TRIAGE_POST, ended_at=None)
    return set(links.values_list("conversation_id", "place"))


def _is_from_the_web(message: Message | None) -> bool:
    return message is not None and message.kind == MessageKind.NOTE and message.ts is None
