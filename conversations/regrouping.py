"""Taking messages from one conversation into another, and reading both anew: for people, and for the model.

Everything happens under the channel's lock, then the conversations' by their ids: the order of an incoming message.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import Channel
from conversations import status
from conversations.announce import announce
from conversations.models import Automatic, Conversation, ConversationEvent, EventKind, Message, MessageKind
from conversations.recall import read_histories
from conversations.status import Status
from conversations.writing import insert_rows

REREAD = [
    "title", "titled_at", "status", "status_by_person", "status_changed_at", "opened_at", "waiting_since",
    "first_response_at", "closed_at", "last_message_at", "last_message_text", "last_message_author",
    "last_message_inbound", "message_count", "version",
]  # fmt: skip
"""What follows from a conversation's messages."""


def lock(channel: Channel, ids: Collection[int]) -> dict[int, Conversation]:
    """Lock the channel and these conversations of it, and read them afresh."""
    Channel.objects.select_for_update(no_key=True).get(pk=channel.pk)
    rows = Conversation.objects.select_for_update(of=("self",), no_key=True).filter(channel=channel, pk__in=ids)
    return {row.pk: row for row in rows.select_related("workspace", "channel").order_by("pk")}


def with_threads(messages: Iterable[Message], conversation: Conversation) -> list[Message]:
    """These messages as they are now and, because a Slack thread is one matter, all of their threads; in order."""
    chosen = said(conversation).filter(pk__in=[message.pk for message in messages])
    roots = {thread_ts or ts for thread_ts, ts in chosen.values_list("thread_ts", "ts")}
    found = said(conversation).filter(Q(ts__in=roots) | Q(thread_ts__in=roots))
    return list(found.order_by("sent_at", "pk"))


def said(conversation: Conversation) -> QuerySet[Message]:
    """The talk with the customer, notes apart."""
    return conversation.messages.exclude(kind=MessageKind.NOTE)


def open_beside(source: Conversation, first: Message) -> Conversation:
    """A conversation for messages that were in another one, of which this is the first."""
    return Conversation.objects.create(
        workspace_id=source.workspace_id, channel=source.channel, account_id=source.account_id,
        owner_id=source.channel.owner_id if source.is_unsorted else source.owner_id,
        number=source.workspace.take_numbers(1)[0], status=Status.TODO, status_changed_at=first.sent_at,
        opened_at=first.sent_at, last_message_at=first.sent_at,
    )  # fmt: skip


def carry(messages: Collection[Message], target: Conversation, *, notes_of: Conversation | None = None) -> list[int]:
    """Put messages, as they are in memory, into `target`; with `notes_of` that conversation's notes too. Answers the
    notes' ids."""
    for message in messages:
        message.conversation = target
    fields = ["conversation", "grouping_rule", "grouping_reason", "grouping_score", "grouping_runner_up"]
    Message.objects.bulk_update(messages, fields, batch_size=500)
    if notes_of is None:
        return []
    notes = notes_of.messages.filter(kind=MessageKind.NOTE)
    ids = list(notes.values_list("pk", flat=True))
    notes.update(conversation=target)
    return ids


def lead(conversation: Conversation, to: Conversation | None) -> None:
    """Have the address of one that was emptied lead where its messages went; None: it holds messages again."""
    conversation.merged_into = to
    conversation.save(update_fields=["merged_into"])


def reread(conversations: Collection[Conversation], why: str) -> list[ConversationEvent]:
    """Let each stand, read and count as its messages say, what people decided included, and save it. Answers the
    unsaved events of those whose status changed."""
    histories = read_histories(conversations)
    events = []
    for conversation in conversations:
        before = conversation.status
        newest = recount(conversation)
        if newest and not conversation.is_unsorted:
            standing, _ = status.fold(histories[conversation.pk])
            conversation.stand(standing)
        else:
            _rest(conversation)
        if conversation.status != before and newest:
            # With the message of which it is a consequence: without one it would count as somebody's decision.
            at = max(conversation.status_changed_at, conversation.last_message_at)
            event = conversation.event(EventKind.STATUS_CHANGED, by=Automatic("regrouped", why), at=at, message=newest)
            event.data = {"from": before, "to": conversation.status}
            events.append(event)
        conversation.version += 1
        conversation.save(update_fields=REREAD)
    return events


def recount(conversation: Conversation) -> Message | None:
    """What the card shows, from the messages; answers the newest."""
    messages = said(conversation).order_by("sent_at", "pk")
    conversation.message_count = messages.count()
    first, last = messages.first(), messages.last()
    if first is None or last is None:
        return None
    conversation.opened_at = first.sent_at
    conversation.last_message_at, conversation.last_message_text = last.sent_at, last.excerpt
    conversation.last_message_author = last.author_name
    conversation.last_message_inbound = last.kind == MessageKind.INBOUND
    if not conversation.is_unsorted:
        conversation.retitle()
    return last


def record(events: list[ConversationEvent]) -> None:
    """Save the events and tell who listens."""
    insert_rows(events)
    if events:
        announce(events[0].workspace_id, sorted({event.conversation_id for event in events}))


def follow_merges(conversation: Conversation) -> Conversation:
    """Where its messages are now."""
    seen = {conversation.pk}
    while conversation.merged_into and conversation.merged_into.pk not in seen:
        conversation = conversation.merged_into
        seen.add(conversation.pk)
    return conversation


def _rest(conversation: Conversation) -> None:
    """Nobody waits here: there are no messages, or they are in no conversation."""
    if conversation.status != Status.CLOSED:
        conversation.status, conversation.status_changed_at = Status.CLOSED, timezone.now()
        conversation.closed_at = conversation.status_changed_at
    conversation.waiting_since = conversation.first_response_at = None
    conversation.status_by_person = False
