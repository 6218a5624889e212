"""Scores rows of numbers with boosted regression trees, in plain Python and without walking the trees.

The way is QuickScorer's (Lucchese et al., SIGIR 2015): each leaf is a bit; each comparison that fails clears the
leaves it makes unreachable; the lowest bit left in a tree's field is the leaf reached. One big integer holds all trees
at once, so a row costs one binary search and one AND per feature instead of a walk per tree.
"""

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate
from operator import and_, getitem
from typing import Final, TypedDict

FIELD: Final = 32  # bits per tree, hence the most leaves of a tree


class TreeNumbers(TypedDict):
    """A tree in preorder: the feature compared at each node (-1: a leaf) and its threshold (or the leaf's value).

    A row goes to the first branch where its value is at most the threshold.
    """

    features: list[int]
    values: list[float]


class Forest:
    """Trees made ready for scoring rows of `width` numbers, of which the last ones may be common to many rows."""

    def __init__(self, trees: Sequence[TreeNumbers], width: int) -> None:
        """Prepare the masks: for each feature its thresholds and what is left beyond each of them."""
        comparisons: list[list[tuple[float, int]]] = [[] for _ in range(width)]
        self._leaves: list[dict[int, float]] = []
        for number, tree in enumerate(trees):
            leaves: dict[int, float] = {}
            _prepare(tree, 0, leaves, comparisons, number * FIELD)
            self._leaves.append(leaves)
        size = len(trees) * FIELD
        everything = (1 << size) - 1
        self._bytes = size // 8
        self._ones = sum(1 << (number * FIELD) for number in range(len(trees)))
        self._reachable = sum((1 << len(leaves)) - 1 << (n * FIELD) for n, leaves in enumerate(self._leaves))
        self._compared: list[tuple[list[float], list[int]]] = []
        for compared in comparisons:
            compared.sort()
            cleared = (everything ^ clears for _, clears in compared)
            masks = list(accumulate(cleared, and_, initial=everything))
            self._compared.append(([threshold for threshold, _ in compared], masks))

    def narrow(self, values: Sequence[float], first: int = 0, start: int | None = None) -> int:
        """Leave only what the values of the features from `first` on allow, out of `start` (default: all)."""
        left = self._reachable if start is None else start
        compared = self._compared[first:] if first else self._compared
        for value, (thresholds, masks) in zip(values, compared, strict=False):
            left &= masks[bisect_left(thresholds, value)]
        return left

    def total(self, left: int) -> float:
        """Add up the leaves reached, once every feature has narrowed."""
        lowest = left & ~(left - self._ones)
        reached = array("I", lowest.to_bytes(self._bytes, "little"))
        return sum(map(getitem, self._leaves, reached))


def _prepare(
    tree: TreeNumbers,
    at: int,
    leaves: dict[int, float],
    comparisons: list[list[tuple[float, int]]],
    shift: int,
) -> int:
    """Number the leaves from left to right; return the place after this subtree."""
    feature, value = tree["features"][at], tree["values"][at]
    if feature < 0:
        leaves[1 << len(leaves)] = value
        return at + 1
    first = len(leaves)
    second_branch = _prepare(tree, at + 1, leaves, comparisons, shift)
    beyond = (1 << len(leaves)) - (1 << first)
    comparisons[feature].append((value, beyond << shift))
    return _prepare(tree, second_branch, leaves, comparisons, shift)
