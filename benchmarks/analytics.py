"""A report of a year over many conversations, against going through the messages and events of few.

Printed besides: reports of one owner and of one account, what it costs to keep up with a change, and how fast
everything is counted anew.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from statistics import median

from django.core.management import call_command
from django.db import connection, connections

from accounts.models import Workspace
from benchmarks.facts import invent
from benchmarks.results import BenchmarkError, Result, Side
from benchmarks.surroundings import connected_to, new_database
from conversations.analytics.counting import AT_ONCE, differences
from conversations.analytics.period import Period, Step
from conversations.analytics.report import report as read_report
from conversations.analytics.report import today
from conversations.analytics.scope import Scope
from conversations.analytics.tallies import add_up_months, add_up_some
from conversations.announce import announce
from conversations.models import Conversation, Fact, Ledger, Tally
from conversations.seeding import Stage, set_stage
from triage.reckoning import count_all, ledger_rules

AIM = 0.2
SIZES = {"full": (5, 1_000_000, 10_000), "quick": (5, 50_000, 2_000), "tiny": (1, 2_000, 200)}
"""Rounds, conversations of which the facts are invented, and conversations with messages and events."""
ACCOUNTS = 300
DAYS = 365
MANY, FEW = "analytics_many", "analytics_few"
CHANGES = 20


def run(size: str, report: Callable[[str], None]) -> Result:
    rounds, many, few = SIZES[size]
    connections.close_all()
    for name in (MANY, FEW):
        new_database(name, template="pylon")
    with connected_to(MANY):
        report(f"inventing the facts of {many:,} conversations")
        stage = _stage()
        invent(stage, conversations=many, days=DAYS)
        report("adding them up")
        remarks = [_add_up(stage.workspace)]
    with connected_to(FEW):
        report(f"inventing and counting {few:,} conversations")
        _stage()
        call_command("seed", conversations=few, workspace="Benchmark")
        remarks += [_count(few), _keep_up()]
    scopes = _scopes(stage)
    times: dict[str, list[float]] = {name: [] for name in (*scopes, "long")}
    for n in range(rounds + 1):
        measured = {}
        with connected_to(MANY):
            for name, scope in scopes.items():
                measured[name] = _milliseconds(lambda scope=scope: _read(scope, least=many // 2))  # type: ignore[misc]
        with connected_to(FEW):
            measured["long"] = _milliseconds(_the_long_way)
        for name, milliseconds in measured.items():
            times[name] += [milliseconds] if n else []  # the first round is for warming up
    report(f"{rounds} rounds")
    remarks += [f"{name}: {median(times[name]):,.0f} ms" for name in scopes]
    return Result(
        "analytics",
        Side(f"a report of a year over {many:,} conversations, with the year before", times["the workspace"], "ms"),
        Side(f"reading and reckoning what happened in {few:,}", times["long"], "ms"),
        aim=AIM,
        at_most=True,
        remarks=remarks,
    )


def _stage() -> Stage:
    return set_stage(Workspace.objects.create(name="Benchmark"), accounts=ACCOUNTS)


def _add_up(workspace: Workspace) -> str:
    began = time.perf_counter()
    days = 0
    while add_up_some(workspace):
        days += 1
    add_up_months(workspace, today=today(workspace))
    seconds = time.perf_counter() - began
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    facts, tallies = Fact.objects.count(), Tally.objects.count()
    return f"{facts:,} facts added up to {tallies:,} tallies of {days} days in {seconds:.0f} s"


def _count(conversations: int) -> str:
    began = time.perf_counter()
    count_all()
    seconds = time.perf_counter() - began
    return f"counted anew: {conversations / seconds:,.0f} conversations a second"


def _keep_up() -> str:
    """One conversation changes and is counted, the days that it touches included."""
    milliseconds = []
    for conversation in Conversation.objects.filter(workspace__name="Benchmark").order_by("-last_message_at")[:CHANGES]:
        tagged = [*conversation.tags, "bug"]
        Conversation.objects.filter(pk=conversation.pk).update(tags=tagged)
        announce(conversation.workspace_id, [conversation.pk])
        milliseconds.append(_milliseconds(count_all))
    return f"a change is counted and added up in {median(milliseconds):,.0f} ms"


def _scopes(stage: Stage) -> dict[str, Scope]:
    channel = stage.places[0].channel
    owner, account = frozenset({channel.owner_id or 0}), frozenset({channel.account_id or 0})
    return {
        "the workspace": Scope(), "one owner": Scope(owners=owner), "one account": Scope(accounts=account),
        "one owner and account": Scope(owners=owner, accounts=account), "one tag": Scope(tags=frozenset({"bug"})),
    }  # fmt: skip


def _read(scope: Scope, *, least: int) -> None:
    workspace = Workspace.objects.get(name="Benchmark")
    last = today(workspace)
    period = Period(last - timedelta(days=DAYS - 1), last, Step.WEEK)
    found = read_report(workspace, scope, period, tables=("owner",))  # as the page: one table at a time
    if not scope.parts and found.totals["closed"].now.count < least:
        raise BenchmarkError("The report lacks conversations.")


def _the_long_way() -> None:
    ledger = Ledger.objects.select_related("workspace").get(workspace__name="Benchmark")
    ids = list(Conversation.objects.filter(workspace=ledger.workspace).values_list("pk", flat=True))
    rules = ledger_rules(ledger)
    for start in range(0, len(ids), AT_ONCE):
        if differences(ledger.workspace, ids[start : start + AT_ONCE], rules):
            raise BenchmarkError("What was counted is not what happened.")


def _milliseconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000
