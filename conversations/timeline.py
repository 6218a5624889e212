"""A conversation as it is read: messages, internal notes and what happened, in one order of time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q

from accounts.models import Contact
from conversations.board import Key
from conversations.models import Conversation, ConversationEvent, Correction, EventKind, Message
from conversations.sentences import reason, sentence, until
from conversations.status import Status
from conversations.why import Why, why

PAGE = 200
"""Messages, and events, that are read at once."""
TOLD = (
    EventKind.OPENED, EventKind.STATUS_CHANGED, EventKind.OWNER_CHANGED, EventKind.ACCOUNT_CHANGED,
    EventKind.MESSAGES_MOVED_IN, EventKind.MESSAGES_MOVED_OUT, EventKind.SPLIT_OFF, EventKind.MERGED,
    EventKind.CORRECTION_UNDONE, EventKind.PRIORITY_CHANGED, EventKind.TAGS_CHANGED, EventKind.SNOOZED,
    EventKind.WOKEN, EventKind.REMINDED,
)  # fmt: skip
"""Other kinds are seen on the message itself; its edits are told there too."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A message, or a sentence about something that happened with its reason."""

    at: datetime
    kind: str
    message: Message | None = None
    sentence: str = ""
    until: datetime | None = None
    """The moment with which the sentence ends."""
    reason: str = ""
    status: str = ""
    edits: list[ConversationEvent] = field(default_factory=list)
    """Of the message, newest first, each with the wording `before` it in its data."""
    correction: Correction | None = None
    other: Conversation | None = None
    """The other conversation of a correction."""
    why: Why | None = None
    """Of a status that a rule set."""
    revert_to: Status | None = None
    """The status before the newest change, where a rule made it."""


@dataclass(frozen=True, slots=True)
class Timeline:
    entries: list[Entry]
    earlier: Key | None
    """Where the part before this one ends, when there is one."""
    is_newest: bool


def read(conversation: Conversation, *, before: Key | None = None) -> Timeline:
    """The newest messages, or those before a key, with what happened among them. Two queries, or three
    where some were edited."""
    messages = conversation.messages.select_related("author_user", "author_contact", "grouping_runner_up", "reply")
    events = conversation.events.filter(kind__in=TOLD).select_related("by_user", "by_contact", "message")
    if before:
        messages = messages.filter(Q(sent_at__lt=before.at) | Q(sent_at=before.at, pk__lt=before.id))
        events = events.filter(happened_at__lt=before.at)
    newest = list(messages.order_by("-sent_at", "-pk")[: PAGE + 1])
    shown = newest[:PAGE]
    earlier = Key(shown[-1].sent_at, shown[-1].pk) if len(newest) > PAGE else None
    if earlier:
        events = events.filter(happened_at__gte=earlier.at)
    happened = list(events.order_by("-happened_at", "-pk")[:PAGE])
    corrections = _corrections(happened)
    revertible = _revertible(conversation, happened) if before is None else None
    entries = [_entry(event, corrections, revertible) for event in reversed(happened)]
    edits = _edits(shown)
    entries += [Entry(m.sent_at, m.kind, message=m, edits=edits[m.pk]) for m in reversed(shown)]
    # A stable sort: what happened is told before the message of the same moment only where it opened the matter.
    entries.sort(key=lambda entry: (entry.at, entry.kind != EventKind.OPENED, entry.message is None))
    return Timeline(entries, earlier, before is None)


def contacts(conversation: Conversation) -> list[Contact]:
    """Who of the customer wrote in it."""
    wrote = Message.objects.filter(conversation=conversation, author_contact__isnull=False)
    return list(Contact.objects.filter(pk__in=wrote.values("author_contact")).order_by("name", "pk")[:8])


def _edits(messages: Sequence[Message]) -> dict[int, list[ConversationEvent]]:
    """Of a deleted message none are told."""
    found: dict[int, list[ConversationEvent]] = defaultdict(list)
    edited = [message.pk for message in messages if message.edited_at and not message.deleted_at]
    if edited:
        events = ConversationEvent.objects.filter(kind=EventKind.MESSAGE_EDITED, message__in=edited)
        for event in events.select_related("by_user", "by_contact").order_by("-happened_at", "-pk"):
            found[event.message_id or 0].append(event)
    return found


def _corrections(events: Sequence[ConversationEvent]) -> dict[int, Correction]:
    ids = {event.data["correction"] for event in events if "correction" in event.data}
    return Correction.objects.select_related("source", "target").in_bulk(ids) if ids else {}


def _revertible(conversation: Conversation, newest: Sequence[ConversationEvent]) -> ConversationEvent | None:
    """The change of status that holds now, where a rule made it."""
    change = next((event for event in newest if event.kind == EventKind.STATUS_CHANGED), None)
    return change if change and change.by_rule and change.data.get("to") == conversation.status else None


def _entry(
    event: ConversationEvent, corrections: Mapping[int, Correction], revertible: ConversationEvent | None
) -> Entry:
    correction = corrections.get(event.data.get("correction", 0))
    other = None
    if correction:
        other = correction.target if event.data["side"] == "source" else correction.source
    return Entry(
        event.happened_at, event.kind, sentence=sentence(event), until=until(event), reason=reason(event),
        status=str(event.data.get("to", "")) if event.kind == EventKind.STATUS_CHANGED else "",
        correction=correction, other=other, why=why(event),
        revert_to=Status(event.data["from"]) if event is revertible and event.data.get("from") else None,
    )  # fmt: skip
