"""5,000 events through a bad network, into the real web process and workers: what came of them, and how long it took.

No race: every figure but the seconds is a promise. It fails when a message is lost, stored twice or worded otherwise
than its author left it, when a triage post shows what is no longer so, or when a call goes beyond Slack's limits.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

import httpx
from django.conf import settings
from django.db import connections

from accounts.models import Grouping, Workspace
from benchmarks.results import BenchmarkError
from benchmarks.servers import start_pylon
from benchmarks.storms import APP, CHANNELS, TIERS, TRIAGE, Storm, faults, limit_of, traffic, wrong_posts
from benchmarks.surroundings import CLONE, SIGNING_SECRET, free_port
from conversations.models import Conversation
from integrations.models import InboundEvent
from pylon.demo import is_caught_up, prepare_demo
from pylon.supervisor import Supervisor

EVENTS, MATTERS = 5_000, 30
"""MATTERS begin in each of the channels; everything else is said, changed and deleted in their threads."""
DELAY_SECONDS, SHUFFLE_SECONDS = 60, 2
LONGEST_SECONDS = 1_200
DANA = "U0DANA0001"


def run() -> None:
    """Print the figures. Raises BenchmarkError for what must not be."""
    home = Path(os.environ["PYLON_HOME"]) / "sandbox"
    with Supervisor(CLONE) as processes, httpx.Client(timeout=60, trust_env=False) as http:
        sandbox = f"http://127.0.0.1:{free_port()}"

        def api(action: str, **body: Any) -> dict[str, Any]:
            return _checked(http.post(f"{sandbox}/sandbox/api/{action}", json=body))

        _point_to(sandbox)
        connections.close_all()
        web = start_pylon(processes, "web", "worker", "scheduler")
        command = ["--home", str(home), "--port", sandbox.rpartition(":")[2], "--events-url", f"{web}/slack/events"]
        processes.start("sandbox", sys.executable, "-m", "sandbox", *command)
        processes.wait_for(f"{sandbox}/healthz")
        api("change-app", signing_secret=SIGNING_SECRET)
        prepare_demo()
        Workspace.objects.update(grouping=Grouping.QUIET_PERIOD)
        for channel in CHANNELS:
            api("invite", channel=channel, user=APP, by=DANA)
        api("misbehave", **faults(delay_seconds=DELAY_SECONDS, shuffle_seconds=SHUFFLE_SECONDS))

        storm, began = Storm(api, EVENTS, MATTERS), time.monotonic()
        storm.rage()
        raged = time.monotonic() - began
        log = _settle(http, sandbox, began)
        settled = time.monotonic() - began
        posts = _checked(http.get(f"{sandbox}/sandbox/api/messages", params={"channel": TRIAGE}))["messages"]
        _report(storm, log, storm.differences() + wrong_posts(posts), raged=raged, settled=settled)


def _point_to(sandbox: str) -> None:
    """Pylon's settings, here and in the processes to be started."""
    settings.SLACK_API_URL = os.environ["SLACK_API_URL"] = f"{sandbox}/api/"
    settings.SLACK_BOT_TOKEN = os.environ["SLACK_BOT_TOKEN"] = "xoxb-sandbox-acme"


def _settle(http: httpx.Client, sandbox: str, began: float) -> dict[str, Any]:
    """Wait until all is told and done; answers the sandbox's log."""
    while True:
        pending = _checked(http.get(f"{sandbox}/sandbox/api/log", params={"limit": 1}))["pending"]
        if not pending and is_caught_up():
            return _checked(http.get(f"{sandbox}/sandbox/api/log", params={"limit": 100_000}))
        if time.monotonic() - began > LONGEST_SECONDS:
            waiting = InboundEvent.objects.filter(processed_at=None, failed_at=None).count()
            raise BenchmarkError(f"After {LONGEST_SECONDS} s {pending} events are to be told, {waiting} to be worked.")
        time.sleep(0.5)


def _report(storm: Storm, log: dict[str, Any], wrong: list[str], *, raged: float, settled: float) -> None:
    seen = traffic(log["calls"])
    attempts = sum(len(one["attempts"]) for one in log["deliveries"])
    events = len(log["deliveries"])
    made = ", ".join(f"{count:,} {what}" for what, count in storm.made.items())
    print(f"storm: {storm.made.total():,} events ({made}) in {raged:.0f} s, all settled after {settled:.0f} s")
    print(f"    {attempts:,} requests for {events:,} events: {attempts - events:,} were told again")
    print(f"    {len(storm.written):,} messages on {Conversation.objects.count():,} cards, {len(wrong)} things wrong")
    print(f"    {seen.calls:,} calls of ours, {seen.refused:,} of them refused or failed")
    for method, most in seen.busiest_minute.items():
        if method in TIERS:
            print(f"    {method}: at most {most} a minute of {limit_of(method)} allowed")
    print(f"    chat.postMessage: at most {seen.busiest_second} a second in one channel")
    if problems := wrong + seen.excesses:
        raise BenchmarkError("\n".join(problems[:20]))


def _checked(response: httpx.Response) -> dict[str, Any]:
    answer: dict[str, Any] = response.raise_for_status().json()
    return answer
