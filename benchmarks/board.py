"""The server's time for the board's page with many conversations against few, in one process.

Both pages show as much: with few conversations fewer would be open, and the filter would offer fewer accounts, and
the page would be smaller for these reasons.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

from django.core.management import call_command
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User, Workspace
from benchmarks.results import BenchmarkError, Result, Side
from benchmarks.surroundings import connected_to, new_database
from conversations.seeding import set_stage

AIM = 1.2
SIZES = {"full": (11, 100_000, 1_000, 20), "quick": (5, 5_000, 1_000, 20), "tiny": (1, 400, 300, 2)}
"""Rounds, conversations (many, few), and pages in each round."""
ACCOUNTS = 300
"""What `seed` invents for 100,000 conversations."""
FILL_COLUMNS = """
    UPDATE conversations_conversation SET status = (ARRAY['todo', 'in_progress', 'closed'])[1 + id % 3]
    WHERE id IN (SELECT id FROM conversations_conversation ORDER BY last_message_at DESC LIMIT 300)
"""


def run(size: str, report: Callable[[str], None]) -> Result:
    rounds, many, few, pages = SIZES[size]
    sizes = {f"board_{count}": count for count in (many, few)}
    for name, count in sizes.items():
        report(f"inventing {count:,} conversations")
        _fill(name, count)
    times: dict[str, list[float]] = {name: [] for name in sizes}
    queries: dict[str, int] = {}
    for n in range(rounds + 1):
        for name in list(sizes)[:: 1 if n % 2 else -1]:
            with connected_to(name):
                client = _signed_in()
                queries[name] = _count_queries(client)  # and the first page, which warms this database up
                milliseconds = median(_milliseconds(client) for _ in range(pages))
            if n:  # the first round is for warming up
                times[name].append(milliseconds)
    report(f"{rounds} rounds of {pages} pages")
    large, small = sizes
    return Result(
        "board",
        Side(f"GET /board/ with {many:,} conversations", times[large], "ms"),
        Side(f"with {few:,}", times[small], "ms"),
        aim=AIM,
        at_most=True,
        remarks=[f"{queries[large]} and {queries[small]} queries a page, those for session and user included"],
    )


def _fill(name: str, count: int) -> None:
    connections.close_all()
    new_database(name, template="pylon")
    with connected_to(name):
        set_stage(Workspace.objects.create(name="Benchmark"), accounts=ACCOUNTS)
        call_command("seed", conversations=count, workspace="Benchmark")
        with connection.cursor() as cursor:
            cursor.execute(FILL_COLUMNS)
            cursor.execute("VACUUM ANALYZE")


def _signed_in() -> Client:
    workspace = Workspace.objects.get(name="Benchmark")
    user = User.objects.filter(workspace=workspace).earliest("pk")
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(user)
    return client


def _count_queries(client: Client) -> int:
    with CaptureQueriesContext(connection) as captured:
        response = client.get("/board/")
    if response.status_code != 200 or b"card" not in response.content:
        raise BenchmarkError(f"The board answered {response.status_code}, or drew no card.")
    return len(captured)


def _milliseconds(client: Client) -> float:
    began = time.perf_counter()
    client.get("/board/")
    return (time.perf_counter() - began) * 1000
