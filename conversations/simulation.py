"""What another way to group would have made of a channel's last month: nothing is written.

The stored messages are played through the product's own decision, in order of time. Corrections that people made are
not repeated; statuses are as the rules alone would have set them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias

from django.utils import timezone

from accounts.models import Channel, Grouping, Workspace
from conversations import grouping, status
from conversations.decision import Known, Settings, Spoken
from conversations.linking_features import WINDOW
from conversations.linking_reading import TEXT_LIMIT
from conversations.models import Conversation, Message, MessageKind
from conversations.status import Said, Standing, Status

DAYS, MOST = 30, 2_000
"""How far back, and how many messages of a channel at most."""
SHOWN, SHOWN_MESSAGES = 10, 12
"""Differences, and messages of each conversation in them, that are shown."""
Places: TypeAlias = Mapping[int, Hashable | None]
"""By message, the conversation; None: in none."""


@dataclass(frozen=True, slots=True)
class Group:
    """Messages that are, or would be, together. `conversation` None: one that would be made, or none at all."""

    messages: list[Message]
    conversation: Conversation | None = None
    waits: bool = False

    @property
    def shown(self) -> list[Message]:
        return self.messages[:SHOWN_MESSAGES]

    @property
    def more(self) -> int:
        return max(0, len(self.messages) - SHOWN_MESSAGES)


@dataclass(frozen=True, slots=True)
class Difference:
    """The same messages as they are together now, and as they would be."""

    now: list[Group]
    then: list[Group]


@dataclass(frozen=True, slots=True)
class Simulation:
    """Counts of conversations and of messages that are in none. `is_cut`: there were more messages than are read."""

    since: datetime
    message_count: int
    now: int
    then: int
    now_waiting: int
    then_waiting: int
    differences: list[Difference]
    difference_count: int
    is_cut: bool


def simulate(channel: Channel, settings: Settings) -> Simulation:
    since = timezone.now() - timedelta(days=DAYS)
    spoken = Message.objects.filter(channel=channel).exclude(kind=MessageKind.NOTE)
    newest = spoken.filter(sent_at__gte=since).select_related("conversation").order_by("-sent_at", "-pk")
    messages = list(newest[: MOST + 1])[::-1]
    is_cut = len(messages) > MOST
    messages = messages[-MOST:]
    replay = Replay(settings)
    if messages:
        before = spoken.filter(sent_at__lt=messages[0].sent_at).select_related("conversation")
        roots = {message.thread_ts for message in messages if message.thread_ts}
        recent = list(before.filter(thread_ts=None).order_by("-sent_at", "-pk")[:WINDOW])[::-1]
        replied = before.filter(thread_ts__in=[one.ts for one in recent]).values_list("thread_ts", flat=True)
        replay.begin(recent, before.filter(ts__in=roots), replied)
    for message in messages:
        replay.place(message)
    then = replay.placed
    now: Places = {message.pk: _present(message) for message in messages}
    differences = _differences(messages, now, then)
    return Simulation(
        since=messages[0].sent_at if is_cut else since, message_count=len(messages), is_cut=is_cut,
        now=len({*now.values()} - {None}), then=len({*then.values()} - {None}),
        now_waiting=sum(one is None for one in now.values()), then_waiting=sum(one is None for one in then.values()),
        differences=differences[:SHOWN], difference_count=len(differences),
    )  # fmt: skip


def settings_for(workspace: Workspace, channel: Channel, mode: str, minutes: int | None) -> Settings:
    """As it is set, unless told otherwise."""
    mode = mode or channel.grouping or workspace.grouping
    own = channel.quiet_minutes if minutes is None else minutes
    return Settings(Grouping(mode), (workspace.quiet_minutes if own is None else own) * 60.0)


@dataclass(slots=True)
class Replay:
    """A channel as it would stand under these settings, message by message."""

    settings: Settings
    spoken: list[Spoken] = field(default_factory=list)
    threads: dict[str, Hashable] = field(default_factory=dict)
    waiting: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    placed: dict[int, Hashable | None] = field(default_factory=dict)
    standings: dict[Hashable, Standing] = field(default_factory=dict)
    closed: set[Hashable] = field(default_factory=set)
    replied: set[Hashable] = field(default_factory=set)

    def begin(self, earlier: Iterable[Message], roots: Iterable[Message], replied: Iterable[str | None]) -> None:
        """What was said before stands as it does."""
        self.replied |= set(replied)
        for message in earlier:
            self._hear(message, _present(message))
            if message.conversation.closed_at and message.conversation.closed_at <= message.sent_at:
                self.closed.add(message.conversation_id)
        for root in roots:
            place = _present(root)
            if place is not None:
                self.threads[str(root.ts)] = place

    def place(self, message: Message) -> None:
        """Note in `placed`, by the message's id, where it would go, and what of its thread goes along."""
        root = str(message.thread_ts or message.ts)
        is_ours = message.kind == MessageKind.OUTBOUND
        known = Known(self.threads, self.waiting, self.closed, self.replied)
        utterance = grouping.Utterance(
            message.sent_at.timestamp(), message.author_key, is_ours, message.text,
            message.thread_ts or (root if root in self.threads or root in self.waiting else None), message.author_name,
        )  # fmt: skip
        decision = grouping.group(utterance, self.spoken[-WINDOW:], known=known, settings=self.settings)
        if decision.waits:
            self.waiting[root].append(message.pk)
            self.placed[message.pk] = None
            self._hear(message, None)
            return
        place = f"new-{message.pk}" if decision.conversation is None else decision.conversation
        self.threads[root] = self.placed[message.pk] = place
        self._hear(message, place)
        said = Said(message.sent_at, not is_ours, message.text, bool(message.files))
        before = Standing(Status.CLOSED) if place in self.closed else self.standings.get(place, Standing())
        self.standings[place], _ = status.after(before, said)
        (self.closed.add if self.standings[place].status == Status.CLOSED else self.closed.discard)(place)
        if decision.takes_thread:
            for pk in self.waiting.pop(root):
                self.placed[pk] = place

    def _hear(self, message: Message, place: Hashable | None) -> None:
        if message.thread_ts:
            self.replied.add(message.thread_ts)
        else:
            text, is_ours = message.text[:TEXT_LIMIT], message.kind == MessageKind.OUTBOUND
            at = message.sent_at.timestamp()
            self.spoken.append(Spoken(message.ts, at, message.author_key, text, place, is_ours, message.author_name))


def _present(message: Message) -> int | None:
    return None if message.conversation.is_unsorted else message.conversation_id


def _differences(messages: Sequence[Message], now: Places, then: Places) -> list[Difference]:
    """The newest first. Conversations hang together that share a message, now or then."""
    together: dict[Hashable, set[int]] = defaultdict(set)
    for number, message in enumerate(messages):
        for side, place in (("now", now[message.pk]), ("then", then[message.pk])):
            # Messages in none are no group: each is by itself.
            together[side, message.pk if place is None else place, place is None].add(number)
    found = []
    seen: set[int] = set()
    for number in range(len(messages)):
        if number in seen:
            continue
        part = _part(number, messages, now, then, together)
        seen |= part
        difference = Difference(
            _groups([messages[one] for one in sorted(part)], now),
            _groups([messages[one] for one in sorted(part)], then),
        )
        if len(difference.now) != 1 or len(difference.then) != 1 or difference.now[0].waits != difference.then[0].waits:
            found.append(difference)
    return found[::-1]


def _part(
    first: int,
    messages: Sequence[Message],
    now: Places,
    then: Places,
    together: dict[Hashable, set[int]],
) -> set[int]:
    reached, part = [first], set[int]()
    while reached:
        number = reached.pop()
        if number in part:
            continue
        part.add(number)
        pk = messages[number].pk
        for side, place in (("now", now[pk]), ("then", then[pk])):
            reached += together[side, pk if place is None else place, place is None] - part
    return part


def _groups(messages: Sequence[Message], places: Places) -> list[Group]:
    groups: dict[Hashable, Group] = {}
    for message in messages:
        place = places[message.pk]
        conversation = message.conversation if isinstance(place, int) and place == message.conversation_id else None
        groups.setdefault(place, Group([], conversation, waits=place is None)).messages.append(message)
    return list(groups.values())
