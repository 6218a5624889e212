"""Which triage channel shows a conversation."""

from __future__ import annotations

import pytest

from triage.routing import route

DANA, OMAR = 1, 2


@pytest.mark.parametrize(
    ("owner", "places", "place"),
    [
        (DANA, {DANA: "danas", None: "general"}, "danas"),
        (OMAR, {DANA: "danas", None: "general"}, "general"),
        (None, {DANA: "danas", None: "general"}, "general"),
        (OMAR, {DANA: "danas"}, None),
        (None, {DANA: "danas"}, None),
        (DANA, {}, None),
    ],
)
def test_the_owners_own_one_then_the_workspaces_then_none(
    owner: int | None, places: dict[int | None, str], place: str | None
) -> None:
    assert route(owner, places) == place


def test_a_place_may_be_anything_that_is_there() -> None:
    assert route(DANA, {DANA: 0, None: 7}) == 0
