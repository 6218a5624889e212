"""The server's time for the board's page, whole and filtered, with many conversations against few, in one process.

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
from benchmarks.results import BenchmarkError, Result, Results, Side
from benchmarks.surroundings import connected_to, new_database
from conversations.seeding import set_stage

AIM = 1.5
SIZES = {"full": (11, 100_000, 1_000, 20), "quick": (5, 5_000, 1_000, 20), "tiny": (1, 400, 300, 2)}
"""Rounds, conversations (many, few), and pages in each round."""
ACCOUNTS = 300
"""What `seed` invents for 100,000 conversations."""
FILL_COLUMNS = """
    UPDATE accounts_account SET tier = 'Enterprise' WHERE id % 2 = 0;
    UPDATE conversations_conversation SET status = (ARRAY['todo', 'in_progress', 'closed'])[1 + id % 3],
        priority = (ARRAY['urgent', 'high', 'normal', 'low'])[1 + id / 3 % 4],
        owner_id = (SELECT min(id) FROM accounts_user), tags = ARRAY['billing'], title = 'Export: ' || left(title, 100)
    WHERE id IN (SELECT id FROM conversations_conversation ORDER BY last_message_at DESC LIMIT 600)
"""
VIEWS = {
    "board": "/board/",
    "board of an owner": "/board/?owner=mine",
    "board of a tag": "/board/?tag=billing",
    "board of a tier": "/board/?tier=Enterprise",
    "board of a word": "/board/?q=export",
    "lanes by priority": "/board/?lanes=priority",
}


def run(size: str, report: Callable[[str], None]) -> Results:
    rounds, many, few, pages = SIZES[size]
    sizes = {f"board_{count}": count for count in (many, few)}
    for name, count in sizes.items():
        report(f"inventing {count:,} conversations")
        fill(name, count, accounts=ACCOUNTS, then=FILL_COLUMNS)
    times: dict[tuple[str, str], list[float]] = {(view, name): [] for view in VIEWS for name in sizes}
    queries: dict[tuple[str, str], int] = {}
    for n in range(rounds + 1):
        for name in list(sizes)[:: 1 if n % 2 else -1]:
            with connected_to(name):
                client = _signed_in()
                for view, path in VIEWS.items():
                    queries[view, name] = _count_queries(client, path)  # and the first page, which warms this up
                    milliseconds = median(_milliseconds(client, path) for _ in range(pages))
                    if n:  # the first round is for warming up
                        times[view, name].append(milliseconds)
    report(f"{rounds} rounds of {pages} pages of each of {len(VIEWS)} views")
    large, small = sizes
    return Results(
        [
            Result(
                view,
                Side(f"GET {path} with {many:,} conversations", times[view, large], "ms"),
                Side(f"with {few:,}", times[view, small], "ms"),
                aim=AIM,
                at_most=True,
                remarks=[
                    f"{queries[view, large]} and {queries[view, small]} queries a page, session and user included"
                ],
            )
            for view, path in VIEWS.items()
        ]
    )


def fill(name: str, count: int, *, accounts: int, then: str = "") -> None:
    """A database of this name, with invented conversations in the workspace Benchmark."""
    connections.close_all()
    new_database(name, template="pylon")
    with connected_to(name):
        set_stage(Workspace.objects.create(name="Benchmark"), accounts=accounts)
        call_command("seed", conversations=count, workspace="Benchmark")
        with connection.cursor() as cursor:
            if then:
                cursor.execute(then)
            cursor.execute("VACUUM ANALYZE")


def _signed_in() -> Client:
    workspace = Workspace.objects.get(name="Benchmark")
    user = User.objects.filter(workspace=workspace).earliest("pk")
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(user)
    return client


def _count_queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        response = client.get(path)
    if response.status_code != 200 or b"card" not in response.content:
        raise BenchmarkError(f"The board answered {response.status_code}, or drew no card.")
    return len(captured)


def _milliseconds(client: Client, path: str) -> float:
    began = time.perf_counter()
    client.get(path)
    return (time.perf_counter() - began) * 1000
