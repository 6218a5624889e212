"""How long the search takes with a million messages: the time of what the page asks the database for, in this process.

Every question is asked by a teammate of the workspace, so that all filters and the excerpts are in it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from accounts.models import User
from benchmarks.board import ACCOUNTS, fill
from benchmarks.results import BenchmarkError
from benchmarks.surroundings import connected_to
from conversations.models import Message
from conversations.search.hits import search

AIM_MS = 200
SIZES = {"full": (220_000, 20), "quick": (5_000, 20), "tiny": (300, 2)}
"""Conversations, of four to five messages each, and how often each question is asked."""
QUESTIONS = {
    "a word in every second message": "the ",
    "a common word": "export ",
    "two common words": "export empty ",
    "three common words": "calendar feed doubles ",
    "a rare word": "req_44012 ",
    "a word that nobody said": "zebra ",
    "the beginning of a word": "ter",
    "a phrase": '"shows yesterday" ',
    "without a word": "export -csv ",
    "an owner": "owner:me ",
    "an owner and a common word": "owner:me export ",
    "an account and a common word": 'account:"northwind logistics" export ',
    "a tag, a status and a word": "tag:billing status:closed invoice ",
    "a month and a word": "during:{month} webhook ",
    "an author and a word": "from:lena terraform ",
    "notes, of which there are none": "in:notes ",
}


@dataclass(frozen=True, slots=True)
class Times:
    messages: int
    found: dict[str, tuple[int, float, float]]
    """By the question's name: hits on the first page, p50 and p95 in milliseconds."""

    def __str__(self) -> str:
        worst = max(p95 for _hits, _p50, p95 in self.found.values())
        met = "met" if worst <= AIM_MS else "MISSED"
        lines = [
            f"search: slowest p95 {worst:.0f} ms with {self.messages:,} messages (aim: at most {AIM_MS} ms, {met})"
        ]
        lines += [
            f"{name}: p50 {p50:.1f} ms, p95 {p95:.1f} ms, {hits} on the first page"
            for name, (hits, p50, p95) in self.found.items()
        ]
        return "\n    ".join(lines)


def run(size: str, report: Callable[[str], None]) -> Times:
    conversations, runs = SIZES[size]
    report(f"inventing {conversations:,} conversations")
    fill("search", conversations, accounts=ACCOUNTS)
    with connected_to("search"):
        times = measure(User.objects.filter(workspace__name="Benchmark").earliest("pk"), runs=runs)
    report(f"{len(QUESTIONS)} questions, {runs} times each")
    if not times.found["a common word"][0]:
        raise BenchmarkError("The search found nothing.")
    return times


def measure(reader: User, *, runs: int) -> Times:
    """In the database that Django is connected to."""
    newest = Message.objects.filter(workspace=reader.workspace_id).latest("sent_at").sent_at
    found = {}
    for name, question in QUESTIONS.items():
        asked = question.format(month=f"{newest:%Y-%m}")
        hits = len(search(reader, asked).hits)  # and warms up
        taken = [_milliseconds(reader, asked) for _ in range(runs)]
        found[name] = hits, median(taken), _p95(taken)
    return Times(Message.objects.filter(workspace=reader.workspace_id).count(), found)


def _milliseconds(reader: User, asked: str) -> float:
    began = time.perf_counter()
    search(reader, asked)
    return (time.perf_counter() - began) * 1000


def _p95(taken: Sequence[float]) -> float:
    return quantiles(taken, n=20, method="inclusive")[-1]
