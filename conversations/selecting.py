"""Which conversations somebody wants to see: what a board, a saved view and a report share.

A selection is written as a query string (`owner=mine&tag=billing&waiting=60`), so that it has an address.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Self, TypeVar

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Account, User
from conversations.models import Priority
from conversations.search.asking import condition, prepare
from conversations.search.meaning import Sql
from conversations.search.words import parse

Value = TypeVar("Value")

MOST = 50
"""Values of one part."""
UNREAD_DAYS = 30
"""What is older counts as read, so that looking for what is unread ends."""
LONGEST_WAIT = 60 * 24 * 365
NOBODY, MINE, NONE = "nobody", "mine", "none"

PARTS = ("owner", "account", "channel", "tag", "tier", "priority", "waiting", "unread", "snoozed", "q")
"""The names in a query string, in the order in which they are written."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Each part that names something must fit; of what a part names, one is enough. Empty: everything that is on the
    board. Ids are those of rows; 0 among owners or accounts: none."""

    owners: frozenset[int] = frozenset()
    accounts: frozenset[int] = frozenset()
    channels: frozenset[int] = frozenset()
    tags: frozenset[str] = frozenset()
    tiers: frozenset[str] = frozenset()
    priorities: frozenset[str] = frozenset()
    waiting_minutes: int | None = None
    """Waiting for us at least so long; 0: waiting at all."""
    unread_by: User | None = None
    is_snoozed: bool = False
    """The snoozed ones, which are on no board otherwise, and no others."""
    text: str = ""
    reader: User | None = field(default=None, compare=False)
    """Whose words `text` are: "me" and names are understood as theirs."""
    query: str = field(default="", compare=False)
    """What it was read from, in one spelling and without what can't be read. Keeps "mine" as it is."""
    problems: tuple[str, ...] = field(default=(), compare=False)
    """What can't be read, in words."""

    def __bool__(self) -> bool:
        return self != _EVERYTHING

    @classmethod
    def read(cls, query: QueryDict, reader: User) -> Self:
        """`mine` is the reader's. What belongs to another workspace finds nothing."""
        reading = _Reading(query)
        people = {MINE: reader.pk, NOBODY: 0}
        selection = cls(
            owners=frozenset(reading.each("owner", lambda value: people[value] if value in people else _id(value))),
            accounts=frozenset(reading.each("account", lambda value: 0 if value == NONE else _id(value))),
            channels=frozenset(reading.each("channel", _id)),
            tags=frozenset(reading.each("tag", _words)),
            tiers=frozenset(reading.each("tier", _words)),
            priorities=frozenset(reading.each("priority", lambda value: Priority(value).value)),
            waiting_minutes=min(reading.each("waiting", _minutes), default=None),
            unread_by=reader if reading.each("unread", _yes) else None,
            is_snoozed=bool(reading.each("snoozed", _yes)),
            text=" ".join(reading.each("q", _words)),
            reader=reader,
        )
        object.__setattr__(selection, "query", reading.kept.urlencode())
        object.__setattr__(selection, "problems", tuple(reading.problems))
        return selection

    def where(self, workspace_id: int, *, with_snoozed: bool = False) -> Sql:
        """The condition on a row `c` of conversations. Begins as the board's indexes do. `with_snoozed`: they are among
        the others, as no board has them."""
        standing = _SNOOZED if self.is_snoozed else _KEPT if with_snoozed else _LISTED
        parts = [Sql("c.workspace_id = %s", (workspace_id,)), *self._ids(), standing]
        if self.tags:
            parts.append(Sql("c.tags && %s::varchar[]", (sorted(self.tags),)))
        if self.tiers:
            parts.append(_of_tiers(workspace_id, self.tiers))
        if self.priorities:
            parts.append(_one_of("c.priority", self.priorities))
        if self.waiting_minutes is not None:
            since = timezone.now() - timedelta(minutes=self.waiting_minutes)
            parts.append(Sql("c.waiting_since <= %s", (since,)))
        if self.unread_by:
            parts.append(unread(self.unread_by))
        if self.text and self.reader:
            parts.append(condition(prepare(parse(self.text), self.reader)))
        return Sql(" AND ".join(f"({part.text})" for part in parts), tuple(v for part in parts for v in part.values))

    def _ids(self) -> list[Sql]:
        return [
            _among(column, chosen)
            for column, chosen in (
                ("c.owner_id", self.owners), ("c.account_id", self.accounts), ("c.channel_id", self.channels),
            )
            if chosen
        ]  # fmt: skip


def unread(reader: User) -> Sql:
    """Somebody else has said something, to the customer or in a note, since the reader last looked."""
    since = max(reader.read_before_at, timezone.now() - timedelta(days=UNREAD_DAYS))
    return Sql(
        "c.last_message_at > %s AND EXISTS (SELECT 1 FROM conversations_message m WHERE m.conversation_id = c.id"
        " AND m.deleted_at IS NULL AND m.author_user_id IS DISTINCT FROM %s AND m.sent_at > greatest(%s, (SELECT s.at"
        " FROM conversations_seen s WHERE s.user_id = %s AND s.conversation_id = c.id)))",
        (since, reader.pk, since, reader.pk),
    )


def without(query: str, name: str, value: str) -> str:
    """The query string less one value of one part."""
    left = QueryDict(query, mutable=True)
    left.setlist(name, [other for other in left.getlist(name) if other != value])
    return left.urlencode()


class _Reading:
    """Takes the parts out of a query string and remembers what could be read."""

    def __init__(self, query: QueryDict) -> None:
        self.query = query
        self.kept = QueryDict(mutable=True)
        self.problems: list[str] = []

    def each(self, name: str, read: Callable[[str], Value]) -> list[Value]:
        found: list[Value] = []
        for value in dict.fromkeys(self.query.getlist(name)[:MOST]):
            if not (value := value.strip()):
                continue
            try:
                found.append(read(value))
            except ValueError:
                self.problems.append(
                    _("“%(what)s” can’t be read: %(how)s.") % {"what": f"{name}={value[:40]}", "how": _HOW[name]}
                )
            else:
                self.kept.appendlist(name, value)
        return found


def _id(value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 19):
        raise ValueError(value)
    return int(value)


def _minutes(value: str) -> int:
    minutes = _id(value)
    if minutes > LONGEST_WAIT:
        raise ValueError(value)
    return minutes


def _yes(value: str) -> bool:
    if value != "1":
        raise ValueError(value)
    return True


def _words(value: str) -> str:
    return value.replace("\x00", "")[:400]


def _among(column: str, ids: Collection[int]) -> Sql:
    """With `=` where it can be: only then an index gives the order as well."""
    some = sorted(set(ids) - {0})
    parts = [_one_of(column, some)] if some else []
    if 0 in ids:
        parts.append(Sql(f"{column} IS NULL"))
    return Sql(" OR ".join(part.text for part in parts), tuple(v for part in parts for v in part.values))


def _of_tiers(workspace_id: int, tiers: Collection[str]) -> Sql:
    """The accounts are looked up first: of ids that it sees the planner knows how many conversations they have, and
    walks along the board or along the accounts accordingly."""
    ids = Account.objects.filter(workspace=workspace_id, tier__in=tiers).order_by().values_list("pk", flat=True)
    accounts = list(ids)
    return _one_of("c.account_id", accounts) if accounts else Sql("FALSE")


def _one_of(column: str, values: Collection[int] | Collection[str]) -> Sql:
    if len(values) == 1:
        return Sql(f"{column} = %s", tuple(values))
    return Sql(f"{column} = ANY(%s)", (sorted(values),))


_KEPT = Sql("c.merged_into_id IS NULL AND NOT c.is_unsorted")
_LISTED = Sql("c.merged_into_id IS NULL AND NOT c.is_unsorted AND c.snoozed_until IS NULL")
_SNOOZED = Sql("c.merged_into_id IS NULL AND NOT c.is_unsorted AND c.snoozed_until IS NOT NULL")
_EVERYTHING = Selection()
_HOW = {
    "owner": gettext_lazy("a teammate’s id, “mine” or “nobody”"),
    "account": gettext_lazy("an account’s id or “none”"),
    "channel": gettext_lazy("a channel’s id"),
    "priority": gettext_lazy("urgent, high, normal or low"),
    "waiting": gettext_lazy("minutes, a year at most"),
    "unread": gettext_lazy("1 or nothing"),
    "snoozed": gettext_lazy("1 or nothing"),
}
