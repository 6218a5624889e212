"""The board: three columns of cards, read as plain rows in a fixed number of queries and drawn from them.

A drawn card depends on its row alone, never on who looks, so that one drawing serves everybody.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal, Self

from django.db import connection
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe

from accounts.models import Account, User
from conversations import drawing
from conversations.status import Status

PAGE = 50
"""Cards of a column that are drawn at once."""
COUNTED = 1_000
"""A column is counted up to here, because nobody reads more and counting a million rows takes its time."""

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
class Filter:
    """Whose conversations. None: everybody's; `"nobody"`: those without an owner."""

    owner: int | Literal["nobody"] | None = None
    account: int | None = None

    def __bool__(self) -> bool:
        return self.owner is not None or self.account is not None


@dataclass(frozen=True, slots=True)
class Column:
    status: Status
    rows: Sequence[CardRow]
    next: Key | None = None
    """The key to go on after, when there are more."""
    count: str = ""

    @property
    def label(self) -> str:
        return str(self.status.label)

    @property
    def cards(self) -> SafeString:
        return draw(self.rows)


def columns(workspace_id: int, chosen: Filter | None = None) -> list[Column]:
    """The newest cards of each status with their counts. Two queries."""
    chosen = chosen or Filter()
    rows = _select(workspace_id, chosen, list(Status))
    counts = count(workspace_id, chosen)
    return [
        replace(_column(status, [row for row in rows if row.status == status]), count=counts[status])
        for status in Status
    ]


def page(workspace_id: int, chosen: Filter, status: Status, after: Key | None) -> Column:
    """The cards of one column that come after a key. One query."""
    return _column(status, _select(workspace_id, chosen, [status], after))


def turned(column: Column, workspace_id: int, chosen: Filter, after: Key | None) -> Column:
    """The same column, at its next page."""
    return replace(page(workspace_id, chosen, column.status, after), count=column.count)


def count(workspace_id: int, chosen: Filter | None = None) -> dict[Status, str]:
    """How many there are in each column, as written over it: "12", or "1000+"."""
    where, values = _where(workspace_id, chosen or Filter())
    with connection.cursor() as cursor:
        cursor.execute(_COUNT.format(where=where), [*values, COUNTED + 1, Status.values])
        return {Status(s): f"{COUNTED}+" if n > COUNTED else str(n) for s, n in cursor.fetchall()}


def rows(workspace_id: int, ids: Collection[int], chosen: Filter | None = None) -> list[CardRow]:
    """The cards of these conversations, as far as they are on the board."""
    where, values = _where(workspace_id, chosen or Filter())
    return _fetch(_BY_ID.format(card=_CARD, names=_NAMES, where=where), [*values, list(ids)])


def draw_changes(workspace_id: int, ids: Collection[int], chosen: Filter | None = None) -> SafeString:
    """What a browser that shows the board, or a selection, needs after these conversations changed: their cards,
    which ones are not on it, and the counts."""
    found = rows(workspace_id, ids, chosen)
    gone = sorted(set(ids) - {row.id for row in found})
    drawn: SafeString = _template("conversations/_changes.html").render(
        {"cards": draw(found), "gone": gone, "counts": count(workspace_id, chosen)}
    )
    return drawn


def draw(rows: Iterable[CardRow]) -> SafeString:
    return mark_safe("".join(map(_draw_card, rows)))  # noqa: S308 — each card is drawn by an escaping template


def people(workspace_id: int) -> list[tuple[int, str]]:
    """Who can be chosen in the board's filter: teammates who may own something."""
    teammates = User.objects.filter(workspace_id=workspace_id, is_active=True).order_by("name", "pk")
    return list(teammates.values_list("pk", "name")[:500])


def companies(workspace_id: int) -> list[tuple[int, str]]:
    accounts = Account.objects.filter(workspace_id=workspace_id).order_by("name", "pk")
    return list(accounts.values_list("pk", "name")[:500])


@lru_cache(maxsize=20_000)
def _draw_card(row: CardRow) -> str:
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
    return {name: drawing.icon(name) for name in ("more", "messages", "waiting", "reply")}


@lru_cache
def _template(name: str) -> Any:
    return get_template(name)


def _column(status: Status, found: list[CardRow]) -> Column:
    shown = found[:PAGE]
    return Column(status, shown, shown[-1].key if len(found) > PAGE else None)


def _select(workspace_id: int, chosen: Filter, statuses: Sequence[Status], after: Key | None = None) -> list[CardRow]:
    where, values = _where(workspace_id, chosen)
    if after:
        where += " AND (c.last_message_at, c.id) < (%s, %s)"
        values += [after.at, after.id]
    return _fetch(
        _TOP.format(card=_CARD, names=_NAMES, where=where), [[status.value for status in statuses], *values, PAGE + 1]
    )


def _where(workspace_id: int, chosen: Filter) -> tuple[str, list[Any]]:
    # The columns come in the order of the indexes `board`, `board_of_owner` and `board_of_account`.
    where = f"c.workspace_id = %s AND {_LISTED}"
    values: list[Any] = [workspace_id]
    if chosen.owner == "nobody":
        where += " AND c.owner_id IS NULL"
    elif chosen.owner is not None:
        where += " AND c.owner_id = %s"
        values.append(chosen.owner)
    if chosen.account is not None:
        where += " AND c.account_id = %s"
        values.append(chosen.account)
    return where, values


def _fetch(sql: str, values: list[Any]) -> list[CardRow]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [CardRow(*row) for row in cursor.fetchall()]


_LISTED = "c.merged_into_id IS NULL AND NOT c.is_unsorted AND c.snoozed_until IS NULL"
_CARD = """
    c.id, c.number, c.version, c.title, c.status, c.message_count, c.waiting_since,
    c.last_message_at, c.last_message_text, c.last_message_author, c.last_message_inbound,
    c.account_id, c.owner_id, account.name, owner.name, channel.name, c.response_due_at
"""
_NAMES = """
    LEFT JOIN accounts_account account ON account.id = c.account_id
    LEFT JOIN accounts_user owner ON owner.id = c.owner_id
    JOIN accounts_channel channel ON channel.id = c.channel_id
"""
# One walk down an index for each column: a window function or one sort would read the columns whole.
_TOP = """
    SELECT {card}
    FROM unnest(%s::varchar[]) AS wanted(status)
    CROSS JOIN LATERAL (
        SELECT * FROM conversations_conversation c
        WHERE {where} AND c.status = wanted.status
        ORDER BY c.last_message_at DESC, c.id DESC LIMIT %s
    ) c
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
_BY_ID = """
    SELECT {card} FROM conversations_conversation c {names}
    WHERE {where} AND c.id = ANY(%s)
"""
