"""Trains the linker: boosted trees that rank a message's candidate conversations.

Three things make the difference (figures in docs/grouping.md): the whole list of candidates is learnt at once,
with the softmax's loss; quiet copies of the busy channels are learnt too, with less weight; and the busy channels
are laid out after a linker's own earlier decisions instead of the true ones, because that is what it will meet.
That linker was trained on the other half of the channels, so that its mistakes are those of a stranger.
"""

import json
import math
import multiprocessing
import random
from array import array
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from itertools import repeat
from typing import Any, Final

from conversations.chatlog import Chatlog, Line
from conversations.linking import Linker
from conversations.linking_features import FEATURES, WINDOW, Candidates, Rarity, Utterance, candidates
from conversations.linking_reading import read
from conversations.training import library
from conversations.training.thinning import spread_minutes, thin


@dataclass(frozen=True, slots=True)
class Growth:
    """How many trees, of how many leaves, each correcting how much of what is left."""

    rounds: int
    leaves: int
    learning_rate: float


LISTED_WORDS: Final = 1500
QUIET_COPIES: Final = 6  # of each channel
QUIET_WEIGHT: Final = 0.3
FIRST_TREES: Final = Growth(rounds=150, leaves=20, learning_rate=0.12)
LAST_TREES: Final = Growth(rounds=300, leaves=24, learning_rate=0.08)

Say = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Copy:
    """A channel to learn from, as it was or made quiet; `fold` is the half of the channels it belongs to."""

    lines: Sequence[Line]
    quiet: bool
    fold: int


@dataclass(slots=True)
class Examples:
    """Rows of numbers, one after the other, `sizes[i]` rows for message i; its row `right[i]` is the right one."""

    rows: "array[float]"
    sizes: list[int]
    right: list[int]
    weights: list[float]

    @classmethod
    def empty(cls) -> "Examples":
        """Return no examples."""
        return cls(array("f"), [], [], [])

    def add(self, found: Candidates, right: int, weight: float) -> None:
        """Take one message's candidates."""
        for row in found.rows:
            self.rows.extend(row)
            self.rows.extend(found.common)
        self.sizes.append(len(found.rows))
        self.right.append(right)
        self.weights.append(weight)


def train(channels: Sequence[Chatlog], *, seed: int = 0, processes: int = 2, say: Say = print) -> dict[str, Any]:
    """Return the numbers of a linker trained on channels with gold labels and reply links."""
    library("lightgbm")  # missing: better said now than after laying out
    rarity = learn_rarity(channels)
    copies = make_copies(channels, seed)
    say(f"{len(channels)} channels, {len(copies)} with spread and quiet copies.")
    # Spawned, not forked: the trees' library hangs in a forked child once it has used its threads.
    with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn")) as pool:
        laid_out = list(pool.map(lay_out, copies, repeat(rarity), chunksize=16))
        say(f"{sum(len(one.sizes) for one in laid_out)} messages laid out after the true conversations.")
        halves = []
        for fold in (0, 1):
            others = [one for copy, one in zip(copies, laid_out, strict=True) if copy.fold != fold]
            halves.append(json.dumps(numbers(fit(others, FIRST_TREES, seed), rarity)))
            say(f"First trees, half {fold + 1} of 2.")
        busy = [copy for copy in copies if not copy.quiet]
        decided = list(pool.map(lay_out, busy, repeat(rarity), [halves[one.fold] for one in busy], chunksize=16))
        say(f"{sum(len(one.sizes) for one in decided)} messages of the busy ones laid out after own decisions.")
    quiet = [one for copy, one in zip(copies, laid_out, strict=True) if copy.quiet]
    trained = numbers(fit(decided + quiet, LAST_TREES, seed), rarity)
    say(f"{len(trained['trees'])} trees.")
    return trained


def learn_rarity(channels: Sequence[Chatlog]) -> Rarity:
    """Learn how rarely the commonest words are said; a word that is not listed counts as said 15 times."""
    said: Counter[str] = Counter()
    total = 0
    for line in (line for channel in channels for line in channel.lines if not line.system):
        said.update(sorted(read(line.text).topical))
        total += 1
    listed = {word: round(math.log(total / count), 1) for word, count in said.most_common(LISTED_WORDS)}
    return Rarity(listed, round(math.log(max(total, 16) / 15), 1))


def make_copies(channels: Sequence[Chatlog], seed: int) -> list[Copy]:
    """Return each channel as it is, with its minutes spread, and made quiet several times."""
    rng = random.Random(seed)  # noqa: S311  no secret
    copies = []
    for number, channel in enumerate(channels):
        fold = number % 2
        copies += [Copy(channel.lines, False, fold), Copy(spread_minutes(channel.lines), False, fold)]
        quiet = (thin(channel.lines, rng) for _ in range(QUIET_COPIES))
        copies += [Copy(lines, True, fold) for lines in quiet if len(lines) >= 8]
    return copies


def lay_out(copy: Copy, rarity: Rarity, maker: str = "") -> Examples:
    """Lay out a channel's messages after the true conversations, or after those a linker (as JSON) decides."""
    linker = _linker(maker) if maker else None
    examples = Examples.empty()
    said: list[Utterance] = []
    label_of: dict[Any, Any] = {}  # by message: the conversation it was put into
    latest: dict[Any, Any] = {}  # by true conversation: its latest message
    for line in copy.lines:
        if line.system:
            continue
        earlier = said[-WINDOW:]
        new = line.utterance()
        scores: list[float] | None = None
        if linker:
            found, scores = linker.scores(new, earlier)
        else:
            found = candidates(new, earlier, rarity)
        right = _right_candidate(line, found, label_of, latest)
        if right is not None:
            examples.add(found, right, QUIET_WEIGHT if copy.quiet else 1.0)
        chosen = line.conversation
        if scores is not None:
            chosen = found.conversations[scores.index(max(scores))]
        label_of[line.id] = ("from", line.id) if chosen is None else chosen
        if line.conversation is not None:
            latest[line.conversation] = line.id
        said.append(line.utterance(label_of[line.id]))
    return examples


def fit(examples: Sequence[Examples], growth: Growth, seed: int) -> Any:
    """Boost trees so that the softmax over each message's candidates gives the right one."""
    lightgbm, numpy = library("lightgbm"), library("numpy")

    flat = numpy.concatenate([numpy.frombuffer(one.rows, dtype=numpy.float32) for one in examples if one.rows])
    rows = flat.reshape(-1, len(FEATURES))
    sizes = numpy.concatenate([one.sizes for one in examples]).astype(int)
    right = numpy.concatenate([one.right for one in examples]).astype(int)
    starts = numpy.concatenate([[0], numpy.cumsum(sizes)[:-1]])
    message = numpy.repeat(numpy.arange(len(sizes)), sizes)
    weights = numpy.repeat(numpy.concatenate([one.weights for one in examples]), sizes)
    is_right = numpy.zeros(len(rows))
    is_right[starts + right] = 1

    def softmax_loss(totals: Any, _: Any) -> tuple[Any, Any]:
        powers = numpy.exp(totals - numpy.maximum.reduceat(totals, starts)[message])
        scores = powers / numpy.add.reduceat(powers, starts)[message]
        return (scores - is_right) * weights, numpy.maximum(scores * (1 - scores), 1e-6) * weights

    settings = {
        "objective": softmax_loss, "num_leaves": growth.leaves, "learning_rate": growth.learning_rate,
        "min_data_in_leaf": 40, "feature_fraction": 0.6, "lambda_l2": 5.0, "max_bin": 127,
        "seed": seed, "deterministic": True, "force_row_wise": True, "num_threads": 1, "verbose": -1,
    }  # fmt: skip
    return lightgbm.train(settings, lightgbm.Dataset(rows, is_right, free_raw_data=False), growth.rounds)


def numbers(trees: Any, rarity: Rarity) -> dict[str, Any]:
    """Write boosted trees as plain numbers, four digits each."""
    return {
        "features": list(FEATURES),
        "rarity": {"unknown": rarity.unknown, "words": dict(rarity.words)},
        "trees": [_preorder(tree["tree_structure"]) for tree in trees.dump_model()["tree_info"]],
    }


def _right_candidate(line: Line, found: Candidates, label_of: dict[Any, Any], latest: dict[Any, Any]) -> int | None:
    """Find the candidate that holds what the message answers; None if that is out of sight or not known."""
    if line.conversation is None:
        return None
    known = sorted((one for one in line.reply_to if one in label_of), key=list(label_of).index, reverse=True)
    if line.conversation in latest:
        known.append(latest[line.conversation])
    for one in known:
        if label_of[one] in found.conversations:
            return found.conversations.index(label_of[one])
    return None if known else len(found.conversations) - 1


@lru_cache(maxsize=2)
def _linker(written: str) -> Linker:
    return Linker(json.loads(written))


def _preorder(node: dict[str, Any]) -> dict[str, list[Any]]:
    if "split_feature" not in node:
        return {"features": [-1], "values": [_short(node["leaf_value"])]}
    low, high = _preorder(node["left_child"]), _preorder(node["right_child"])
    return {
        "features": [node["split_feature"], *low["features"], *high["features"]],
        "values": [_short(node["threshold"]), *low["values"], *high["values"]],
    }


def _short(number: float) -> float:
    return 0.0 if abs(number) < 1e-12 else float(f"{number:.4g}")
