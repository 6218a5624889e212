"""From what happened in one conversation to what the figures count of it. Pure: no database.

The messages are those that are in the conversation now, in order of time, whenever they came. The changes of the status
are those on record, in the order in which they were made: what a late message or a correction put right counts from
then on, not backwards. Two clocks are at work, Slack's and ours; no time here runs backwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from conversations.analytics.figures import Kind
from conversations.status import Status

REREAD = frozenset({"regrouped", "late_message"})
"""Rules whose changes put right how something was read: nobody reopened anything."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A message. `asks`: whether it asks something of us; of ours it says nothing."""

    at: datetime
    inbound: bool
    asks: bool = True


@dataclass(frozen=True, slots=True)
class Moved:
    """A change of the status on record. `knows`: when the newest message was sent that came before it."""

    at: datetime
    to: Status
    knows: datetime
    rule: str = ""
    is_automatic: bool = False
    is_corrected: bool = False


@dataclass(frozen=True, slots=True)
class Handed:
    """Another owner; None: nobody."""

    at: datetime
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class History:
    """`moved` and `handed` in the order in which they were recorded. `is_counted`: False for one that was merged into
    another or holds what is in no conversation: only the corrections count. `status` and `owner`: as they are now."""

    opened_at: datetime
    status: Status = Status.TODO
    owner: int | None = None
    is_counted: bool = True
    heard: list[Heard] = field(default_factory=list)
    moved: list[Moved] = field(default_factory=list)
    handed: list[Handed] = field(default_factory=list)
    corrections: list[datetime] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Counted:
    """See `models.Fact`."""

    kind: Kind
    at: datetime
    owner: int | None
    began_at: datetime | None = None
    due_at: datetime | None = None
    value: int | None = None
    working: int | None = None


@dataclass(frozen=True, slots=True)
class Clocks:
    """What the team's own rules say. `working`: of a stretch, the time that counts; `due`: when somebody who waits
    since then is to be answered, None where no target fits."""

    working: Callable[[datetime, datetime], timedelta]
    due: Callable[[datetime], datetime | None]


def reckon(history: History, clocks: Clocks) -> list[Counted]:
    """In no order."""
    corrections = [Counted(Kind.CORRECTION, at, history.owner) for at in history.corrections]
    return [*corrections, *(_Walk(history, clocks).walk() if history.is_counted else ())]


class _Walk:
    """Goes through what happened, once, from the opening on."""

    def __init__(self, history: History, clocks: Clocks) -> None:
        self.history, self.clocks = history, clocks
        self.counted: list[Counted] = []
        self.opened_at = min((one.at for one in history.heard), default=history.opened_at)
        # A change on record begins at To Do; a status without any is as it was from the beginning.
        self.status = Status.TODO if history.moved else history.status
        self.since = self.opened_at
        self.waiting: datetime | None = None
        self.is_answered = False
        self.spell: datetime | None = None if self.status == Status.CLOSED else self.opened_at
        """Since when it is open."""
        self.spells = 0
        self.replies = 0

    def walk(self) -> list[Counted]:
        self._count(Kind.NEW, self.opened_at)
        for step in _in_order(self.history):
            if isinstance(step, Heard):
                self._hear(step)
            else:
                self._move(step)
        if self.spell:
            self._back(self.spell, None)
        return self.counted

    def _hear(self, heard: Heard) -> None:
        if heard.inbound:
            if heard.asks:
                self.waiting = self.waiting or heard.at
            return
        self.replies += 1
        if self.waiting:
            self._answer(Kind.NEXT_RESPONSE if self.is_answered else Kind.FIRST_RESPONSE, heard.at)
            self.is_answered = True

    def _answer(self, kind: Kind, at: datetime) -> None:
        """The wait is over, one way or another."""
        began, self.waiting = self.waiting or at, None
        at = max(at, began)
        due_at = self.clocks.due(began)
        self._count(kind, at, began, due_at=due_at)
        if due_at and at > due_at:
            self._count(Kind.TARGET_MISSED, at)
        elif due_at and kind != Kind.UNANSWERED:
            self._count(Kind.TARGET_MET, at)

    def _move(self, moved: Moved) -> None:
        at = max(moved.at, self.since)
        if moved.is_automatic:
            self._count(Kind.AUTO_CHANGE, at)
            if moved.is_corrected:
                self._count(Kind.AUTO_CORRECTED, at)
        if moved.to == self.status:
            return
        if moved.to == Status.CLOSED:
            self._close(at)
        elif self.status == Status.CLOSED:
            self._open(at, moved)
        if self.status != Status.CLOSED and at > self.since:
            self._count(Kind.TIME_TODO if self.status == Status.TODO else Kind.TIME_IN_PROGRESS, at, self.since)
        if moved.to == Status.TODO:
            self.waiting = self.waiting or at
        self.status, self.since = moved.to, at

    def _close(self, at: datetime) -> None:
        if self.waiting:
            self._answer(Kind.UNANSWERED, at)
        began, self.spell = self.spell or at, None
        if at == began == self.opened_at:
            return  # it never was open: nobody had to answer
        self.spells += 1
        self._count(Kind.CLOSED, at, began)
        self.counted.append(Counted(Kind.TOUCHES, at, self._owner(at), value=self.replies))
        self._back(began, at)

    def _open(self, at: datetime, moved: Moved) -> None:
        self.spell, self.replies = at, 0
        if self.spells and moved.rule not in REREAD:
            self._count(Kind.REOPENED, at)

    def _back(self, began: datetime, ended: datetime | None) -> None:
        """In whose hands it was, while it was open."""
        self._count(Kind.BACKLOG_IN, began)
        since = began
        for handed in self.history.handed:
            if began < handed.at and (ended is None or handed.at <= ended):
                self._leave(since, handed.at, handed.before)
                self.counted.append(Counted(Kind.BACKLOG_IN, handed.at, handed.after))
                since = handed.at
        if ended:
            self._leave(since, ended, self._owner(ended))

    def _leave(self, began: datetime, at: datetime, owner: int | None) -> None:
        """`began` may be later by another process's clock."""
        self.counted.append(Counted(Kind.BACKLOG_OUT, at, owner, min(began, at)))

    def _count(
        self, kind: Kind, at: datetime, began: datetime | None = None, *, due_at: datetime | None = None
    ) -> None:
        """With `began` the time between is measured."""
        value = working = None
        if began:
            value = int((at - began).total_seconds())
            working = int(self.clocks.working(began, at).total_seconds())
        self.counted.append(Counted(kind, at, self._owner(at), began, due_at, value, working))

    def _owner(self, at: datetime) -> int | None:
        """Who owned it then."""
        owner = self.history.handed[0].before if self.history.handed else self.history.owner
        for handed in self.history.handed:
            if handed.at > at:
                break
            owner = handed.after
        return owner


def _in_order(history: History) -> Iterator[Heard | Moved]:
    """Each change after the messages that were known when it was made, and after the change before it."""
    heard = sorted(history.heard, key=lambda one: one.at)
    place, knows = 0, history.opened_at
    for moved in history.moved:
        knows = max(knows, moved.knows)
        while place < len(heard) and heard[place].at <= knows:
            yield heard[place]
            place += 1
        yield moved
    yield from heard[place:]
