"""Trains the reply classifier: logistic regression over a few named features, checked by cross-validation.

Word and character n-grams were tried beside the features and changed no figure on the labelled replies; without
them the weights stay readable and do not depend on one vendor's vocabulary.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from conversations.chatlog import ChatlogError, field, read_records
from conversations.evaluation import STATUS_LABELS, status_figures
from conversations.replies import cues_and_questions
from conversations.reply_features import reply_features
from conversations.training import library
from conversations.wording import read

CONCLUDES_FROM: Final = 0.6  # chosen by cross-validation: above 97 % of "closed" are right, see docs/status.md
STRENGTH: Final = 0.2  # inverse of the regularisation
FOLDS: Final = 10
REPEATS: Final = 5

Say = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A reply's features and whether a person says that it concludes."""

    features: dict[str, float]
    concludes: bool


def train(files: Sequence[Path], *, seed: int = 0, say: Say = print) -> dict[str, Any]:
    """Return the numbers trained on all files; say for each file how it does when its replies are held out."""
    sets = {file: read_labelled(file) for file in files}
    for file, replies in sets.items():
        others = [one for other, listed in sets.items() if other != file for one in listed]
        say(f"{file.name}, cross-validated: {_cross_validate(replies, others, seed)}")
    return numbers([one for replies in sets.values() for one in replies])


def read_labelled(file: Path) -> list[Labelled]:
    """Read the replies that are labelled in_progress or closed and contain words; others teach nothing."""
    replies = []
    for place, record in read_records(file):
        text, label = field(place, record, "text", str), field(place, record, "label", str)
        wording = read(text)
        if label in STATUS_LABELS:
            features = reply_features(text, wording, *cues_and_questions(text, wording)) if wording.words else {}
            replies.append(Labelled(features, label == "closed"))
    if len({one.concludes for one in replies}) < len(STATUS_LABELS):
        raise ChatlogError(f"{file}: replies of both labels are needed, {' and '.join(STATUS_LABELS)}.")
    return replies


def numbers(replies: Sequence[Labelled]) -> dict[str, Any]:
    """Fit the weights, two decimals each. Replies without features are decided without weights."""
    told = [one for one in replies if one.features]
    table = library("sklearn.feature_extraction").DictVectorizer()
    rows = table.fit_transform([one.features for one in told])
    model = library("sklearn.linear_model").LogisticRegression(C=STRENGTH, max_iter=2000)
    fitted = model.fit(rows, [one.concludes for one in told])
    names = map(str, table.get_feature_names_out())
    weights = {name: round(float(weight), 2) for name, weight in zip(names, fitted.coef_[0], strict=True)}
    return {
        "concludes_from": CONCLUDES_FROM,
        "intercept": round(float(fitted.intercept_[0]), 2),
        "weights": {name: weight for name, weight in weights.items() if weight},
    }


def _cross_validate(replies: Sequence[Labelled], others: Sequence[Labelled], seed: int) -> str:
    folds = library("sklearn.model_selection").StratifiedKFold
    truth = [one.concludes for one in replies]
    sums: dict[str, float] = {}
    for repeat in range(REPEATS):
        said = ["in_progress"] * len(replies)
        for learnt, held_out in folds(FOLDS, shuffle=True, random_state=seed + repeat).split(truth, truth):
            fitted = numbers([*(replies[index] for index in learnt), *others])
            for index in held_out:
                said[index] = _label(fitted, replies[index].features)
        gold = ["closed" if concludes else "in_progress" for concludes in truth]
        for name, value in status_figures(gold, said).items():
            sums[name] = sums.get(name, 0.0) + value / REPEATS
    return ", ".join(f"{name} {value:.1f}" for name, value in sums.items())


def _label(fitted: dict[str, Any], features: dict[str, float]) -> str:
    logit = fitted["intercept"] + sum(fitted["weights"].get(name, 0.0) * n for name, n in features.items())
    least = math.log(CONCLUDES_FROM / (1 - CONCLUDES_FROM))
    return "closed" if features and logit >= least else "in_progress"
