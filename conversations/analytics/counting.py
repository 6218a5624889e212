"""Keeping the facts and what they add up to in step with what happens.

Whatever changes a conversation leaves a row in `Uncounted`, in the same transaction. A conversation found there is
reckoned anew as a whole, its facts are replaced where they differ, and the days of those that differ are added up anew.
So nothing depends on the order of events or commits, on being told once, or on one process alone. One at a time counts
for a workspace, under a lock that dies with its transaction.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from typing import TypeAlias
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Workspace
from conversations.analytics.figures import Kind
from conversations.analytics.history import Subject, read_subjects
from conversations.analytics.reckoning import Clocks, reckon
from conversations.models import Conversation, Fact, Ledger, StaleDay, Tally, Uncounted
from conversations.writing import insert_rows

AT_ONCE = 500
"""Conversations of one transaction."""
WAITS = (Kind.FIRST_RESPONSE, Kind.NEXT_RESPONSE, Kind.UNANSWERED)
COLUMNS = (
    "kind", "at", "began_at", "due_at", "day", "hour", "owner_id", "account_id", "channel_id", "tags", "value",
    "working", "is_sample",
)  # fmt: skip

Row: TypeAlias = tuple[object, ...]
"""A fact's values, as COLUMNS; `tags` as a tuple."""
Waits: TypeAlias = dict[datetime, datetime | None]
"""Since when somebody waited, and when the answer was due."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What of the team's set-up the figures depend on. `working`: of a stretch, the time within working hours; `due`:
    by an account's tier and a priority, when somebody who waits since then is to be answered."""

    zone: ZoneInfo
    working: Callable[[datetime, datetime], timedelta]
    due: Callable[[str, str, datetime], datetime | None]


def count_some(workspace: Workspace, rules: Rules) -> int:
    """Reckon some of what changed. Answers how many conversations; 0: nothing is left to do."""
    with transaction.atomic():
        lock(workspace)
        began = timezone.now()
        ids = _take(workspace)
        if ids:
            recount(workspace, ids, rules)
        else:
            Ledger.objects.filter(workspace=workspace).update(counted_until=began)
    return len(ids)


def recount(workspace: Workspace, ids: Collection[int], rules: Rules) -> None:
    """Replace the facts of these conversations where they differ. Within the lock."""
    known: dict[int, dict[int, Row]] = defaultdict(dict)
    for pk, conversation, *values in _facts(ids):
        known[conversation][pk] = _row(values)
    gone, fresh, days = list[int](), list[Fact](), set[date]()
    found = {subject.pk: facts_of(subject, rules, _pinned(known[subject.pk].values())) for subject in
             read_subjects(workspace, ids)}  # fmt: skip
    for conversation in ids:
        missing = Counter(found.get(conversation, ()))
        for pk, row in known[conversation].items():
            if missing[row]:
                missing[row] -= 1
            else:
                gone.append(pk)
                days.add(_day(row))
        for row in missing.elements():
            fresh.append(_fact(workspace, conversation, row))
            days.add(_day(row))
    Fact.objects.filter(pk__in=gone).delete()
    insert_rows(fresh)
    StaleDay.objects.bulk_create([StaleDay(workspace=workspace, day=day) for day in days], ignore_conflicts=True)


def facts_of(subject: Subject, rules: Rules, pinned: Waits) -> list[Row]:
    """`pinned`: by what was due when a wait was first counted it is judged for good: who changes the targets, a tier or
    a priority later does not change what was kept and missed."""

    def due(since: datetime) -> datetime | None:
        return pinned[since] if since in pinned else rules.due(subject.tier, subject.priority, since)

    rows = list[Row]()
    for one in reckon(subject.history, Clocks(rules.working, due)):
        local = one.at.astimezone(rules.zone)
        rows.append((
            str(one.kind), one.at, one.began_at, one.due_at, local.date(), local.hour, one.owner, subject.account,
            subject.channel, subject.tags, one.value, one.working, subject.is_sample,
        ))  # fmt: skip
    return rows


def differences(workspace: Workspace, ids: Collection[int], rules: Rules) -> dict[int, tuple[list[Row], list[Row]]]:
    """Of these conversations, by id, the facts that are missing and those that should not be there."""
    known = defaultdict[int, Counter[Row]](Counter)
    for _, conversation, *values in _facts(ids):
        known[conversation][_row(values)] += 1
    right = {subject.pk: Counter(facts_of(subject, rules, _pinned(known[subject.pk]))) for subject in
             read_subjects(workspace, ids)}  # fmt: skip
    found = {}
    for pk in ids:
        should = right.get(pk, Counter())
        missing, extra = should - known[pk], known[pk] - should
        if missing or extra:
            found[pk] = list(missing.elements()), list(extra.elements())
    return found


def count_anew(workspace: Workspace, *, since: datetime | None = None) -> int:
    """Have everything counted anew, or what was still alive `since` then; what is new goes first meanwhile. Answers the
    number of conversations. Facts of conversations that are gone go."""
    with transaction.atomic():
        lock(workspace)
        Uncounted.objects.filter(workspace=workspace, is_anew=True).delete()
        if since is None:
            _forget_the_gone(workspace)
            StaleDay.objects.bulk_create(
                [StaleDay(workspace=workspace, day=day) for day in _known_days(workspace)], ignore_conflicts=True
            )
        with connection.cursor() as cursor:
            cursor.execute(_ANEW, {"workspace": workspace.pk, "since": since})
            count: int = cursor.rowcount
            return count


def lock(workspace: Workspace) -> None:
    """Until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('figures', %s))", [workspace.pk])


def _take(workspace: Workspace) -> list[int]:
    """What changed lately first, then what is to be counted anew, from the newest. Taken and committed with the facts:
    what changes from now on leaves a row of its own."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"workspace": workspace.pk, "most": AT_ONCE})
        return sorted({pk for (pk,) in cursor.fetchall()})


def _facts(ids: Collection[int]) -> Iterable[tuple[int, ...]]:
    return Fact.objects.filter(conversation__in=ids).values_list("pk", "conversation_id", *COLUMNS)


def _row(values: Iterable[object]) -> Row:
    return tuple(tuple(value) if isinstance(value, list) else value for value in values)


def _pinned(rows: Iterable[Row]) -> Waits:
    kind, began_at, due_at = (COLUMNS.index(name) for name in ("kind", "began_at", "due_at"))
    return {row[began_at]: row[due_at] for row in rows if row[kind] in WAITS}  # type: ignore[misc]  # by their columns


def _day(row: Row) -> date:
    day = row[COLUMNS.index("day")]
    assert isinstance(day, date)  # noqa: S101 - tells the type
    return day


def _fact(workspace: Workspace, conversation: int, row: Row) -> Fact:
    values = dict(zip(COLUMNS, row, strict=True))
    return Fact(workspace_id=workspace.pk, conversation_id=conversation, **values)


def _forget_the_gone(workspace: Workspace) -> None:
    there = Conversation.objects.filter(workspace=workspace).values("pk")
    Fact.objects.filter(workspace=workspace).exclude(conversation__in=there).delete()


def _known_days(workspace: Workspace) -> set[date]:
    facts = Fact.objects.filter(workspace=workspace).values_list("day", flat=True).distinct()
    tallies = Tally.objects.filter(workspace=workspace, span="day").values_list("day", flat=True).distinct()
    return set(chain(facts, tallies))


_TAKE = """
    DELETE FROM conversations_uncounted WHERE id IN (
        SELECT id FROM conversations_uncounted WHERE workspace_id = %(workspace)s
        ORDER BY is_anew, id DESC LIMIT %(most)s
    ) RETURNING conversation_id
"""
_ANEW = """
    INSERT INTO conversations_uncounted (workspace_id, conversation_id, is_anew)
    SELECT workspace_id, id, true FROM conversations_conversation
    WHERE workspace_id = %(workspace)s AND (%(since)s::timestamptz IS NULL
        OR last_message_at >= %(since)s OR status_changed_at >= %(since)s)
    ORDER BY id
"""
