"""What was said before in a channel, as far as a batch of new messages needs it.

Read at once in a fixed number of queries, then kept up to date in memory. A conversation is named by its key here:
its place in `conversations`, because a new one has no id until it is saved.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Collection, Hashable
from datetime import datetime, timedelta
from typing import TypeAlias

from django.db import connection
from django.db.models import Q, QuerySet

from accounts.models import Channel
from conversations.decision import BY_PERSON, Spoken
from conversations.linking_reading import TEXT_LIMIT
from conversations.models import Conversation, ConversationEvent, EventKind, Message, MessageKind, author_key
from conversations.status import Decided, Said, Status

RECENT = 100
"""How many earlier messages of the channel grouping sees."""
BETWEEN = 1_000
"""How many at most are read of those that were known already and are newer than the oldest of the batch."""


_Row: TypeAlias = tuple[str, datetime, int | None, int | None, str, str, str, str, str, bool, int]
"""Time stamp, time, author's ids and name, kind, text, rule and reason of the grouping, whether somebody replied in a
thread, conversation."""


class Recall:
    def __init__(
        self, channel: Channel, *, stamps: Collection[str], roots: Collection[str], homes: Collection[int] = ()
    ) -> None:
        """`stamps`: the time stamps of the batch; `roots`: those of the threads it is in; `homes`: the ids of
        conversations that are needed whatever is found."""
        self.conversations: list[Conversation] = []
        self.threads: dict[str, int] = {}
        self.homes: dict[int, int] = {}
        """By id, those that were asked for."""
        self.waiting: dict[str, list[Message]] = {}
        """Messages that are in no conversation, by the root of their thread, as far as the batch may touch them."""
        self.unsorted: Conversation | None = None
        self.corrected: dict[Hashable, str] = {}
        self.replied: set[Hashable] = set()
        """Time stamps of messages with replies in their threads."""
        self._channel = channel
        self._keys: dict[int, int] = {}  # by id(), of what the list above keeps alive
        self._spoken: list[Spoken] = []
        self._said: dict[int, list[Said]] = defaultdict(list)
        self._stored: dict[int, list[Said | Decided]] | None = None
        self._stamps, self._roots, self._homes = stamps, roots, homes

    def load(self, oldest: datetime, newest: datetime, reach: timedelta) -> None:
        """Read what messages sent between these times may follow, or be followed by within `reach`."""
        spoken = self._recent(oldest, newest + reach)
        threads = self._known_threads()
        ids = {row[-1] for row in spoken} | set(threads.values()) | set(self._homes)
        # Not a full lock: rows that refer to a conversation may still be written meanwhile.
        rows = Conversation.objects.select_for_update(no_key=True).order_by("pk")
        keys: dict[int, int | None] = {}
        for row in rows.filter(Q(pk__in=ids) | Q(channel=self._channel, is_unsorted=True)):
            if row.is_unsorted:
                self.unsorted, keys[row.pk] = row, None
            else:
                keys[row.pk] = self.key_of(row)
        self.homes = {pk: key for pk in self._homes if (key := keys.get(pk)) is not None}
        for ts, sent_at, user_id, contact_id, name, kind, text, rule, reason, has_replies, pk in spoken:
            author, is_ours = author_key(user_id, contact_id, name), kind == MessageKind.OUTBOUND
            self._spoken.append(Spoken(ts, sent_at.timestamp(), author, text, keys[pk], is_ours, name))
            if rule == BY_PERSON:
                self.corrected[ts] = reason
            if has_replies:
                self.replied.add(ts)
        self.replied |= threads.keys() & set(self._stamps)  # whose replies came first
        for root, pk in threads.items():
            key = keys[pk]
            if key is None:
                self.waiting[root] = []
            else:
                self.threads[root] = key
        if self.waiting:
            self._read_waiting()

    def key_of(self, conversation: Conversation) -> int:
        key = self._keys.setdefault(id(conversation), len(self.conversations))
        if key == len(self.conversations):
            self.conversations.append(conversation)
        return key

    def before(self, at: float) -> list[Spoken]:
        """What was said outside threads before that moment, newest last."""
        place = bisect_right(self._spoken, at, key=_at)
        return self._spoken[max(0, place - RECENT) : place]

    def following(self, at: float) -> list[Spoken]:
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
        """A message of the batch, now that it is in a conversation."""
        self.threads[str(message.thread_ts or message.ts)] = key
        self._said[key].append(said)
        self._hear(message, key)

    def add_waiting(self, message: Message) -> None:
        """The same for one that is in none."""
        self.waiting.setdefault(str(message.thread_ts or message.ts), []).append(message)
        self._hear(message, None)

    def take_waiting(self, root: str) -> list[Message]:
        """The messages of a thread that wait no longer, in order of time. The caller adds them where they go."""
        taken = sorted(self.waiting.pop(root), key=lambda message: message.sent_at)
        gone = {message.ts for message in taken}
        self._spoken = [spoken for spoken in self._spoken if spoken.key not in gone]
        return taken

    def history(self, key: int) -> list[Said | Decided]:
        """All that was said and decided in a conversation, notes apart, in no order."""
        if self._stored is None:
            self._stored = read_histories([one for one in self.conversations if one.pk and not one.is_unsorted])
        return [*self._stored.get(self.conversations[key].pk, ()), *self._said[key]]

    def _hear(self, message: Message, key: int | None) -> None:
        if message.thread_ts:
            self.replied.add(message.thread_ts)
        else:
            at, is_ours = message.sent_at.timestamp(), message.kind == MessageKind.OUTBOUND
            text = message.text[:TEXT_LIMIT]
            spoken = Spoken(message.ts, at, message.author_key, text, key, is_ours, message.author_name)
            insort(self._spoken, spoken, key=_at)

    def _recent(self, oldest: datetime, latest: datetime) -> list[_Row]:
        values: dict[str, int | datetime] = {
            "channel": self._channel.pk, "oldest": oldest, "latest": latest, "recent": RECENT, "between": BETWEEN,
            "text": TEXT_LIMIT,
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

    def _read_waiting(self) -> None:
        threads = Q(ts__in=self.waiting) | Q(thread_ts__in=self.waiting)
        messages = Message.objects.filter(threads, channel=self._channel, conversation=self.unsorted)
        for message in messages.select_related("author_user", "author_contact"):
            self.waiting[str(message.thread_ts or message.ts)].append(message)


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
        found[pk].append(Decided(at, seen, to, by_person=by_user is not None or data.get("for_person", False)))
    return found


_RECENT = """
    WITH spoken AS NOT MATERIALIZED (
        SELECT ts, sent_at, author_user_id, author_contact_id, author_name, kind, text, grouping_rule,
               grouping_reason, conversation_id, id
        FROM conversations_message
        WHERE channel_id = %(channel)s AND thread_ts IS NULL AND kind <> 'note'
    )
    SELECT ts, sent_at, author_user_id, author_contact_id, author_name, kind, left(text, %(text)s), grouping_rule,
           grouping_reason, EXISTS (
               SELECT FROM conversations_message reply
               WHERE reply.channel_id = %(channel)s AND reply.thread_ts = near.ts
           ), conversation_id
    FROM (
        (SELECT * FROM spoken WHERE sent_at <= %(oldest)s ORDER BY sent_at DESC, id DESC LIMIT %(recent)s)
        UNION ALL
        (SELECT * FROM spoken WHERE sent_at > %(oldest)s AND sent_at <= %(latest)s
         ORDER BY sent_at DESC, id DESC LIMIT %(between)s)
    ) near ORDER BY sent_at, id
"""


def _at(spoken: Spoken) -> float:
    return spoken.at


def _places(messages: QuerySet[Message], column: str) -> list[tuple[str, int]]:
    return list(messages.values_list(column, "conversation_id"))
