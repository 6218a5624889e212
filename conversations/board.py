"""The board: three columns of cards, read as plain rows in a fixed number of queries and drawn from them.

A drawn card depends on its row and the language alone, never on who looks, so that one drawing serves everybody.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Self

from django.db import connection
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from accounts.models import Account, User
from conversations import drawing
from conversations.models import Priority
from conversations.search.meaning import Sql
from conversations.selecting import Selection, unread
from conversations.status import Status

PAGE = 50
"""Cards of a column that are drawn at once."""
COUNTED = 1_000
"""A column is counted up to here, because nobody reads more and counting a million rows takes its time."""
COUNTED_FOUND = 100
"""The same where words are looked for: each of the conversations must be asked for them."""

SHOWN_TAGS = 3
"""Tags on a card."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class CardRow:
    """What a card shows. `version` counts every visible change of the conversation."""

    id: int
    number: int
    version: int
    title: str
    status: str
    message_count: int
    waiting_since: datetime | None
    last_message_at: datetime
    last_message_text: str
    last_message_author: str
    last_message_inbound: bool
    account_id: int | None
    owner_id: int | None
    account: str | None
    owner: str | None
    channel: str
    response_due_at: datetime | None
    priority: str
    tags: tuple[str, ...]
    linked: tuple[tuple[str, str], ...]
    """Of each ticket it is connected with, the tool and the number."""

    @property
    def key(self) -> Key:
        return Key(self.last_message_at, self.id)


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """A card's place in its column: the newest first, and of two of one moment the later conversation."""

    at: datetime
    id: int

    def __str__(self) -> str:
        return f"{(self.at - _EPOCH) // timedelta(microseconds=1)}_{self.id}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """ValueError when it isn't what `str()` wrote."""
        match = re.fullmatch(r"(\d{1,17})_(\d{1,18})", text, re.ASCII)
        if match is None:
            raise ValueError(f"{text!r} is no key")
        return cls(_EPOCH + timedelta(microseconds=int(match[1])), int(match[2]))


@dataclass(frozen=True, slots=True)
class Column:
    status: Status
    rows: Sequence[CardRow]
    next: Key | None = None
    """The key to go on after, when there are more."""
    count: str = ""
    lane: str | None = None
    """The swimlane's value, where the column is a part of one."""
    unread: frozenset[int] = frozenset()

    @property
    def label(self) -> str:
        return str(self.status.label)

    @property
    def cards(self) -> SafeString:
        return draw(self.rows, self.unread)


def columns(workspace_id: int, chosen: Selection | None = None) -> list[Column]:
    """The newest cards of each status with their counts. Two queries."""
    chosen = chosen or Selection()
    where = chosen.where(workspace_id)
    rows = _select(where, list(Status))
    counts = _count(where, _counted(chosen))
    return [
        replace(_column(status, [row for row in rows if row.status == status]), count=counts[status])
        for status in Status
    ]


def page(workspace_id: int, chosen: Selection, status: Status, after: Key | None, *, lane: Sql | None = None) -> Column:
    """The cards of one column, or of its part in a lane, that come after a key. One query."""
    where = chosen.where(workspace_id)
    return _column(status, _select(both(where, lane) if lane else where, [status], after))


def turned(column: Column, workspace_id: int, chosen: Selection, after: Key | None) -> Column:
    """The same column, at its next page."""
    return replace(page(workspace_id, chosen, column.status, after), count=column.count)


def count(workspace_id: int, chosen: Selection | None = None) -> dict[Status, str]:
    """How many there are in each column, as written over it: "12", or "1000+"."""
    chosen = chosen or Selection()
    return _count(chosen.where(workspace_id), _counted(chosen))


def rows(workspace_id: int, ids: Collection[int], chosen: Selection | None = None) -> list[CardRow]:
    """The cards of these conversations, as far as they are on the board."""
    where = (chosen or Selection()).where(workspace_id)
    return fetch(_BY_ID.format(card=CARD, names=NAMES, where=where.text), [*where.values, list(ids)])


def unread_of(reader: User, ids: Collection[int]) -> frozenset[int]:
    """Those of the conversations in which something was said since the reader last looked. One query."""
    asked = both(Sql("c.workspace_id = %s AND c.id = ANY(%s)", (reader.workspace_id, list(ids))), unread(reader))
    with connection.cursor() as cursor:
        cursor.execute(_IDS.format(where=asked.text), list[Any](asked.values))
        return frozenset(row[0] for row in cursor.fetchall())


def draw_changes(
    workspace_id: int,
    ids: Collection[int],
    chosen: Selection | None = None,
    *,
    reader: User | None = None,
    lanes: Mapping[str, int] | None = None,
) -> SafeString:
    """What a browser that shows the board, or a selection, needs after these conversations changed: their cards,
    which ones are not on it, and the counts. `lanes`: how many are open in each of those it shows."""
    found = rows(workspace_id, ids, chosen)
    gone = sorted(set(ids) - {row.id for row in found})
    news = unread_of(reader, ids) if reader else frozenset()
    drawn: SafeString = _template("conversations/_changes.html").render(
        {"cards": draw(found, news), "gone": gone, "counts": count(workspace_id, chosen), "lanes": lanes or {}}
    )
    return drawn


def draw(rows: Iterable[CardRow], unread: Collection[int] = ()) -> SafeString:
    """`unread`: the ids of those with news for the reader. Set beside the drawing, which serves everybody."""
    language = get_language()
    cards = (
        _draw_card(row, language).replace('<li class="card"', '<li class="card" data-unread', 1)
        if row.id in unread
        else _draw_card(row, language)
        for row in rows
    )
    return mark_safe("".join(cards))  # noqa: S308 — each card is drawn by an escaping template


def people(workspace_id: int) -> list[tuple[int, str]]:
    """Who can be chosen in the board's filter: teammates who may own something."""
    teammates = User.objects.filter(workspace_id=workspace_id, is_active=True).order_by("name", "pk")
    return list(teammates.values_list("pk", "name")[:500])


def companies(workspace_id: int) -> list[tuple[int, str]]:
    accounts = Account.objects.filter(workspace_id=workspace_id).order_by("name", "pk")
    return list(accounts.values_list("pk", "name")[:500])


@lru_cache(maxsize=20_000)
def _draw_card(row: CardRow, _language: str | None) -> str:
    """In the active language, which is a part of the drawing's name."""
    # The whole row is the name of the drawing, not (id, version) alone: an account's or teammate's name may
    # change without the conversation.
    company = row.account or row.channel
    drawn: str = _template("conversations/_card.html").render(
        {
            "card": row,
            "company": company,
            "said": _beyond_title(row),
            "logo": drawing.logo(company),
            "owner": drawing.avatar(row.owner or ""),
            "at": drawing.moment(row.last_message_at),
            "waiting": drawing.moment(row.waiting_since, "waiting") if row.waiting_since else "",
            "priority": _priority(row.priority),
            "tags": row.tags[:SHOWN_TAGS],
            "more_tags": len(row.tags) - SHOWN_TAGS,
            "due": drawing.moment(row.response_due_at, "due") if row.waiting_since and row.response_due_at else "",
            "icons": _icons(),
        }
    )
    return drawn


def _beyond_title(row: CardRow) -> str:
    """The last message; of the one that gave the title only what the title doesn't say already."""
    if row.message_count == 1 and row.last_message_text.startswith(row.title):
        return row.last_message_text[len(row.title) :].lstrip()
    return row.last_message_text


@lru_cache
def _icons() -> dict[str, SafeString]:
    return {name: drawing.icon(name) for name in ("more", "messages", "waiting", "reply", "external")}


def _priority(name: str) -> dict[str, str] | None:
    """How it is told on a card; an ordinary one isn't."""
    if name == Priority.NORMAL:
        return None
    return {"label": str(Priority(name).label), "icon": drawing.icon(f"priority-{name}")}


@lru_cache
def _template(name: str) -> Any:
    return get_template(name)


def _column(status: Status, found: list[CardRow]) -> Column:
    shown = found[:PAGE]
    return Column(status, shown, shown[-1].key if len(found) > PAGE else None)


def _select(where: Sql, statuses: Sequence[Status], after: Key | None = None) -> list[CardRow]:
    if after:
        where = both(where, Sql("(c.last_message_at, c.id) < (%s, %s)", (after.at, after.id)))
    return fetch(
        _TOP.format(card=CARD, names=NAMES, where=where.text),
        [[status.value for status in statuses], *where.values, PAGE + 1],
    )


def _counted(chosen: Selection) -> int:
    return COUNTED_FOUND if chosen.text else COUNTED


def _count(where: Sql, most: int) -> dict[Status, str]:
    values: list[Any] = [*where.values, most + 1, Status.values]
    with connection.cursor() as cursor:
        cursor.execute(_COUNT.format(where=where.text), values)
        return {Status(s): f"{most}+" if n > most else str(n) for s, n in cursor.fetchall()}


def both(one: Sql, other: Sql) -> Sql:
    return Sql(f"{one.text} AND {other.text}", (*one.values, *other.values))


def fetch(sql: str, values: list[Any]) -> list[CardRow]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [_row(*row) for row in cursor.fetchall()]


def _row(*values: Any) -> CardRow:
    *plain, tags, linked = values
    tickets = tuple((str(each.get("tool", "")), str(each.get("number", ""))) for each in json.loads(linked))
    return CardRow(*[*plain, tuple(tags), tickets])


CARD = """
    c.id, c.number, c.version, c.title, c.status, c.message_count, c.waiting_since,
    c.last_message_at, c.last_message_text, c.last_message_author, c.last_message_inbound,
    c.account_id, c.owner_id, account.name, owner.name, channel.name, c.response_due_at,
    c.priority, c.tags, c.linked
"""
NAMES = """
    LEFT JOIN accounts_account account ON account.id = c.account_id
    LEFT JOIN accounts_user owner ON owner.id = c.owner_id
    JOIN accounts_channel channel ON channel.id = c.channel_id
"""
# One walk down an index for each column: a window function or one sort would read the columns whole. It asks for the
# ids alone, which the index has: so what a filter leaves out is not looked at either.
_TOP = """
    SELECT {card}
    FROM unnest(%s::varchar[]) AS wanted(status)
    CROSS JOIN LATERAL (
        SELECT c.id FROM conversations_conversation c
        WHERE {where} AND c.status = wanted.status
        ORDER BY c.last_message_at DESC, c.id DESC LIMIT %s
    ) newest
    JOIN conversations_conversation c ON c.id = newest.id
    {names}
    ORDER BY c.last_message_at DESC, c.id DESC
"""
_COUNT = """
    SELECT wanted.status, (
        SELECT count(*) FROM (
            SELECT 1 FROM conversations_conversation c
            WHERE {where} AND c.status = wanted.status LIMIT %s
        ) counted
    )
    FROM unnest(%s::varchar[]) AS wanted(status)
"""
_IDS = "SELECT c.id FROM conversations_conversation c WHERE {where}"
_BY_ID = """
    SELECT {card} FROM conversations_conversation c {names}
    WHERE {where} AND c.id = ANY(%s)
"""
