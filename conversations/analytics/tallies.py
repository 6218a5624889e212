"""Adding the facts up, by day and by month: all of them, by owner, by account, channel and tag with owner, and by tag.

Sample conversations are left out: their figures never mix with real ones.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from django.db import transaction
from django.db.models.functions import TruncMonth

from accounts.models import Workspace
from conversations.analytics import briefs
from conversations.analytics.cells import Cell
from conversations.analytics.counting import lock
from conversations.models import Fact, Span, StaleDay, Tally
from conversations.writing import insert_rows

ALL, OWNER, ACCOUNT, CHANNEL, TAG, TAGGED = "all", "owner", "account", "channel", "tag", "tagged"
MONTH_AT_MOST = timedelta(days=31)

Cells = dict[tuple[str, str, int], Cell]
"""By slice, key and owner."""


def add_up_some(workspace: Workspace) -> int:
    """Add one stale day up, the newest first. Answers how many there were; 0: nothing is left to do."""
    with transaction.atomic():
        lock(workspace)
        stale = StaleDay.objects.filter(workspace=workspace).order_by("-day").first()
        if stale is None:
            return 0
        _write(workspace, Span.DAY, stale.day, cells_of_day(workspace, stale.day))
        Tally.objects.filter(workspace=workspace, span=Span.MONTH, day=stale.day.replace(day=1)).delete()
        stale.delete()
    return 1


def add_up_months(workspace: Workspace, *, today: date) -> int:
    """Add the months up that are over and have not been. Answers how many."""
    with transaction.atomic():
        lock(workspace)
        days = Tally.objects.filter(workspace=workspace, slice=ALL, span=Span.DAY, day__lt=today.replace(day=1))
        months = set(days.annotate(month=TruncMonth("day")).values_list("month", flat=True).distinct())
        done = Tally.objects.filter(workspace=workspace, slice=ALL, span=Span.MONTH).values_list("day", flat=True)
        waiting = StaleDay.objects.filter(workspace=workspace).values_list("day", flat=True)
        stale = {day.replace(day=1) for day in waiting}
        missing = months - set(done) - stale
        for month in missing:
            _write(workspace, Span.MONTH, month, cells_of_month(workspace, month))
    return len(missing)


def cells_of_day(workspace: Workspace, day: date) -> Cells:
    facts = Fact.objects.filter(workspace=workspace, day=day, is_sample=False)
    return add_up(facts.values_list(
        "kind", "hour", "value", "working", "owner_id", "account_id", "channel_id", "tags"
    ).iterator(chunk_size=5000))  # fmt: skip


def add_up(
    facts: Iterable[tuple[str, int, int | None, int | None, int | None, int | None, int, list[str]]],
) -> Cells:
    cells: Cells = defaultdict(Cell)
    for kind, hour, value, working, owner, account, channel, tags in facts:
        for place in _places(owner or 0, account or 0, channel, tags):
            cells[place].add(kind, hour, value, working)
    return cells


def _places(owner: int, account: int, channel: int, tags: list[str]) -> Iterator[tuple[str, str, int]]:
    yield ALL, "", 0
    yield OWNER, str(owner), owner
    yield ACCOUNT, str(account), owner
    yield CHANNEL, str(channel), owner
    for tag in tags:
        yield TAG, tag, owner
        yield TAGGED, tag, 0


def cells_of_month(workspace: Workspace, month: date) -> Cells:
    following = (month + MONTH_AT_MOST).replace(day=1)
    cells: Cells = defaultdict(Cell)
    days = Tally.objects.filter(workspace=workspace, span=Span.DAY, day__gte=month, day__lt=following)
    rows = days.values_list("slice", "key", "owner_id", "figures").iterator(chunk_size=2000)
    for slice_, key, owner, figures in rows:
        cells[slice_, key, owner].take(figures)
    return cells


def _write(workspace: Workspace, span: Span, day: date, cells: Cells) -> None:
    Tally.objects.filter(workspace=workspace, span=span, day=day).delete()
    insert_rows([
        Tally(
            workspace_id=workspace.pk, span=span, day=day, slice=place, key=key, owner_id=owner,
            figures=cell.stored(), sums=briefs.sums(cell), spreads=briefs.spreads(cell),
        )
        for (place, key, owner), cell in cells.items()
    ])  # fmt: skip
