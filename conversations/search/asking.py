# ruff: noqa: S608 - the texts of SQL are made of our own pieces; what was typed is in the values.
"""Asks the database for conversations that have all the words of a query, each somewhere in them.

How, depends on the rarest word. Where at most 3,000 messages have it, those conversations are looked at alone and the
best come first. Where all words are common, the conversations are walked through, the newest first, a window at a time:
the index of words would have to hand over all of its matches before the first could be shown. Either way the work is
bounded, however much there is, and so is its time. What does not fit into the windows is said, and is a page away.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from accounts.models import User, Workspace
from conversations.search.meaning import Meaning, Sql, understand
from conversations.search.words import Query, Term

FEW = 3_000
"""Messages that have a word, for it to be rare."""
WINDOW, WINDOWS = 1_500, 6
"""Conversations that are walked through at a time, and how often for a page."""
WALK_SECONDS = 0.1
"""After so long no further window is begun for a page."""
PAGE = 20
PROBED = 3
"""Words of which it is asked whether they are rare."""
SURELY_COMMON = 10 * FEW
"""By the planner's reckoning: then it isn't asked, which for a word in every message takes long."""
_KEY = re.compile(r"([rn])([^_]{1,40})_([0-9]{1,18})")
FADING_SECONDS = 90 * 86_400
"""A conversation this much older counts for e times less."""


@dataclass(frozen=True, slots=True)
class Found:
    """`ids`: of conversations, the best first. `next`: the key of the page after this one. `back_to`: how far was
    looked, where that is not all."""

    ids: Sequence[int]
    next: str = ""
    is_ranked: bool = False
    back_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A query as the database takes it. `wanted`, `unwanted`: tsqueries as text."""

    workspace_id: int
    wanted: tuple[str, ...]
    unwanted: tuple[str, ...]
    meaning: Meaning

    @property
    def any_wanted(self) -> str:
        return " | ".join(f"({words})" for words in self.wanted)

    @property
    def is_empty(self) -> bool:
        return not (self.wanted or self.unwanted or self.meaning.own or self.meaning.said)

    @property
    def needs_messages(self) -> bool:
        return bool(self.wanted or self.unwanted or self.meaning.said)


def prepare(query: Query, reader: User) -> Asked:
    return _prepare(query, reader.workspace_id, understand(query.filters, reader))


def prepare_words(query: Query, workspace: Workspace) -> Asked:
    """Of the words alone, where nobody is there whose filters they could be."""
    return _prepare(query, workspace.pk, Meaning())


def ask(asked: Asked, *, after: str = "", most: int = PAGE) -> Found:
    """Raises ValueError for a key that none of our pages has given."""
    if asked.is_empty or asked.meaning.problems:
        return Found(())
    few = _rare(asked)
    if few is not None and asked.wanted:
        return _best(asked, few, after, most)
    return _newest(asked, few, after, most)


def condition(asked: Asked) -> Sql:
    """The same question as a condition on a conversation `c`, for the board's own queries."""
    if asked.meaning.problems:
        return Sql("FALSE")
    few = _rare(asked)
    parts = [*asked.meaning.own, *_said(asked)]
    if few is not None:
        parts.insert(0, Sql("c.id = ANY(%s)", (few,)))
    return _all(parts) if parts else Sql("TRUE")


def _prepare(query: Query, workspace_id: int, meaning: Meaning) -> Asked:
    words = _tsqueries(query.terms)
    wanted = [text for text, term in zip(words, query.terms, strict=True) if text and not term.is_excluded]
    unwanted = [text for text, term in zip(words, query.terms, strict=True) if text and term.is_excluded]
    # Long words are rare more often than short ones.
    return Asked(workspace_id, tuple(sorted(wanted, key=len, reverse=True)), tuple(unwanted), meaning)


def _best(asked: Asked, few: list[int], after: str, most: int) -> Found:
    key = _parse(after, "r")
    where = _all([_scope(asked), Sql("c.id = ANY(%s)", (few,)), *asked.meaning.own, *_said(asked)])
    later = Sql("(score, id) < (%s, %s)", (float(key[0]), key[1])) if key else Sql("TRUE")
    rows = _rows(
        f"SELECT score, id FROM (SELECT c.id, ln(ranked.rank + 1e-9) + extract(epoch FROM c.last_message_at)::float8"
        f" / {FADING_SECONDS} AS score FROM conversations_conversation c CROSS JOIN LATERAL ("
        "  SELECT coalesce(max(ts_rank(s.words, %s::tsquery)), 0) AS rank FROM conversations_searchtext s"
        "  WHERE s.conversation_id = c.id AND s.words @@ %s::tsquery) ranked"
        f" WHERE {where.text}) scored WHERE {later.text} ORDER BY score DESC, id DESC LIMIT %s",
        [asked.any_wanted, asked.any_wanted, *where.values, *later.values, most + 1],
    )
    shown = rows[:most]
    more = f"r{shown[-1][0]!r}_{shown[-1][1]}" if len(rows) > most else ""
    return Found([pk for _score, pk in shown], more, is_ranked=True)


def _newest(asked: Asked, few: list[int] | None, after: str, most: int) -> Found:
    key = _parse(after, "n")
    at = (datetime.fromisoformat(key[0]), key[1]) if key else None
    ids: list[int] = []
    until = time.monotonic() + WALK_SECONDS
    for turn in range(WINDOWS):
        if turn and time.monotonic() > until:  # one is always walked, so that a page gets on
            break
        found, edge, is_end = _window(asked, few, at, most + 1 - len(ids))
        ids += [pk for _at, pk in found]
        if len(ids) > most:
            at = found[-2] if len(found) > 1 else at
            return Found(ids[:most], _key(at))
        if is_end:
            return Found(ids)
        at = edge
    return Found(ids, _key(at), back_to=at[0] if at else None)


Place = tuple[datetime, int]
_NOWHERE = (datetime.min.replace(tzinfo=UTC), 0)


def _window(asked: Asked, few: list[int] | None, after: Place | None, most: int) -> tuple[list[Place], Place, bool]:
    """What fits among the next conversations, `most` at most; where that is less, also the last one looked at, and
    whether there are no more."""
    inner = [_scope(asked), *asked.meaning.indexed]
    if few is not None:
        inner.append(Sql("c.id = ANY(%s)", (few,)))
    if after:
        inner.append(Sql("(c.last_message_at, c.id) < (%s, %s)", after))
    inside, outside = _all(inner), _all([*asked.meaning.own, *_said(asked), Sql("TRUE")])
    window = WINDOW if asked.needs_messages else WINDOW * 5
    rows = _rows(
        "WITH walked AS MATERIALIZED (SELECT c.* FROM conversations_conversation c"
        f" WHERE {inside.text} ORDER BY c.last_message_at DESC, c.id DESC LIMIT %s),"
        " found AS (SELECT c.last_message_at, c.id FROM walked c"
        f" WHERE {outside.text} LIMIT %s)"
        " (SELECT 'found', last_message_at, id FROM found)"
        # Only where the page isn't full: otherwise the window is walked no further than to its last one.
        " UNION ALL (SELECT 'edge', last_message_at, id FROM walked WHERE (SELECT count(*) FROM found) < %s"
        "  ORDER BY last_message_at, id LIMIT 1)"
        " UNION ALL (SELECT 'count', now(), count(*) FROM walked WHERE (SELECT count(*) FROM found) < %s)",
        [*inside.values, window, *outside.values, most, most, most],
    )
    found = sorted(((at, pk) for what, at, pk in rows if what == "found"), reverse=True)
    edges = [(at, pk) for what, at, pk in rows if what == "edge"]
    count = next(pk for what, _at, pk in rows if what == "count")
    if not edges:
        return found, after or _NOWHERE, True
    return found, edges[0], count < window


def _scope(asked: Asked) -> Sql:
    """The reader's workspace, and what is on a board."""
    return Sql("c.workspace_id = %s AND c.merged_into_id IS NULL AND NOT c.is_unsorted", (asked.workspace_id,))


def _said(asked: Asked) -> list[Sql]:
    """Each word somewhere in the conversation; with filters of messages: in one message that they fit."""
    fitting = _all([Sql("m.id = s.message_id"), *asked.meaning.said]) if asked.meaning.said else None
    join = f" JOIN conversations_message m ON {fitting.text}" if fitting else ""
    values = fitting.values if fitting else ()
    # OFFSET 0: asked of each conversation that is walked past, until there are enough. The planner would rather gather
    # all matches first, which for a common word are too many.
    parts = [
        Sql(
            f"EXISTS (SELECT 1 FROM conversations_searchtext s{join}"
            " WHERE s.conversation_id = c.id AND s.words @@ %s::tsquery OFFSET 0)",
            (*values, words),
        )
        for words in asked.wanted
    ]
    if fitting and not asked.wanted:
        of_it = _all([Sql("m.conversation_id = c.id AND m.deleted_at IS NULL"), *asked.meaning.said])
        parts.append(Sql(f"EXISTS (SELECT 1 FROM conversations_message m WHERE {of_it.text})", of_it.values))
    parts += [
        Sql(
            "NOT EXISTS (SELECT 1 FROM conversations_searchtext s"
            " WHERE s.conversation_id = c.id AND s.words @@ %s::tsquery OFFSET 0)",
            (words,),
        )
        for words in asked.unwanted
    ]
    return parts


def _rare(asked: Asked) -> list[int] | None:
    """The conversations with the first word that few messages have, or of authors who wrote little; None: there is
    neither."""
    for author in asked.meaning.authors:
        sql = f"SELECT m.conversation_id FROM conversations_message m WHERE {author.text} LIMIT %s"
        found = _rows(sql, [*author.values, FEW + 1])
        if len(found) <= FEW:
            return sorted({pk for (pk,) in found})
    for words in asked.wanted[:PROBED]:
        sql = "SELECT conversation_id FROM conversations_searchtext WHERE words @@ %s::tsquery AND workspace_id = %s"
        values = [words, asked.workspace_id]
        if _expected(sql, values) > SURELY_COMMON:
            continue
        found = _rows(f"{sql} LIMIT %s", [*values, FEW + 1])
        if len(found) <= FEW:
            return sorted({pk for (pk,) in found})
    return None


def _expected(sql: str, values: Sequence[object]) -> int:
    """Rows, as the planner reckons."""
    ((plan,),) = _rows(f"EXPLAIN (FORMAT JSON) {sql}", values)
    return int((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]["Plan Rows"])


def _tsqueries(terms: Sequence[Term]) -> list[str]:
    """For each text what PostgreSQL looks for; empty for one of signs alone. Several words in one text, as an e-mail
    address has, are a phrase. The words go through the function that the stored ones went through."""
    if not terms:
        return []
    rows = _rows(
        "SELECT CASE WHEN plain = '' THEN ''"
        " WHEN is_phrase OR plain LIKE '%% %%' THEN phraseto_tsquery('simple', plain)::text || beginning"
        " ELSE (to_tsquery('simple', quote_literal(plain) || beginning)"
        "       || to_tsquery('search_stem', quote_literal(plain)))::text END"
        " FROM (SELECT nr, is_phrase, btrim(regexp_replace(search_plain(text), '\\s+', ' ', 'g')) AS plain,"
        "  CASE WHEN is_open THEN ':*' ELSE '' END AS beginning"
        " FROM unnest(%s::text[], %s::bool[], %s::bool[]) WITH ORDINALITY AS t(text, is_phrase, is_open, nr)) t"
        " ORDER BY nr",
        [[t.text for t in terms], [t.is_phrase for t in terms], [t.is_open for t in terms]],
    )
    return [text for (text,) in rows]


def _all(conditions: Sequence[Sql]) -> Sql:
    text = " AND ".join(f"({condition.text})" for condition in conditions)
    return Sql(text, tuple(value for condition in conditions for value in condition.values))


def _key(place: Place | None) -> str:
    return f"n{place[0].isoformat()}_{place[1]}" if place else ""


def _parse(key: str, kind: str) -> tuple[str, int] | None:
    """None also for one of the other order: words may have become rare, or common, since the page before."""
    if not key:
        return None
    match = _KEY.fullmatch(key)
    try:
        if match is None:
            raise ValueError(key)
        _ = float(match[2]) if match[1] == "r" else datetime.fromisoformat(match[2])
    except ValueError:
        raise ValueError(f"{key!r} is no key") from None
    return (match[2], int(match[3])) if match[1] == kind else None


def _rows(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())
