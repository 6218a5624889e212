"""Scoring trees by bits gives what walking them gives."""

import random

import pytest

from conversations.trees import FIELD, Forest, TreeNumbers


def grow(rng: random.Random, leaves: int, width: int) -> TreeNumbers:
    if leaves == 1:
        return {"features": [-1], "values": [round(rng.uniform(-1, 1), 4)]}
    low = rng.randrange(1, leaves)
    first, second = grow(rng, low, width), grow(rng, leaves - low, width)
    return {
        "features": [rng.randrange(width), *first["features"], *second["features"]],
        "values": [float(rng.randrange(-3, 4)), *first["values"], *second["values"]],
    }


def walk(tree: TreeNumbers, row: list[float], at: int = 0) -> tuple[float, int]:
    """Return the leaf reached and the place after this subtree."""
    feature, value = tree["features"][at], tree["values"][at]
    if feature < 0:
        return value, at + 1
    low, middle = walk(tree, row, at + 1)
    high, end = walk(tree, row, middle)
    return (low if row[feature] <= value else high), end


@pytest.mark.parametrize("seed", range(10))
def test_the_total_is_that_of_walking_every_tree(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311
    trees = [grow(rng, rng.choice([1, 2, 7, FIELD]), width=5) for _ in range(12)]
    forest = Forest(trees, width=5)

    for _ in range(50):
        row = [float(rng.randrange(-4, 5)) for _ in range(5)]  # on the thresholds as well as between
        expected = sum(walk(tree, row)[0] for tree in trees)

        assert forest.total(forest.narrow(row)) == pytest.approx(expected)


def test_the_common_numbers_may_be_taken_first() -> None:
    rng = random.Random(3)  # noqa: S311
    forest = Forest([grow(rng, 9, width=5) for _ in range(4)], width=5)
    row = [0.0, 1.0, 2.0, -1.0, 3.0]

    common = forest.narrow(row[3:], first=3)

    assert forest.total(forest.narrow(row[:3], start=common)) == forest.total(forest.narrow(row))
