"""A conversation as it is read: messages, internal notes and what happened, in one order of time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from conversations.board import Key
from conversations.models import Conversation, ConversationEvent, Correction, EventKind, Message
from conversations.sentences import reason, sentence, until
from conversations.status import Status
from conversations.why import Why, why

PAGE = 60
"""Messages that are read at once."""
AGAIN = 400
"""Of a part that is drawn again; when it has grown longer, the newest page takes its place."""
EVENTS = 400
"""What happened among them is told up to here, the newest."""
BREATH = timedelta(minutes=5)
"""A message that follows its author's last one within this time goes on with it."""
BEGINNING = Key(datetime(1970, 1, 1, tzinfo=UTC), 0)
TOLD = (
    EventKind.OPENED, EventKind.STATUS_CHANGED, EventKind.OWNER_CHANGED, EventKind.ACCOUNT_CHANGED,
    EventKind.MESSAGES_MOVED_IN, EventKind.MESSAGES_MOVED_OUT, EventKind.SPLIT_OFF, EventKind.MERGED,
    EventKind.CORRECTION_UNDONE, EventKind.PRIORITY_CHANGED, EventKind.TAGS_CHANGED, EventKind.SNOOZED,
    EventKind.WOKEN, EventKind.REMINDED, EventKind.LINKED, EventKind.UNLINKED,
)  # fmt: skip
"""Other kinds are seen on the message itself; its edits are told there too."""
ICONS: Final = {
    EventKind.OPENED: "open", EventKind.OWNER_CHANGED: "owner", EventKind.ACCOUNT_CHANGED: "accounts",
    EventKind.MESSAGES_MOVED_IN: "merge", EventKind.MESSAGES_MOVED_OUT: "split", EventKind.SPLIT_OFF: "split",
    EventKind.MERGED: "merge", EventKind.CORRECTION_UNDONE: "reply", EventKind.PRIORITY_CHANGED: "priority-high",
    EventKind.TAGS_CHANGED: "tag", EventKind.SNOOZED: "snooze", EventKind.WOKEN: "snooze",
    EventKind.REMINDED: "waiting", EventKind.LINKED: "external", EventKind.UNLINKED: "external",
}  # fmt: skip


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
    icon: str = ""
    edits: list[ConversationEvent] = field(default_factory=list)
    """Of the message, newest first, each with the wording `before` it in its data."""
    correction: Correction | None = None
    other: Conversation | None = None
    """The other conversation of a correction."""
    why: Why | None = None
    """Of a status that a rule set."""
    revert_to: Status | None = None
    """The status before the newest change, where a rule made it."""
    goes_on: bool = False
    """Its author wrote the message before it too, just before."""
    is_first_new: bool = False
    """Here begins what the reader has not seen yet."""


@dataclass(frozen=True, slots=True)
class Unseen:
    """What others said after the reader last looked."""

    reader: User
    after: datetime

    def holds(self, entry: Entry) -> bool:
        message = entry.message
        return message is not None and message.author_user_id != self.reader.pk and message.created_at > self.after


@dataclass(frozen=True, slots=True)
class Timeline:
    entries: list[Entry]
    earlier: Key | None
    """Where the part before this one ends, when there is one."""
    is_newest: bool
    is_anew: bool = False
    """It was to be drawn again from a key, and had grown too long for that."""

    @property
    def first(self) -> Key:
        """What to ask for to have the same part drawn again."""
        return self.earlier or BEGINNING


def read(
    conversation: Conversation, *, before: Key | None = None, since: Key | None = None, unseen: Unseen | None = None
) -> Timeline:
    """The newest messages, those before a key, or all since one, with what happened among them. Two queries, and
    one more each where some were edited or had a runner-up."""
    messages = conversation.messages.select_related("author_user", "author_contact", "reply")
    # Few have a runner-up: joined to all of them, its forty columns cost more than the question for those.
    messages = messages.prefetch_related("grouping_runner_up")
    events = conversation.events.filter(kind__in=TOLD).select_related("by_user", "by_contact", "message")
    if before:
        messages = messages.filter(Q(sent_at__lt=before.at) | Q(sent_at=before.at, pk__lt=before.id))
        events = events.filter(happened_at__lt=before.at)
    if since:
        messages = messages.filter(Q(sent_at__gt=since.at) | Q(sent_at=since.at, pk__gte=since.id))
        events = events.filter(happened_at__gte=since.at)
    most = AGAIN if since else PAGE
    newest = list(messages.order_by("-sent_at", "-pk")[: most + 1])
    is_longer = len(newest) > most
    shown = newest[:PAGE] if is_longer else newest
    earlier = Key(shown[-1].sent_at, shown[-1].pk) if is_longer else since if since and since.id else None
    if is_longer and earlier:
        events = events.filter(happened_at__gte=earlier.at)
    happened = list(events.order_by("-happened_at", "-pk")[:EVENTS])
    corrections = _corrections(happened)
    revertible = _revertible(conversation, happened) if before is None else None
    entries = [_entry(event, corrections, revertible) for event in reversed(happened)]
    edits = _edits(shown)
    entries += [Entry(m.sent_at, m.kind, message=m, edits=edits[m.pk]) for m in reversed(shown)]
    # A stable sort: what happened is told before the message of the same moment only where it opened the matter.
    entries.sort(key=lambda entry: (entry.at, entry.kind != EventKind.OPENED, entry.message is None))
    return Timeline(_laid_out(entries, unseen), earlier, before is None, is_anew=bool(since and is_longer))


def _laid_out(entries: list[Entry], unseen: Unseen | None) -> list[Entry]:
    """With what an entry owes to those around it."""
    laid: list[Entry] = []
    is_told = unseen is None
    for entry in entries:
        is_new = not is_told and unseen is not None and unseen.holds(entry)
        is_told = is_told or is_new
        # Where all of it is new, nothing has to be marked.
        is_first_new = is_new and any(one.message for one in laid)
        goes_on = bool(laid) and not is_first_new and _goes_on(laid[-1].message, entry.message)
        laid.append(replace(entry, goes_on=goes_on, is_first_new=is_first_new))
    return laid


def _goes_on(before: Message | None, message: Message | None) -> bool:
    return (
        before is not None
        and message is not None
        and (before.kind, before.author_key) == (message.kind, message.author_key)
        and message.sent_at - before.sent_at < BREATH
        and timezone.localdate(before.sent_at) == timezone.localdate(message.sent_at)
    )


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
        icon=ICONS.get(EventKind(event.kind), "more"), correction=correction, other=other, why=why(event),
        revert_to=Status(event.data["from"]) if event is revertible and event.data.get("from") else None,
    )  # fmt: skip
