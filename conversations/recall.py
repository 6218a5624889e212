"""What was said before in a channel, as far as a batch of new messages needs it.

Read at once in a fixed number of queries, then kept up to date in memory. A conversation is named by its key here:
its place in `conversations`, because a new one has no id until it is saved.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import QuerySet

from accounts.models import Channel
from conversations.grouping import Spoken
from conversations.models import Conversation, ConversationEvent, EventKind, Message, MessageKind, author_key
from conversations.status import Decided, Said, Status

RECENT = 100
"""How many earlier messages of the channel grouping sees."""
BETWEEN = 1_000
"""How many at most are read of those that were known already and are newer than the oldest of the batch."""


class Recall:
    def __init__(self, channel: Channel, *, stamps: Collection[str], roots: Collection[str]) -> None:
        """`stamps`: the time stamps of the batch; `roots`: those of the threads it is in."""
        self.conversations: list[Conversation] = []
        self.threads: dict[str, int] = {}
        self._channel = channel
        self._keys: dict[int, int] = {}  # by id(), of what the list above keeps alive
        self._spoken: list[Spoken[int]] = []
        self._said: dict[int, list[Said]] = defaultdict(list)
        self._stored: dict[int, list[Said | Decided]] | None = None
        self._stamps, self._roots = stamps, roots

    def load(self, oldest: datetime, newest: datetime, reach: timedelta) -> None:
        """Read what messages sent between these times may follow, or be followed by within `reach`."""
        spoken = self._recent(oldest, newest + reach)
        threads = self._known_threads()
        ids = {pk for *_, pk in spoken} | set(threads.values())
        # Not a full lock: rows that refer to a conversation may still be written meanwhile.
        rows = Conversation.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
        keys = {row.pk: self.key_of(row) for row in rows}
        for sent_at, user_id, contact_id, name, pk in spoken:
            self._spoken.append(Spoken(sent_at.timestamp(), author_key(user_id, contact_id, name), keys[pk]))
        self.threads = {ts: keys[pk] for ts, pk in threads.items()}

    def key_of(self, conversation: Conversation) -> int:
        key = self._keys.setdefault(id(conversation), len(self.conversations))
        if key == len(self.conversations):
            self.conversations.append(conversation)
        return key

    def before(self, at: float) -> list[Spoken[int]]:
        """What was said outside threads before that moment, newest last."""
        place = bisect_right(self._spoken, at, key=_at)
        return self._spoken[max(0, place - RECENT) : place]

    def following(self, at: float) -> list[Spoken[int]]:
        """What was said after that moment but is known already, nearest last."""
        place = bisect_right(self._spoken, at, key=_at)
        return self._spoken[place : place + RECENT][::-1]

    def closed(self, at: datetime) -> set[int]:
        """The conversations that were closed at that moment; a late message's may have been closed since."""
        return {
            key
            for key, one in enumerate(self.conversations)
            if one.closed_at and (one.last_message_at <= at or one.closed_at <= at)
        }

    def add(self, message: Message, said: Said, key: int) -> None:
        self.threads[str(message.thread_ts or message.ts)] = key
        self._said[key].append(said)
        if message.thread_ts is None:
            insort(self._spoken, Spoken(said.at.timestamp(), message.author_key, key), key=_at)

    def history(self, key: int) -> list[Said | Decided]:
        """All that was said and decided in a conversation, notes apart, in no order."""
        if self._stored is None:
            self._stored = read_histories([one for one in self.conversations if one.pk])
        return [*self._stored.get(self.conversations[key].pk, ()), *self._said[key]]

    def _recent(self, oldest: datetime, latest: datetime) -> list[tuple[datetime, int | None, int | None, str, int]]:
        values: dict[str, int | datetime] = {
            "channel": self._channel.pk, "oldest": oldest, "latest": latest, "recent": RECENT, "between": BETWEEN
        }  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(_RECENT, values)
            return list(cursor.fetchall())

    def _known_threads(self) -> dict[str, int]:
        """Conversations by a thread's root: found by the root itself, or by a reply that came before its root."""
        messages = Message.objects.filter(channel=self._channel)
        found = dict(_places(messages.filter(ts__in=self._roots), "ts")) if self._roots else {}
        rootless = {*self._roots, *self._stamps} - found.keys()
        replies = messages.filter(thread_ts__in=rootless).order_by("thread_ts", "-sent_at").distinct("thread_ts")
        return {**dict(_places(replies, "thread_ts")), **found}


def read_histories(conversations: Collection[Conversation]) -> dict[int, list[Said | Decided]]:
    """What was said and decided in stored conversations, by id, in no order. Read at once, in three queries.

    What was decided about one that was merged counts where it went, but nothing that is open there is closed by it.
    """
    is_open = {one.pk: one.status != Status.CLOSED for one in conversations}
    found: dict[int, list[Said | Decided]] = {pk: [] for pk in is_open}
    said = Message.objects.filter(conversation__in=is_open).exclude(kind=MessageKind.NOTE).order_by()
    for pk, at, kind, text, files in said.values_list("conversation_id", "sent_at", "kind", "text", "files"):
        found[pk].append(Said(at, kind == MessageKind.INBOUND, text, bool(files)))
    merged = dict(Conversation.objects.filter(merged_into__in=is_open).values_list("pk", "merged_into_id"))
    decided = ConversationEvent.objects.filter(
        conversation__in={*is_open, *merged}, kind=EventKind.STATUS_CHANGED, message=None
    ).order_by()
    for own, at, by_user, data in decided.values_list("conversation_id", "happened_at", "by_user_id", "data"):
        pk, to = merged.get(own, own), Status(data["to"])
        if pk != own and to == Status.CLOSED and is_open[pk]:
            continue
        seen = datetime.fromisoformat(data["seen"]) if "seen" in data else at
        found[pk].append(Decided(at, seen, to, by_person=by_user is not None))
    return found


_RECENT = """
    WITH spoken AS NOT MATERIALIZED (
        SELECT sent_at, author_user_id, author_contact_id, author_name, conversation_id, id
        FROM conversations_message
        WHERE channel_id = %(channel)s AND thread_ts IS NULL AND kind <> 'note'
    )
    SELECT sent_at, author_user_id, author_contact_id, author_name, conversation_id FROM (
        (SELECT * FROM spoken WHERE sent_at <= %(oldest)s ORDER BY sent_at DESC, id DESC LIMIT %(recent)s)
        UNION ALL
        (SELECT * FROM spoken WHERE sent_at > %(oldest)s AND sent_at <= %(latest)s
         ORDER BY sent_at DESC, id DESC LIMIT %(between)s)
    ) near ORDER BY sent_at, id
"""


def _at(spoken: Spoken[int]) -> float:
    return spoken.at


def _places(messages: QuerySet[Message], column: str) -> list[tuple[str, int]]:
    return list(messages.values_list(column, "conversation_id"))
