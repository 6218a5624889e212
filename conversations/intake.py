"""Messages coming in: a batch of one channel, under the channel's lock, in a fixed number of queries.

What holds however messages are ordered on their way: each is stored once; a thread, its root included, stays in one
conversation; and a conversation's status, times, counts, title and last message are those that its messages would
have given in order of time. What can't hold: a message outside a thread is placed by what is known when it comes. One
that comes late is placed by what was said before it, and joins what was said after it only when it would open a
conversation; those after it are not placed anew.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import cast

from django.db import transaction
from django.utils import timezone

from accounts.absence import standing_in
from accounts.models import Channel, Contact, Grouping, User
from conversations import grouping, status
from conversations.announce import announce
from conversations.decision import Decision, Settings
from conversations.excerpts import clean, one_line
from conversations.models import Automatic, Conversation, ConversationEvent, EventKind, Message, MessageKind
from conversations.recall import Recall
from conversations.regrouping import recount
from conversations.status import Change, Said, Standing, Status
from conversations.writing import insert_rows, update_rows

CHANGED = [
    "title", "titled_at", "status", "status_by_person", "status_changed_at", "opened_at", "waiting_since",
    "first_response_at", "closed_at", "last_message_at", "last_message_text", "last_message_author",
    "last_message_inbound", "message_count", "suggested_priority", "snoozed_until", "version",
]  # fmt: skip
"""What a message may change of its conversation."""
UNSORTED = "Not in a conversation"
"""The title of what holds a channel's messages of which nobody has made a conversation."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message as heard. `ts` and `thread_ts` are Slack's; an app without a person has only `author_name`.

    `html`: the text with its marks, already safe to show. `inbound`: whether it counts as the customer's, where that
    does not follow from the author. `home`: the conversation from whose page it was written, by id; only a thread is
    stronger.
    """

    ts: str
    text: str
    author: User | Contact | None
    author_name: str = ""
    thread_ts: str | None = None
    files: list[dict[str, object]] = field(default_factory=list)
    html: str = ""
    inbound: bool | None = None
    home: int | None = None

    @property
    def is_inbound(self) -> bool:
        return not isinstance(self.author, User) if self.inbound is None else self.inbound

    @property
    def sent_at(self) -> datetime:
        return sent_at(self.ts)

    @property
    def root(self) -> str | None:
        """The root of the thread it replies in. Slack names a root as its own."""
        return self.thread_ts if self.thread_ts and self.thread_ts != self.ts else None


def settings_of(channel: Channel) -> Settings:
    """A channel's own, else its workspace's."""
    minutes = channel.workspace.quiet_minutes if channel.quiet_minutes is None else channel.quiet_minutes
    return Settings(Grouping(channel.grouping or channel.workspace.grouping), minutes * 60.0)


def sent_at(ts: str) -> datetime:
    """The time in Slack's `seconds.microseconds`. ValueError when it is none."""
    seconds = float(ts)
    if not math.isfinite(seconds) or not 0 <= seconds < 32_503_680_000 or len(ts) > 32:
        raise ValueError(f"{ts!r} is no time stamp")
    return datetime.fromtimestamp(seconds, UTC)


class Intake:
    """Takes one batch: everything is decided in memory, on rows locked for the time, and written at once."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.touched: dict[int, Conversation] = {}
        self.messages: list[Message] = []
        self.events: list[ConversationEvent] = []
        self.risen: list[Message] = []

    def take(self, batch: Sequence[Incoming]) -> list[Message]:
        """Store what isn't stored yet; answer a message for each one given, in the order given."""
        with transaction.atomic():
            # Simultaneous messages must see each other's conversation, or each opens its own. Not a full lock: rows
            # that refer to the channel may still be written meanwhile.
            self.channel = (
                Channel.objects.select_for_update(of=("self",), no_key=True)
                .select_related("workspace", "owner")
                .get(pk=self.channel.pk)
            )
            stored = Message.objects.filter(channel=self.channel, ts__in={one.ts for one in batch})
            known = {str(message.ts): message for message in stored}
            fresh: dict[str, Incoming] = {}
            for one in batch:
                if one.ts not in known:
                    fresh.setdefault(one.ts, one)
            if fresh:
                known |= self._take_fresh(sorted(fresh.values(), key=lambda one: (one.sent_at, one.ts)))
        return [known[one.ts] for one in batch]

    def _take_fresh(self, batch: list[Incoming]) -> dict[str, Message]:
        """`batch` in order of time."""
        self.settings = settings_of(self.channel)
        self.recall = Recall(
            self.channel,
            stamps={one.ts for one in batch},
            roots={one.root for one in batch if one.root},
            homes={one.home for one in batch if one.home},
        )
        self.recall.load(batch[0].sent_at, batch[-1].sent_at, timedelta(seconds=self.settings.quiet_seconds))
        for one in batch:
            self._place(one)
        self._save()
        return {str(message.ts): message for message in self.messages}

    # One message ──────────────────────────────────────────────────────────────────────────────────────

    def _place(self, incoming: Incoming) -> None:
        message = self._message(incoming)
        decision = self._decide(message, incoming.home)
        message.grouping_rule, message.grouping_reason = decision.rule, decision.reason
        message.grouping_score = decision.score
        if decision.runner_up is not None:
            message.grouping_runner_up = self._known(decision.runner_up)
        self.messages.append(message)
        if decision.waits:
            self._wait(message)
            return
        joins = [message]
        if decision.takes_thread:
            joins = sorted([*self._risen(message, decision), message], key=lambda one: one.sent_at)
        if decision.conversation is None:
            conversation = self._open(joins[0])
            why = Automatic(decision.rule, decision.reason)
            self.events.append(conversation.event(EventKind.OPENED, by=why, at=joins[0].sent_at, message=joins[0]))
            self._hand_to_stand_in(conversation)
        else:
            conversation = self._known(decision.conversation)
        for one in joins:
            self._join(conversation, one)

    def _join(self, conversation: Conversation, message: Message) -> None:
        message.conversation = conversation
        author = message.author_user or message.author_contact
        key = self.recall.key_of(conversation)
        said = Said(message.sent_at, message.kind == MessageKind.INBOUND, message.text, bool(message.files))
        added = conversation.event(EventKind.MESSAGE_ADDED, by=author, at=message.sent_at, message=message)
        added.data = {"asks": not said.asks_nothing} if said.inbound else {}
        self.events.append(added)
        self._stand(conversation, key, message, said)
        conversation.show(message)
        if conversation.snoozed_until and said.inbound and not said.asks_nothing:
            conversation.snoozed_until = None
            why = Automatic("customer_wrote", "The customer wrote")
            self.events.append(conversation.event(EventKind.WOKEN, by=why, at=message.sent_at, message=message))
        self.recall.add(message, said, key)
        self.touched[key] = conversation

    def _wait(self, message: Message) -> None:
        """In no conversation: kept, shown with the channel's other such messages, and told to nobody."""
        unsorted = self.recall.unsorted or self._open(message)
        self.recall.unsorted = message.conversation = unsorted
        unsorted.show(message)
        unsorted.is_unsorted, unsorted.title, unsorted.titled_at = True, UNSORTED, None
        unsorted.status, unsorted.closed_at = Status.CLOSED, unsorted.last_message_at
        self.recall.add_waiting(message)
        self.touched[self.recall.key_of(unsorted)] = unsorted

    def _risen(self, reply: Message, decision: Decision) -> list[Message]:
        """What waited of the thread to which this one replies, with the reason why it waits no longer."""
        risen = self.recall.take_waiting(str(reply.thread_ts or reply.ts))
        for message in risen:
            message.grouping_rule, message.grouping_reason = decision.rule, decision.reason
        self.risen += [message for message in risen if message.pk]
        return risen

    def _message(self, incoming: Incoming) -> Message:
        author = incoming.author
        name = incoming.author_name or (author.name if author else "")
        return Message(
            workspace_id=self.channel.workspace_id, channel=self.channel, ts=incoming.ts, thread_ts=incoming.root,
            text=clean(incoming.text), html=clean(incoming.html), files=clean(incoming.files), sent_at=incoming.sent_at,
            kind=MessageKind.INBOUND if incoming.is_inbound else MessageKind.OUTBOUND,
            author_user=author if isinstance(author, User) else None,
            author_contact=author if isinstance(author, Contact) else None,
            author_name=one_line(clean(name), 120) or "Someone",
        )  # fmt: skip

    def _decide(self, message: Message, home: int | None) -> Decision:
        at = message.sent_at.timestamp()
        # A root whose replies came first finds them; a root alone is no thread.
        has_replies = message.ts in self.recall.threads or message.ts in self.recall.waiting
        thread = message.thread_ts or (message.ts if has_replies else None)
        if home in self.recall.homes and thread not in self.recall.threads:
            return Decision(self.recall.homes[home], "written_here", "It was written on this conversation’s page", 1.0)
        utterance = grouping.Utterance(
            at=at,
            author=message.author_key,
            from_teammate=message.kind == MessageKind.OUTBOUND,
            text=message.text,
            thread=thread,
            author_name=message.author_name,
        )
        known = grouping.Known(
            threads=self.recall.threads,
            waiting=self.recall.waiting,
            closed=self.recall.closed(message.sent_at),
            replied=self.recall.replied,
            corrected=self.recall.corrected,
        )
        return grouping.group(
            utterance,
            self.recall.before(at),
            following=self.recall.following(at),
            known=known,
            settings=self.settings,
        )

    def _known(self, key: Hashable) -> Conversation:
        return self.recall.conversations[cast("int", key)]

    def _open(self, message: Message) -> Conversation:
        return Conversation(
            workspace_id=self.channel.workspace_id, channel=self.channel, account_id=self.channel.account_id,
            owner_id=self.channel.owner_id, status=Status.TODO, status_changed_at=message.sent_at,
            opened_at=message.sent_at, last_message_at=message.sent_at,
        )  # fmt: skip

    def _hand_to_stand_in(self, conversation: Conversation) -> None:
        owner = self.channel.owner
        if owner is None:
            return
        stand_in, reason = standing_in(owner, timezone.now())
        if stand_in != owner:
            conversation.owner = stand_in
            why = Automatic("stand_in", reason)
            event = conversation.event(EventKind.OWNER_CHANGED, by=why, at=conversation.opened_at)
            event.data = {"from": owner.name, "to": stand_in.name, "from_id": owner.pk, "to_id": stand_in.pk}
            self.events.append(event)

    def _stand(self, conversation: Conversation, key: int, message: Message, said: Said) -> None:
        standing, change = self._standing_after(conversation, key, said)
        before = conversation.status
        conversation.stand(standing)
        if conversation.status != before:
            why = Automatic(change.rule, change.reason) if change else Automatic("late_message", "Read anew in order")
            # A late message may put right what was recorded of newer ones: in the timeline that comes after them.
            at = max(conversation.status_changed_at, conversation.last_message_at)
            event = conversation.event(EventKind.STATUS_CHANGED, by=why, at=at, message=message)
            event.data = {"from": before, "to": conversation.status}
            self.events.append(event)

    def _standing_after(self, conversation: Conversation, key: int, said: Said) -> tuple[Standing, Change | None]:
        if conversation.message_count and said.at <= conversation.last_message_at:
            # It came late: decide as if all had come in order, and people had acted on what they saw.
            return status.fold([*self.recall.history(key), said])
        return status.after(conversation.standing, said)

    # All of them ──────────────────────────────────────────────────────────────────────────────────────

    def _save(self) -> None:
        new = [one for one in self.touched.values() if one.pk is None]
        old = [one for one in self.touched.values() if one.pk is not None]
        if new:
            # Last, because it holds the workspace's row until the commit.
            for one, number in zip(new, self.channel.workspace.take_numbers(len(new)), strict=True):
                one.number = number
            insert_rows(new)
        for one in old:
            one.version += 1
        update_rows(old, CHANGED)
        for message in [*self.messages, *self.risen]:
            message.conversation_id = message.conversation.pk
        insert_rows(self.messages)
        update_rows(self.risen, ["conversation", "grouping_rule", "grouping_reason"])
        insert_rows(self.events)
        if self.risen and self.recall.unsorted:
            recount(self.recall.unsorted)
            update_rows([self.recall.unsorted], CHANGED)
        announce(self.channel.workspace_id, [one.pk for one in self.touched.values()])
