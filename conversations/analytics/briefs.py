"""What a table tells of a tally, in columns that the database adds up: of thousands of tallies a page then reads one
row for each key.

`sums`: how many facts there are of each kind, and after these the totals of the `SPREADS`. `spreads`: for each of them
a text with one character for each value, which says its bucket; put behind one another they are the spread of both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import QuerySet, Sum

from conversations.analytics.cells import Cell, Spread
from conversations.analytics.figures import Kind
from conversations.models import Tally

KINDS: Final = tuple(Kind)
SPREADS: Final = (
    (Kind.FIRST_RESPONSE, "values"), (Kind.FIRST_RESPONSE, "working"),
    (Kind.CLOSED, "values"), (Kind.CLOSED, "working"),
)  # fmt: skip
"""Of which kinds a table tells durations. Tallies hold all by place: after a change they are added up anew."""
FIRST = ord(" ")
"""The character of bucket 0."""


def sums(cell: Cell) -> list[int]:
    counts = [cell.count(kind) for kind in KINDS]
    return [*counts, *(spread.total for spread in _spreads(cell))]


def spreads(cell: Cell) -> list[str]:
    return [
        "".join(chr(FIRST + number) * spread.buckets[number] for number in sorted(spread.buckets))
        for spread in _spreads(cell)
    ]


def added_up(tallies: QuerySet[Tally], by: str, *, working: bool) -> Iterator[tuple[Any, Cell]]:
    """The tallies' cells by one of their columns, with what `sums` and `spreads` tell, without the durations in working
    hours if they aren't asked for."""
    told = [place for place, (_, clock) in enumerate(SPREADS) if working or clock != "working"]
    columns = {f"count{place}": Sum(f"sums__{place}") for place in range(len(KINDS))}
    columns |= {f"total{place}": Sum(f"sums__{len(KINDS) + place}") for place in told}
    texts = {f"values{place}": StringAgg(f"spreads__{place}", delimiter="") for place in told}
    for row in tallies.order_by().values(by).annotate(**columns, **texts).iterator(chunk_size=1000):
        cell = Cell()
        for place, kind in enumerate(KINDS):
            if count := row[f"count{place}"]:
                cell.measures[kind] = cell.measure(kind)
                cell.measures[kind].count = int(count)
        for place in told:
            if letters := row[f"values{place}"]:
                kind, clock = SPREADS[place]
                setattr(cell.measures[kind], clock, _spread(int(row[f"total{place}"]), letters))
        yield row[by], cell


def added_up_counts(tallies: QuerySet[Tally], *kinds: Kind) -> list[int]:
    """How many facts of each kind there are in all."""
    places = {f"count{place}": Sum(f"sums__{KINDS.index(kind)}", default=0) for place, kind in enumerate(kinds)}
    found = tallies.order_by().aggregate(**places)
    return [int(found[name]) for name in places]


def _spreads(cell: Cell) -> Iterator[Spread]:
    for kind, clock in SPREADS:
        yield getattr(cell.measure(kind), clock)


def _spread(total: int, letters: str) -> Spread:
    buckets = {ord(letter) - FIRST: count for letter, count in Counter(letters).items()}
    return Spread(len(letters), total, buckets)
