"""Which triage channels show a conversation."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from triage.routing import Facts, Filter, places

DANA, OMAR = 1, 2
FACTS = Facts(
    status="todo", priority="high", channel=5, owner=DANA, account=7, tier="Enterprise", tags=frozenset({"beta", "eu"})
)


@pytest.mark.parametrize(
    ("stored", "fits"),
    [
        ({}, True),
        ({"owners": [DANA, OMAR]}, True),
        ({"owners": [OMAR]}, False),
        ({"owners": [0]}, False),
        ({"accounts": [7]}, True),
        ({"accounts": [8]}, False),
        ({"channels": [5, 6]}, True),
        ({"channels": [6]}, False),
        ({"tiers": ["Enterprise"]}, True),
        ({"tiers": ["Free"]}, False),
        ({"tags": ["eu", "us"]}, True),
        ({"tags": ["us"]}, False),
        ({"priorities": ["high"]}, True),
        ({"priorities": ["low"]}, False),
        ({"statuses": ["todo"]}, True),
        ({"statuses": ["closed"]}, False),
        ({"owners": [DANA], "tiers": ["Enterprise"]}, True),
        ({"owners": [DANA], "tiers": ["Free"]}, False),
    ],
)
def test_all_parts_must_fit_and_of_each_one_is_enough(stored: dict[str, Any], fits: bool) -> None:
    chosen = Filter.read(stored)
    assert chosen.lets_through(FACTS) is fits
    assert chosen.stored() == stored


def test_who_has_no_owner_is_found_by_it() -> None:
    assert Filter.read({"owners": [0]}).lets_through(replace(FACTS, owner=None))


def test_an_unknown_part_is_named() -> None:
    with pytest.raises(ValueError, match="colour: a filter knows only"):
        Filter.read({"colour": ["red"]})


def test_every_channel_that_fits_and_else_the_general_one() -> None:
    filters = {"danas": Filter(owners=frozenset({DANA})), "urgent": Filter(priorities=frozenset({"high"}))}
    assert places(FACTS, filters, general="general") == ["danas", "urgent"]
    assert places(replace(FACTS, owner=OMAR), filters, general="general") == ["urgent"]
    assert places(replace(FACTS, owner=OMAR, priority="low"), filters, general="general") == ["general"]
    assert places(replace(FACTS, owner=OMAR, priority="low"), filters) == []
