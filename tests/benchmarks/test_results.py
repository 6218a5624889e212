from __future__ import annotations

import pytest

from benchmarks.results import Result, Side


@pytest.mark.parametrize(
    ("at_most", "aim", "met"), [(False, 2.0, True), (False, 2.1, False), (True, 2.0, True), (True, 1.9, False)]
)
def test_the_ratio_is_one_of_medians(at_most: bool, aim: float, met: bool) -> None:
    result = Result("x", Side("a", [1, 20, 900], "ms"), Side("b", [10, 1, 12], "ms"), aim=aim, at_most=at_most)
    assert result.ratio == 2.0
    assert result.met is met


def test_a_result_says_how_it_was_found() -> None:
    first, second = Side("a", [1000, 4000, 9000], "events"), Side("b", [1000, 2000, 3000], "events")
    result = Result("x", first, second, aim=1.8, remarks=["all stored"])
    assert str(result) == (
        "x: 2.00 (aim: at least 1.8, met; medians of 3 interleaved rounds)\n"
        "    a 4,000 events (1,000 to 9,000)\n"
        "    b 2,000 events (1,000 to 3,000)\n"
        "    ratio within a round 2.00 (1.00 to 3.00)\n"
        "    all stored"
    )
