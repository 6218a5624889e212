"""Signed Slack events answered 200 a second: stored on disk by Pylon, dropped by an idle slack-bolt app."""

from __future__ import annotations

from collections.abc import Callable

from django.db import connection

from benchmarks import mix, sender
from benchmarks.results import BenchmarkError, Result, Side
from benchmarks.servers import start_peer, start_pylon
from benchmarks.surroundings import CLONE
from integrations.models import InboundEvent
from pylon.supervisor import Supervisor

AIM = 1.8
SIZES = {"full": (15, 5_000), "quick": (5, 2_000), "tiny": (1, 100)}
"""Rounds, and events in each. Many short ones: the machine itself is now faster, now slower."""


def run(size: str, report: Callable[[str], None]) -> Result:
    rounds, events = SIZES[size]
    warm_up = min(events, 2_000)
    ours: list[sender.Sent] = []
    theirs: list[sender.Sent] = []
    with Supervisor(CLONE) as processes:
        pylon, peer = start_pylon(processes, "web"), start_peer(processes)
        sides = [(ours, f"{pylon}/slack/events"), (theirs, f"{peer}/idle")]
        for _, url in sides:
            sender.send(url, mix.bodies(warm_up, run=0))
        for n in range(1, rounds + 1):
            # Who goes first alternates, so that neither always finds the caches warm.
            for sents, url in sides[:: 1 if n % 2 else -1]:
                sents.append(sender.send(url, mix.bodies(events, run=n)))
            rates = [f"{events / sent[-1].seconds:,.0f}" for sent in (ours, theirs)]
            report(f"round {n} of {rounds}: {' and '.join(rates)} a second")
    _check_stored(rounds * events + warm_up)
    return Result(
        "acknowledge",
        Side("Pylon, stored first", [events / sent.seconds for sent in ours], "events a second"),
        Side("slack-bolt, doing nothing", [events / sent.seconds for sent in theirs], "events a second"),
        aim=AIM,
        remarks=[
            f"all {rounds * events:,} acknowledged events are in the table",
            f"99 of 100 answered within {_worst(ours):.0f} ms and {_worst(theirs):.0f} ms; "
            f"the sender used at most {max(s.own_seconds / s.seconds for s in ours + theirs):.0%} of a processor",
        ],
    )


def _check_stored(acknowledged: int) -> None:
    stored = InboundEvent.objects.count()
    if stored != acknowledged:
        raise BenchmarkError(f"{acknowledged} events were acknowledged and {stored} are stored.")
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE integrations_inboundevent")


def _worst(sents: list[sender.Sent]) -> float:
    return sorted(sent.p99_ms for sent in sents)[len(sents) // 2]
