"""`manage.py evaluate --model`: the machinery, with a server in the model's place that knows the truth."""

from __future__ import annotations

import json
import random
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from conversations import refining
from tests.integrations.openai.model_server import Json, ModelServer

_dice = random.Random(5)  # noqa: S311
_topics = [3 * (n // 12) + _dice.randrange(3) for n in range(60)]
"""Three at a time, of about four messages each."""
CHANNEL: list[dict[str, Any]] = [
    {"id": "before", "ts": 0.0, "user": "ana", "text": "earlier talk", "conversation": None},
    *(
        {
            "id": n, "ts": 1_000.0 + 400.0 * n, "user": f"u{_dice.randrange(8)}", "text": f"and what of topic {topic}?",
            "conversation": f"c{topic}",
        }
        for n, topic in enumerate(_topics)
    ),
]  # fmt: skip
REPLIES = [
    {"id": "a", "text": "I believe that this depends on the plan of the account", "label": "closed"},
    {"id": "b", "text": "Let me check", "label": "in_progress"},
]


def knows(asked: Json) -> Json:
    """The right answer to each kind of question, by the topic's number in the text."""
    if "reply" in asked:
        return {"reason": "an answer", "reply": "concludes"}
    if "new_message" in asked:
        same = [one["conversation"] for one in asked["messages"] if _topic(one) == _topic(asked["new_message"])]
        return {"reason": "the same topic", "conversation": same[-1] if same else "new"}
    return {"messages": [{"id": one["id"], "conversation": int(_topic(one))} for one in asked["messages"]]}


def _topic(message: Json) -> str:
    return "".join(character for character in message["text"] if character.isdigit())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One channel, and a linker that is more often unsure than it would be with so plain a channel."""
    monkeypatch.setattr(refining, "PLACE_BELOW", 0.97)
    folder = tmp_path / "gold"
    folder.mkdir()
    (folder / "one.jsonl").write_text("".join(json.dumps(line) + "\n" for line in CHANNEL))
    return folder


def run(*arguments: object) -> str:
    out = StringIO()
    call_command("evaluate", *map(str, arguments), stdout=out, stderr=StringIO())
    return out.getvalue()


def row(printed: str, name: str, table: int = 0) -> list[float]:
    """VI, one-to-one, exact match and so on, of a row of the n-th table."""
    lines = [line for line in printed.splitlines() if line.startswith(f"{name}  ")]
    return [float(figure) for figure in lines[table].removeprefix(name).split()]


def test_unsure_places_and_whole_chunks_are_asked_about(model: ModelServer, folder: Path, tmp_path: Path) -> None:
    model.answer = knows
    arguments = ["grouping", folder, "--model", "--answers", tmp_path / "answers.jsonl", "--out", tmp_path / "out"]

    printed = run(*arguments)

    assert "2 pieces of 50 messages" in printed
    assert row(printed, "model, 50 at once")[:2] == [100.0, 100.0]
    assert row(printed, "Pylon + model")[0] > row(printed, "Pylon")[0]
    live = [asked for asked in model.asked if "new_message" in asked]
    assert live
    assert "side" not in live[0]["new_message"]
    assert len((tmp_path / "out" / "one.jsonl").read_text().splitlines()) == len(CHANNEL)

    count = len(model.requests)
    again = run(*arguments)
    assert len(model.requests) == count
    assert again.splitlines()[:-1] == printed.splitlines()[:-1]
    assert f"stand-in: 0 questions asked, {count} known already" in again


def test_a_sure_linker_is_believed(
    model: ModelServer, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refining, "PLACE_BELOW", 0.0)
    model.answer = knows
    run("grouping", folder, "--model", "--answers", tmp_path / "answers.jsonl")
    assert len(model.asked) == 2  # the pieces


def test_it_stops_at_the_budget_and_goes_on(model: ModelServer, folder: Path, tmp_path: Path) -> None:
    model.answer = knows
    arguments = ["grouping", folder, "--model", "--answers", tmp_path / "answers.jsonl"]

    with pytest.raises(CommandError, match=r"The budget of 4,000 tokens is spent.*run it again"):
        run(*arguments, "--budget", 4_000)

    kept = len((tmp_path / "answers.jsonl").read_text().splitlines())
    assert kept == len(model.requests) > 0
    assert f"{kept} known already" in run(*arguments)


def test_unsure_replies_are_asked_about(model: ModelServer, tmp_path: Path) -> None:
    model.answer = knows
    file = tmp_path / "replies.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in REPLIES))

    printed = run("status", file, "--model", "--answers", tmp_path / "a.jsonl", "--out", tmp_path / "out.jsonl")

    assert row(printed, "Pylon + model")[0] == 100.0
    assert [asked["reply"] for asked in model.asked] == [REPLIES[0]["text"]]
    predictions = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert (predictions[0]["label"], predictions[0]["reason"]) == ("closed", "an answer")


def test_answers_that_are_not_valid_leave_the_offline_decision(
    model: ModelServer, folder: Path, tmp_path: Path
) -> None:
    model.answer = lambda _: {"reason": "", "conversation": "c99"}

    printed = run("grouping", folder, "--model", "--answers", tmp_path / "answers.jsonl")

    assert row(printed, "Pylon + model") == row(printed, "Pylon")
    assert f"{len(model.requests)} answers not valid" in printed


def test_what_hinders_it_is_said(model: ModelServer, folder: Path, tmp_path: Path) -> None:
    answers = tmp_path / "answers.jsonl"
    model.fault = 401
    with pytest.raises(CommandError, match="The model gives no answer: HTTP 401"):
        run("grouping", folder, "--model", "--answers", answers)
    answers.write_text("{")
    with pytest.raises(CommandError, match=r"answers\.jsonl, line 1: not valid JSON"):
        run("grouping", folder, "--model", "--answers", answers)


def test_without_a_model_it_says_what_to_set(folder: Path) -> None:
    with pytest.raises(CommandError, match="There is no model: set OPENAI_API_KEY"):
        run("grouping", folder, "--model")
