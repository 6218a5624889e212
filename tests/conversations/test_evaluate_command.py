"""`evaluate` and the training commands: files in, figures and predictions out, one clear sentence on bad input."""

import gzip
import importlib.util
import json
import random
from collections.abc import Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from conversations.chatlog import Chatlog, Line, read_chatlogs
from conversations.linking import Linker
from conversations.rehearsal import adaptive, author_and_mention, quiet_gap, rehearse
from conversations.training.thinning import spread_minutes, thin


def write(path: Path, records: Sequence[Mapping[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


CHANNEL = [
    {"id": 1, "ts": 0, "user": "omar", "text": "Is the export broken?", "conversation": None},
    {"id": 2, "ts": 60, "user": "dana", "text": "omar: which browser?", "conversation": "a", "reply_to": [1]},
    {"id": 3, "ts": 70, "user": "pia", "text": "=== pia joined", "conversation": "s", "system": True},
    {"id": 4, "ts": 90, "user": "omar", "text": "Firefox", "conversation": "a", "reply_to": [2]},
]


def test_grouping_prints_figures_beside_simple_rules_and_writes_predictions(tmp_path: Path) -> None:
    folder = tmp_path / "gold"
    folder.mkdir()
    write(folder / "one.jsonl", CHANNEL)
    with gzip.open(folder / "two.jsonl.gz", "wt") as file:
        file.writelines(json.dumps(record) + "\n" for record in CHANNEL)

    printed = run("evaluate", "grouping", str(folder), "--out", str(tmp_path / "out"))

    assert "2 channels, 6 scored messages" in printed
    assert [line.split("  ")[0] for line in printed.splitlines()[3:]] == [
        "Pylon", "15-minute gap", "author + mention", "adaptive rules",
    ]  # fmt: skip
    predictions = read(tmp_path / "out" / "two.jsonl")
    assert [one["id"] for one in predictions] == [1, 2, 3, 4]
    assert len({one["conversation"] for one in predictions if one["id"] != 3}) == 1
    assert predictions[2] == {"id": 3, "conversation": "from-3", "reply_to": 3}


def test_grouping_without_gold_only_predicts(tmp_path: Path) -> None:
    bare = [{key: record[key] for key in ("id", "ts", "user", "text")} for record in CHANNEL]
    folder = tmp_path / "bare"
    folder.mkdir()
    write(folder / "one.jsonl", bare)

    assert "nothing to score" in run("evaluate", "grouping", str(folder), "--out", str(tmp_path / "out"))
    assert len(read(tmp_path / "out" / "one.jsonl")) == 4


def test_a_decision_uses_only_what_came_before(tmp_path: Path) -> None:
    lines = [Line(n, 40.0 * n, f"u{n % 4}", f"word{n % 5} and more?") for n in range(30)]
    rules = [quiet_gap, author_and_mention, adaptive]

    for rule in rules:
        whole = [one.conversation for one in rehearse(Chatlog("c", tuple(lines)), rule)]
        part = [one.conversation for one in rehearse(Chatlog("c", tuple(lines[:17])), rule)]
        assert whole[:17] == part


REPLIES: list[dict[str, Any]] = [
    {"id": "a", "text": "Fixed!", "label": "closed", "context": [{"role": "customer", "text": "broken"}]},
    {"id": "b", "text": "Let me check", "label": "in_progress"},
    {"id": "c", "text": "hm", "label": "unclear"},
]


def test_status_prints_figures_and_writes_predictions(tmp_path: Path) -> None:
    file = write(tmp_path / "replies.jsonl", REPLIES)

    printed = run("evaluate", "status", str(file), "--out", str(tmp_path / "out.jsonl"))

    assert "2 scored replies" in printed
    assert [(one["id"], one["label"]) for one in read(tmp_path / "out.jsonl")] == [
        ("a", "closed"),
        ("b", "in_progress"),
        ("c", "in_progress"),
    ]


def test_status_without_gold_only_predicts(tmp_path: Path) -> None:
    file = write(tmp_path / "replies.jsonl", [{"id": 1, "text": "Done"}])

    assert "nothing to score" in run("evaluate", "status", str(file))


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("{", "line 1: not valid JSON"),
        ('{"id": 1, "ts": 1, "user": "a", "text": "b"}\n[]', "line 2: an object is expected"),
        ('{"id": 1, "ts": "now", "user": "a", "text": "b"}', "line 1: “ts” is missing or of the wrong kind"),
        ('{"id": 1, "ts": 1, "user": "a", "text": "b"}\n' * 2, "line 2: the id 1 was used before"),
    ],
)
def test_bad_input_is_named_by_file_and_line(tmp_path: Path, content: str, complaint: str) -> None:
    (tmp_path / "c.jsonl").write_text(content)

    with pytest.raises(CommandError) as error:
        run("evaluate", "grouping", str(tmp_path))

    assert f"c.jsonl, {complaint}" in str(error.value)


def test_missing_folders_and_roles_are_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="is not a folder"):
        run("evaluate", "grouping", str(tmp_path / "none"))
    with pytest.raises(CommandError, match=r"holds no \.jsonl"):
        run("evaluate", "grouping", str(tmp_path))
    file = write(tmp_path / "r.txt", [{"id": 1, "text": "a", "context": [{"role": "bot", "text": "x"}]}])
    with pytest.raises(CommandError, match="a role is “customer” or “staff”, not 'bot'"):
        run("evaluate", "status", str(file))


def test_a_thinned_channel_is_quiet_and_keeps_whole_conversations() -> None:
    lines = [
        Line(n, 60.0 * (n // 4), f"u{n % 3}", f"u{(n + 1) % 3}: text {n}", f"c{n // 5}", (n - 1,) if n % 5 else (n,))
        for n in range(400)
    ]
    quiet = thin(lines, random.Random(5))  # noqa: S311

    kept = {line.conversation for line in quiet}
    assert 0 < len(kept) < 40
    assert quiet == sorted(quiet, key=lambda line: line.at)
    assert {answered for line in quiet for answered in line.reply_to} <= {line.id for line in quiet}
    assert [line.at for line in spread_minutes(lines)[:4]] == [7.5, 22.5, 37.5, 52.5]


@pytest.mark.skipif(not importlib.util.find_spec("lightgbm"), reason="needs requirements/train.txt")
def test_training_gives_numbers_that_the_linker_takes(tmp_path: Path) -> None:
    folder = tmp_path / "gold"
    folder.mkdir()
    for name in ("one", "two"):
        write(folder / f"{name}.jsonl", many_conversations())

    run("train_grouping", str(folder), "--out", str(tmp_path / "linking.json"), "--processes", "1")

    assert Linker(json.loads((tmp_path / "linking.json").read_text()))
    assert read_chatlogs(folder)


def many_conversations() -> list[dict[str, Any]]:
    return [
        {"id": n, "ts": 30.0 * n, "user": f"u{n % 2}{n // 6}", "text": f"topic{n // 6} and {n}",
         "conversation": f"c{n // 6}", "reply_to": [n - 1 if n % 6 else n]}
        for n in range(300)
    ]  # fmt: skip


@pytest.mark.skipif(bool(importlib.util.find_spec("lightgbm")), reason="the training libraries are there")
def test_training_without_its_libraries_says_what_to_install(tmp_path: Path) -> None:
    write(tmp_path / "one.jsonl", CHANNEL)

    with pytest.raises(CommandError, match=r"requirements/train\.txt"):
        run("train_grouping", str(tmp_path))
