"""The figures: known small cases, and agreement with an independent scorer where one is at hand."""

import importlib.util
import random
from itertools import permutations
from pathlib import Path
from types import ModuleType

import pytest

from conversations import evaluation

REFERENCE = Path(__file__).parents[3] / "shared" / "eval" / "metrics.py"


def random_channels(seed: int) -> list[tuple[list[int], list[int]]]:
    rng = random.Random(seed)  # noqa: S311
    return [
        ([rng.randrange(9) for _ in range(60)], [rng.randrange(rng.choice([2, 9, 30])) for _ in range(60)])
        for _ in range(3)
    ]


def test_a_perfect_grouping_is_100_whatever_the_labels() -> None:
    figures = evaluation.grouping_figures([(["a", "a", "b", "b"], [7, 7, 8, 8])])

    assert set(figures.values()) == {100.0}


def test_one_conversation_for_everything() -> None:
    figures = evaluation.grouping_figures([(["a", "a", "b", "b"], ["x", "x", "x", "x"])])

    assert figures["VI"] == pytest.approx(50.0)
    assert figures["one"] == 50.0
    assert figures["exF"] == 0.0
    assert figures["pairF"] == pytest.approx(50.0)


def test_exact_match_leaves_out_conversations_of_one_message() -> None:
    assert evaluation.exact_match([(["a", "a", "b"], ["x", "x", "y"])]) == (100.0, 100.0, 100.0)
    assert evaluation.exact_match([(["a", "a", "b", "b"], ["x", "x", "y", "z"])]) == pytest.approx(
        (100.0, 50.0, 200 / 3)
    )


@pytest.mark.parametrize("seed", range(20))
def test_the_assignment_is_the_best_of_all(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311
    weights = [[rng.randrange(6) for _ in range(5)] for _ in range(rng.choice([2, 5]))]
    best = max(
        sum(row[column] for row, column in zip(weights, columns, strict=False)) for columns in permutations(range(5))
    )

    gold = [column for row in weights for column, count in enumerate(row) for _ in range(count)]
    predicted = [index for index, row in enumerate(weights) for count in row for _ in range(count)]

    assert evaluation.one_to_one([(gold, predicted)]) == pytest.approx(100 * best / len(gold))


def test_links() -> None:
    assert evaluation.link_figures({("c", 1, 1), ("c", 2, 1)}, {("c", 2, 1)}) == pytest.approx((100.0, 50.0, 200 / 3))
    assert evaluation.link_figures(set(), set()) == (0.0, 0.0, 0.0)


def test_status_counts_each_label() -> None:
    figures = evaluation.status_figures(["closed", "closed", "in_progress"], ["closed", "in_progress", "in_progress"])

    assert figures["acc"] == pytest.approx(200 / 3)
    assert figures["closed_P"] == 100.0
    assert figures["closed_R"] == 50.0
    assert figures["macroF1"] == pytest.approx(200 / 3)


@pytest.fixture(scope="module")
def reference() -> ModuleType:
    if not REFERENCE.exists():
        pytest.skip("the independent scorer is not beside this clone")
    spec = importlib.util.spec_from_file_location("reference_metrics", REFERENCE)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("seed", range(5))
def test_figures_agree_with_the_independent_scorer(reference: ModuleType, seed: int) -> None:
    channels = random_channels(seed)

    assert evaluation.variation_of_information(channels) == pytest.approx(reference.vi(channels))
    assert evaluation.exact_match(channels) == pytest.approx(reference.exact(channels))
    assert evaluation.pair_f1(channels) == pytest.approx(reference.pair_f1(channels))
    if importlib.util.find_spec("scipy"):
        assert evaluation.one_to_one(channels) == pytest.approx(reference.one_to_one(channels))


def test_status_figures_agree_with_the_independent_scorer(reference: ModuleType) -> None:
    rng = random.Random(1)  # noqa: S311
    gold = [rng.choice(evaluation.STATUS_LABELS) for _ in range(50)]
    said = [rng.choice(evaluation.STATUS_LABELS) for _ in range(50)]

    assert evaluation.status_figures(gold, said) == pytest.approx(reference.status_scores(gold, said))
