"""Sums of sums are right, and percentiles are near enough."""

from __future__ import annotations

import json
import math

from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.analytics.cells import ERROR, SECONDS_BOUNDS, Cell

Facts = list[tuple[str, int, int | None, int | None]]
values = st.one_of(st.none(), st.integers(0, 20), st.integers(0, 100_000_000))
facts = st.lists(st.tuples(st.sampled_from(["new", "closed"]), st.integers(0, 23), values, values), max_size=40)


def cell_of(some: Facts) -> Cell:
    cell = Cell()
    for fact in some:
        cell.add(*fact)
    return cell


@settings(deadline=None)
@given(parts=st.lists(facts, max_size=4))
def test_parts_put_together_are_the_whole(parts: list[Facts]) -> None:
    whole = Cell()
    for part in parts:
        whole.merge(Cell.read(json.loads(json.dumps(cell_of(part).stored()))))
    assert whole == cell_of([fact for part in parts for fact in part])


@settings(deadline=None)
@given(some=st.lists(st.integers(0, 300_000_000), min_size=1), share=st.sampled_from([0.5, 0.9, 1.0]))
def test_a_percentile_is_within_the_promised_error(some: list[int], share: float) -> None:
    spread = cell_of([("closed", 0, value, None) for value in some]).measure("closed").values
    true = sorted(some)[math.ceil(share * len(some)) - 1]
    read = spread.percentile(share)
    assert read is not None
    assert abs(read - true) <= ERROR * true
    assert spread.total == sum(some)


@settings(deadline=None)
@given(some=st.lists(st.integers(0, 5_000_000)), bound=st.integers(0, len(SECONDS_BOUNDS) - 2))
def test_bars_are_exact(some: list[int], bound: int) -> None:
    spread = cell_of([("closed", 0, value, None) for value in some]).measure("closed").values
    least, most = SECONDS_BOUNDS[bound : bound + 2]
    assert spread.between(least, most) == sum(least <= value < most for value in some)
