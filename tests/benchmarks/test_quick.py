"""That the benchmarks run, at a size at which their figures say nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

CLONE = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def output() -> str:
    """Of one run of these, which share their services."""
    command = [sys.executable, "-m", "benchmarks", "--tiny", "acknowledge", "burst", "board", "search"]
    ended = subprocess.run(command, cwd=CLONE, capture_output=True, text=True, timeout=300, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("acknowledge", "all 100 acknowledged events are in the table"),
        ("burst", "all 200 messages are on 100 cards of 100 channels"),
        ("board", " queries a page"),
        ("board of an owner", " queries a page"),
        ("board of a word", " queries a page"),
        ("search", "a phrase: p50 "),
    ],
)
def test_it_measures_and_checks_what_it_measured(output: str, name: str, found: str) -> None:
    result = next(part for part in output.split("\n\n") if part.startswith(f"{name}: "))
    assert "aim: at " in result
    assert found in result


def test_an_unknown_name_is_refused() -> None:
    command = [sys.executable, "-m", "benchmarks", "speed"]
    ended = subprocess.run(command, cwd=CLONE, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    assert "there is no benchmark speed" in ended.stderr
