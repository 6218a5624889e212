"""Figures for grouping and status, 0 to 100, the ones the disentanglement literature reports.

A channel is a pair (gold, predicted): two equally long lists of conversation labels, one per scored message.
Several channels are pooled as Kummerfeld et al. (ACL 2019) do; their labels never meet.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence, Set
from typing import Final

Labels = Sequence[Hashable]
Channels = Sequence[tuple[Labels, Labels]]
Overlap = dict[tuple[Hashable, Hashable], int]

STATUS_LABELS: Final = ("in_progress", "closed")


def grouping_figures(channels: Channels) -> dict[str, float]:
    """All figures of a set of channels, by the names that `evaluate grouping` prints."""
    precision, recall, f1 = exact_match(channels)
    return {
        "VI": variation_of_information(channels),
        "one": one_to_one(channels),
        "exP": precision,
        "exR": recall,
        "exF": f1,
        "pairF": pair_f1(channels),
    }


def status_figures(gold: Sequence[str], predicted: Sequence[str]) -> dict[str, float]:
    """Accuracy, macro F1, and precision, recall and F1 of each label."""
    pairs = Counter(zip(gold, predicted, strict=True))
    hits = sum(count for (is_, said), count in pairs.items() if is_ == said)
    figures = {"acc": 100 * _ratio(hits, len(gold))}
    for label in STATUS_LABELS:
        precision = _ratio(pairs[label, label], sum(n for (_, said), n in pairs.items() if said == label))
        recall = _ratio(pairs[label, label], sum(n for (is_, _), n in pairs.items() if is_ == label))
        figures[f"{label}_P"] = 100 * precision
        figures[f"{label}_R"] = 100 * recall
        figures[f"{label}_F"] = 100 * _f1(precision, recall)
    figures["macroF1"] = sum(figures[f"{label}_F"] for label in STATUS_LABELS) / len(STATUS_LABELS)
    return figures


def variation_of_information(channels: Channels) -> float:
    """100 (1 - VI / log2 n): 100 is a perfect grouping."""
    cells, predicted, gold, total = _tables(channels)
    if total < 2:
        return 100.0
    distance = 0.0
    for (said, is_), count in cells.items():
        distance -= count / total * (math.log2(count / predicted[said]) + math.log2(count / gold[is_]))
    return 100 * (1 - distance / math.log2(total))


def one_to_one(channels: Channels) -> float:
    """Share of messages covered by the best pairing of predicted with gold conversations."""
    covered = total = 0
    for gold, predicted in channels:
        covered += _best_pairing(Counter(zip(predicted, gold, strict=True)))
        total += len(gold)
    return 100 * _ratio(covered, total)


def exact_match(channels: Channels) -> tuple[float, float, float]:
    """Precision, recall and F1 of whole conversations; those of one message are left out."""
    matched = said = true = 0
    for gold, predicted in channels:
        gold_sets, predicted_sets = _member_sets(gold), _member_sets(predicted)
        matched += len(gold_sets & predicted_sets)
        said += len(predicted_sets)
        true += len(gold_sets)
    precision, recall = _ratio(matched, said), _ratio(matched, true)
    return 100 * precision, 100 * recall, 100 * _f1(precision, recall)


def pair_f1(channels: Channels) -> float:
    """F1 over all pairs of messages that share a conversation."""
    cells, predicted, gold, _ = _tables(channels)
    together = sum(map(math.comb, cells.values(), [2] * len(cells)))
    said = sum(map(math.comb, predicted.values(), [2] * len(predicted)))
    true = sum(map(math.comb, gold.values(), [2] * len(gold)))
    return 100 * _f1(_ratio(together, said), _ratio(together, true))


def link_figures(gold: Set[Hashable], predicted: Set[Hashable]) -> tuple[float, float, float]:
    """Precision, recall and F1 of reply links, each (channel, message, message answered or itself)."""
    precision = _ratio(len(gold & predicted), len(predicted))
    recall = _ratio(len(gold & predicted), len(gold))
    return 100 * precision, 100 * recall, 100 * _f1(precision, recall)


def _tables(channels: Channels) -> tuple[Overlap, Counter[Hashable], Counter[Hashable], int]:
    """Count messages by (predicted, gold), by predicted and by gold conversation, and altogether."""
    cells: Counter[tuple[Hashable, Hashable]] = Counter()
    by_predicted: Counter[Hashable] = Counter()
    by_gold: Counter[Hashable] = Counter()
    for number, (gold, predicted) in enumerate(channels):
        for is_, said in zip(gold, predicted, strict=True):
            cells[(number, said), (number, is_)] += 1
            by_predicted[number, said] += 1
            by_gold[number, is_] += 1
    return cells, by_predicted, by_gold, by_gold.total()


def _member_sets(labels: Labels) -> set[tuple[int, ...]]:
    members: defaultdict[Hashable, list[int]] = defaultdict(list)
    for index, label in enumerate(labels):
        members[label].append(index)
    return {tuple(indexes) for indexes in members.values() if len(indexes) > 1}


def _best_pairing(overlap: Overlap) -> int:
    """Solve the assignment part by part: conversations that share no message, even by detours, don't interact."""
    total = 0
    for part in _connected_parts(overlap):
        rows = {row: index for index, row in enumerate(dict.fromkeys(row for row, _ in part))}
        columns = {column: index for index, column in enumerate(dict.fromkeys(column for _, column in part))}
        weights = [[0] * len(columns) for _ in rows]
        for row, column in part:
            weights[rows[row]][columns[column]] = overlap[row, column]
        total += _assign(weights)
    return total


def _connected_parts(overlap: Overlap) -> list[list[tuple[Hashable, Hashable]]]:
    by_row: defaultdict[Hashable, list[tuple[Hashable, Hashable]]] = defaultdict(list)
    by_column: defaultdict[Hashable, list[tuple[Hashable, Hashable]]] = defaultdict(list)
    for cell in overlap:
        by_row[cell[0]].append(cell)
        by_column[cell[1]].append(cell)
    parts = []
    seen: set[tuple[Hashable, Hashable]] = set()
    for cell in overlap:
        part, reached = [], [cell]
        while reached:
            one = reached.pop()
            if one not in seen:
                seen.add(one)
                part.append(one)
                reached += by_row[one[0]] + by_column[one[1]]
        if part:
            parts.append(part)
    return parts


def _assign(weights: list[list[int]]) -> int:
    """Greatest total weight of a one-to-one assignment (Kuhn and Munkres, shortest augmenting paths)."""
    if len(weights) > len(weights[0]):
        weights = [list(column) for column in zip(*weights, strict=True)]
    width = len(weights[0])
    row_price = [0.0] * len(weights)
    column_price = [0.0] * width
    taken: list[int | None] = [None] * width  # the row that holds each column
    for first in range(len(weights)):
        distance, came_from, visited = [math.inf] * width, [-1] * width, [False] * width
        row, column = first, -1
        while True:
            step, nearest = math.inf, -1
            for other in range(width):
                if visited[other]:
                    continue
                cost = -weights[row][other] - row_price[row] - column_price[other]
                if cost < distance[other]:
                    distance[other], came_from[other] = cost, column
                if distance[other] < step:
                    step, nearest = distance[other], other
            row_price[first] += step
            for other in range(width):
                holder = taken[other]
                if visited[other] and holder is not None:
                    row_price[holder] += step
                    column_price[other] -= step
                else:
                    distance[other] -= step
            column = nearest
            visited[column] = True
            holder = taken[column]
            if holder is None:
                break
            row = holder
        while column >= 0:
            before = came_from[column]
            taken[column] = first if before < 0 else taken[before]
            column = before
    return sum(weights[row][column] for column, row in enumerate(taken) if row is not None)


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _f1(precision: float, recall: float) -> float:
    return _ratio(2 * precision * recall, precision + recall)
