"""A burst of signed Slack events, until the last one is on a card.

Pylon: stored first, then drained in batches, channel by channel. slack-bolt: acknowledged, then one Celery task for
each event that calls the same `receive_message`. Both with one web server and a Celery worker of two processes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import psycopg
from django.db import connections

from benchmarks import mix, sender
from benchmarks.results import BenchmarkError, Result, Side
from benchmarks.servers import PEER_DATABASE, start_peer, start_pylon
from benchmarks.surroundings import CLONE, database_url, new_database
from pylon.supervisor import Supervisor

AIM = 7
LONGEST_SECONDS = 60
TABLES = "conversations_conversationevent, conversations_message, conversations_conversation, integrations_inboundevent"


@dataclass(frozen=True, slots=True)
class Burst:
    events: int
    acknowledged_seconds: float
    seconds: float
    conversations: int

    @property
    def rate(self) -> float:
        return self.events / self.seconds


def run(*, quick: bool, report: Callable[[str], None]) -> Result:
    rounds, events, fewer = (2, 4_000, 400) if quick else (5, 20_000, 2_000)
    return measure(rounds=rounds, events=events, fewer=fewer, report=report)


def measure(*, rounds: int, events: int, fewer: int, report: Callable[[str], None]) -> Result:
    """`fewer` is the size of the peer's burst, which would take minutes at full size."""
    connections.close_all()
    sides: list[tuple[list[Burst], str, str, int]] = []
    with Supervisor(CLONE) as processes:
        new_database(PEER_DATABASE, template="pylon")
        pylon, peer = start_pylon(processes, "web", "worker"), start_peer(processes, worker=True)
        sides = [
            ([], f"{pylon}/slack/events", database_url("pylon"), events),
            ([], f"{peer}/enqueue", database_url(PEER_DATABASE), fewer),
        ]
        for _, url, database, _ in sides:
            _burst(url, database, min(fewer, 500), run=0)  # warm up
        for n in range(1, rounds + 1):
            for bursts, url, database, count in sides[:: 1 if n % 2 else -1]:
                bursts.append(_burst(url, database, count, run=n))
            ours, theirs = sides[0][0], sides[1][0]
            report(f"round {n} of {rounds}: {ours[-1].rate:,.0f} and {theirs[-1].rate:,.0f} events a second")
    return Result(
        "burst",
        Side(f"Pylon, {events:,} events", [burst.rate for burst in ours], "events a second on cards"),
        Side(f"slack-bolt and a task each, {fewer:,} events", [burst.rate for burst in theirs], "events a second on cards"),
        aim=AIM,
        remarks=[
            f"{events:,} events at these rates: {events / _middle(ours).rate:.1f} s and {events / _middle(theirs).rate:.1f} s "
            "(the second by its rate, not sent)",
            f"Pylon had acknowledged all after {_middle(ours).acknowledged_seconds:.1f} s; "
            f"all {events:,} messages are in {ours[-1].conversations:,} conversations of {mix.CHANNELS} channels",
        ],
    )


def _burst(url: str, database: str, events: int, *, run: int) -> Burst:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(f"TRUNCATE {TABLES} CASCADE")
        connection.execute("VACUUM ANALYZE")
        sent = sender.send(url, mix.bodies(events, run=run))
        deadline = time.monotonic() + LONGEST_SECONDS
        while (done := _count(connection, "conversations_message")) < events:
            if time.monotonic() > deadline:
                raise BenchmarkError(f"After {LONGEST_SECONDS} seconds {done} of {events} events are on cards.")
            time.sleep(0.05)
        seconds = time.time() - sent.began_at
        return Burst(events, sent.seconds, seconds, _count(connection, "conversations_conversation"))


def _count(connection: psycopg.Connection, table: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(row[0]) if row else 0


def _middle(bursts: list[Burst]) -> Burst:
    return sorted(bursts, key=lambda burst: burst.rate)[len(bursts) // 2]
