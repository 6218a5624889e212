"""Comparing what was counted with what happened: facts with messages and events, and tallies with facts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import TypeAlias

from django.db.models import QuerySet

from accounts.models import Workspace
from conversations.analytics import briefs
from conversations.analytics.cells import Cell
from conversations.analytics.counting import AT_ONCE, COLUMNS, Row, Rules, differences
from conversations.analytics.tallies import Cells, cells_of_day, cells_of_month
from conversations.models import Conversation, Fact, Span, StaleDay, Tally, Uncounted

Written: TypeAlias = tuple[Cell, list[int], list[str]]
"""What a tally holds."""
KIND, DAY = COLUMNS.index("kind"), COLUMNS.index("day")


def check(workspace: Workspace, rules: Rules) -> Iterator[str]:
    """Each difference in words. What is known to be still to do is none, and is left out."""
    yield from _facts(workspace, rules)
    yield from _orphans(workspace)
    yield from _days(workspace)
    yield from _months(workspace)


def _facts(workspace: Workspace, rules: Rules) -> Iterator[str]:
    below: int | None = None
    while ids := _next(workspace, below):
        below = ids[-1]
        found = differences(workspace, ids, rules)
        todo = Uncounted.objects.filter(workspace=workspace, conversation_id__in=found)
        waiting = set(todo.values_list("conversation_id", flat=True))
        numbers = Conversation.objects.filter(pk__in=found.keys() - waiting)
        for pk, number in numbers.order_by("-pk").values_list("pk", "number"):
            missing, extra = found[pk]
            yield f"#{number}: {_told('missing', missing)}{'; ' * bool(missing and extra)}{_told('too many', extra)}"


def _next(workspace: Workspace, below: int | None) -> list[int]:
    rows: QuerySet[Conversation] = Conversation.objects.filter(workspace=workspace)
    if below is not None:
        rows = rows.filter(pk__lt=below)
    return list(rows.order_by("-pk").values_list("pk", flat=True)[:AT_ONCE])


def _told(what: str, rows: list[Row]) -> str:
    counts = Counter(f"{row[KIND]} on {row[DAY]}" for row in rows)
    listed = ", ".join(f"{count} {fact}" if count > 1 else fact for fact, count in sorted(counts.items()))
    return f"{what}: {listed}" if rows else ""


def _orphans(workspace: Workspace) -> Iterator[str]:
    there = Conversation.objects.filter(workspace=workspace).values("pk")
    gone = Fact.objects.filter(workspace=workspace).exclude(conversation__in=there)
    todo = Uncounted.objects.filter(workspace=workspace).values("conversation_id")
    if count := gone.exclude(conversation__in=todo).count():
        yield f"{count} facts of conversations that are gone"


def _days(workspace: Workspace) -> Iterator[str]:
    facts = Fact.objects.filter(workspace=workspace, is_sample=False).values_list("day", flat=True).distinct()
    tallies = Tally.objects.filter(workspace=workspace, span=Span.DAY).values_list("day", flat=True).distinct()
    stale = set(StaleDay.objects.filter(workspace=workspace).values_list("day", flat=True))
    for day in sorted({*facts, *tallies} - stale):
        yield from _compare(f"{day}", _stored(workspace, Span.DAY, day), cells_of_day(workspace, day))


def _months(workspace: Workspace) -> Iterator[str]:
    """Of the months that are added up, whether they are the sum of their days."""
    months = Tally.objects.filter(workspace=workspace, span=Span.MONTH).values_list("day", flat=True).distinct()
    for month in sorted(months):
        yield from _compare(f"{month:%Y-%m}", _stored(workspace, Span.MONTH, month), cells_of_month(workspace, month))


def _stored(workspace: Workspace, span: Span, day: date) -> dict[tuple[str, str, int], Written]:
    rows = Tally.objects.filter(workspace=workspace, span=span, day=day)
    return {
        (place, key, owner): (Cell.read(figures), sums, spreads)
        for place, key, owner, figures, sums, spreads in rows.values_list(
            "slice", "key", "owner_id", "figures", "sums", "spreads"
        )
    }


def _compare(name: str, stored: dict[tuple[str, str, int], Written], cells: Cells) -> Iterator[str]:
    right = {place: (cell, briefs.sums(cell), briefs.spreads(cell)) for place, cell in cells.items()}
    for place in sorted({*stored, *right}):
        if stored.get(place) != right.get(place):
            yield f"{name}, {place[0]} {place[1]}: the tally is not the sum of its facts"
