"""A burst of signed Slack events, until the last one is on a card.

Pylon: stored first, then drained in batches, channel by channel. slack-bolt: acknowledged, then one Celery task for
each event that calls the same `receive_message`. Both with a web server and a Celery worker of two processes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import psycopg
from django.db import connections

from benchmarks import mix, sender
from benchmarks.results import BenchmarkError, Result, Side
from benchmarks.servers import PEER_DATABASE, start_peer, start_pylon
from benchmarks.surroundings import CLONE, database_url, new_database
from pylon.supervisor import Supervisor

AIM = 7
SIZES = {"full": (5, 20_000, 1_000), "quick": (2, 4_000, 400), "tiny": (1, 200, 100)}
"""Rounds, events for Pylon, and for the peer, which would take minutes for as many."""
LONGEST_SECONDS = 300
ON_CARDS = "SELECT count(*) FROM conversations_message"
UNPUBLISHED = "SELECT count(*) FROM conversations_conversationevent WHERE published_at IS NULL"
EMPTY = """
    TRUNCATE conversations_conversationevent, conversations_message, conversations_conversation,
             integrations_inboundevent CASCADE
"""


@dataclass(frozen=True, slots=True)
class Burst:
    events: int
    acknowledged_seconds: float
    seconds: float
    conversations: int

    @property
    def rate(self) -> float:
        return self.events / self.seconds


@dataclass(frozen=True, slots=True)
class Contestant:
    url: str
    database: str
    events: int
    publishes: bool
    """Whether it goes on to tell others, after the cards; the next burst waits until that is over."""
    bursts: list[Burst] = field(default_factory=list)

    @property
    def middle(self) -> Burst:
        return sorted(self.bursts, key=lambda burst: burst.rate)[len(self.bursts) // 2]


def run(size: str, report: Callable[[str], None]) -> Result:
    rounds, events, fewer = SIZES[size]
    connections.close_all()
    new_database(PEER_DATABASE, template="pylon")
    with Supervisor(CLONE) as processes:
        pylon, peer = start_pylon(processes, "web", "worker"), start_peer(processes, worker=True)
        ours = Contestant(f"{pylon}/slack/events", database_url("pylon"), events, publishes=True)
        theirs = Contestant(f"{peer}/enqueue", database_url(PEER_DATABASE), fewer, publishes=False)
        for contestant in (ours, theirs):
            _burst(contestant, min(fewer, 500), run=0)  # warm up
        for n in range(1, rounds + 1):
            for contestant in (ours, theirs) if n % 2 else (theirs, ours):
                contestant.bursts.append(_burst(contestant, contestant.events, run=n))
            rates = f"{ours.bursts[-1].rate:,.0f} and {theirs.bursts[-1].rate:,.0f} events a second"
            report(f"round {n} of {rounds}: {rates}")
    unit = "events a second on cards"
    return Result(
        "burst",
        Side(f"Pylon, {events:,} events", [burst.rate for burst in ours.bursts], unit),
        Side(f"slack-bolt and a task each, {fewer:,} events", [burst.rate for burst in theirs.bursts], unit),
        aim=AIM,
        remarks=[
            f"{events:,} events: {ours.middle.seconds:.1f} s; "
            f"the other, by its rate: {events / theirs.middle.rate:.0f} s",
            f"Pylon had acknowledged and stored all after {ours.middle.acknowledged_seconds:.1f} s",
            f"all {events:,} messages are on {ours.middle.conversations:,} cards of {mix.CHANNELS} channels",
        ],
    )


def _burst(contestant: Contestant, events: int, *, run: int) -> Burst:
    with psycopg.connect(contestant.database, autocommit=True) as connection:
        connection.execute(EMPTY)
        sent = sender.send(contestant.url, mix.bodies(events, run=run))
        _wait(connection, ON_CARDS, events)
        seconds = time.time() - sent.began_at
        if contestant.publishes:
            _wait(connection, UNPUBLISHED, 0)
        cards = _count(connection, "SELECT count(*) FROM conversations_conversation")
    return Burst(events, sent.seconds, seconds, cards)


def _wait(connection: psycopg.Connection, query: str, wanted: int) -> None:
    deadline = time.monotonic() + LONGEST_SECONDS
    while (found := _count(connection, query)) != wanted:
        if time.monotonic() > deadline:
            raise BenchmarkError(f"After {LONGEST_SECONDS} seconds {found} instead of {wanted}: {query}")
        time.sleep(0.05)


def _count(connection: psycopg.Connection, query: str) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0
