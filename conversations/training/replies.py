"""Trains the reply classifier: logistic regression over named features and n-grams, checked by cross-validation."""

import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from conversations.chatlog import ChatlogError, field, read_chatlog, read_records
from conversations.evaluation import STATUS_LABELS, status_figures
from conversations.replies import ReplyKind, classify_reply, cues_and_questions
from conversations.reply_features import reply_features
from conversations.reply_grams import grams, weight_in_training
from conversations.training import library
from conversations.wording import Wording, read

CONCLUDES_FROM: Final = 0.5  # where a phrase says that it concludes; chosen by cross-validation, see docs/status.md
PLAIN_CONCLUDES_FROM: Final = 0.65  # where none does: nine of ten "closed" shall be right
PLAIN_CONTINUES_TO: Final = 0.35
STRENGTH: Final = 1.0  # inverse of the regularisation
LEAST: Final = 0.03  # a smaller weight is left out: thousands of them say nothing together
FOLDS: Final = 10
REPEATS: Final = 3
ADDRESSED: Final = re.compile(r"^\w+: ")

Say = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A reply, its named features, and whether a person says that it concludes."""

    text: str
    wording: Wording
    features: dict[str, float]
    concludes: bool


def train(files: Sequence[Path], *, chat: Path | None = None, seed: int = 0, say: Say = print) -> dict[str, Any]:
    """Return the numbers trained on all files; say for each file how it does when its replies are held out.

    `chat`: the channel file whose messages those labels name that come without a text.
    """
    said = texts_of(chat) if chat else {}
    sets = {file: read_labelled(file, said) for file in files}
    for file, replies in sets.items():
        others = [one for other, listed in sets.items() if other != file for one in listed]
        say(f"{file.name}, cross-validated: {_cross_validate(replies, others, seed)}")
    return numbers([one for replies in sets.values() for one in replies])


def texts_of(chat: Path) -> dict[Hashable, str]:
    """The messages of a channel file, without the name of who is spoken to."""
    return {line.id: ADDRESSED.sub("", line.text) for line in read_chatlog(chat).lines}


def read_labelled(file: Path, texts: Mapping[Hashable, str] | None = None) -> list[Labelled]:
    """Read the replies that are labelled in_progress or closed and contain words; others teach nothing."""
    replies = []
    for place, record in read_records(file):
        if "text" not in record and texts and record.get("id") in texts:
            record["text"] = texts[record["id"]]
        text, label = field(place, record, "text", str), field(place, record, "label", str)
        wording = read(text)
        if label in STATUS_LABELS:
            features = reply_features(text, wording, *cues_and_questions(text, wording)) if wording.words else {}
            replies.append(Labelled(text, wording, features, label == "closed"))
    if len({one.concludes for one in replies}) < len(STATUS_LABELS):
        raise ChatlogError(f"{file}: replies of both labels are needed, {' and '.join(STATUS_LABELS)}.")
    return replies


def numbers(replies: Sequence[Labelled]) -> dict[str, Any]:
    """Fit the weights. Replies without words are decided without them."""
    told = [one for one in replies if one.wording.words]
    table = library("sklearn.feature_extraction").DictVectorizer()
    rows = table.fit_transform([_row(one) for one in told])
    model = library("sklearn.linear_model").LogisticRegression(C=STRENGTH, max_iter=5000)
    fitted = model.fit(rows, [one.concludes for one in told])
    weights: dict[str, float] = {}
    learnt: dict[str, float] = {}
    for name, weight in zip(map(str, table.get_feature_names_out()), fitted.coef_[0], strict=True):
        kind, _, key = name.partition("|")
        if kind == "feature":
            weights[key] = round(float(weight), 2)
        elif abs(counted := float(weight) * weight_in_training(key)) >= LEAST:
            learnt[key] = round(counted, 2)
    return {
        "concludes_from": CONCLUDES_FROM,
        "plain_concludes_from": PLAIN_CONCLUDES_FROM,
        "plain_continues_to": PLAIN_CONTINUES_TO,
        "intercept": round(float(fitted.intercept_[0]), 2),
        "weights": {name: weight for name, weight in weights.items() if weight},
        "grams": learnt,
    }


def _row(one: Labelled) -> dict[str, float]:
    named = {f"feature|{name}": value for name, value in one.features.items()}
    return named | {f"gram|{key}": weight_in_training(key) for key in grams(one.wording)}


def _cross_validate(replies: Sequence[Labelled], others: Sequence[Labelled], seed: int) -> str:
    folds = library("sklearn.model_selection").StratifiedKFold
    truth = [one.concludes for one in replies]
    sums: dict[str, float] = {}
    for repeat in range(REPEATS):
        said = ["in_progress"] * len(replies)
        for learnt, held_out in folds(FOLDS, shuffle=True, random_state=seed + repeat).split(truth, truth):
            fitted = numbers([*(replies[index] for index in learnt), *others])
            for index in held_out:
                verdict = classify_reply(replies[index].text, numbers=fitted)
                said[index] = "closed" if verdict.kind is ReplyKind.CONCLUDES else "in_progress"
        gold = ["closed" if concludes else "in_progress" for concludes in truth]
        for name, value in status_figures(gold, said).items():
            sums[name] = sums.get(name, 0.0) + value / REPEATS
    return ", ".join(f"{name} {value:.1f}" for name, value in sums.items())
