"""Run Pylon with the Slack sandbox beside it, and play a story of three customer companies in there."""

from __future__ import annotations

import sys
import time
from typing import Any

import httpx
from django.conf import settings

from pylon import env, preparation
from pylon.demo import is_on_the_board, prepare_demo
from pylon.management.commands.up import Address
from pylon.management.commands.up import Command as Up
from pylon.supervisor import Supervisor, SupervisorError

STORY = "three-companies"
SECONDS_FOR_THE_STORY = 120

READY = """
Pylon is running. Ctrl-C stops it; `make demo` goes on where it was; `make reset` starts over.

  The board           {web}/board/      sign in as dana@acme.example, password: demo
  The Slack sandbox   {sandbox}/

Three things to try:
  1. In the sandbox, be a customer and write in a customer channel: a card appears on the board.
  2. Be Dana and answer there: the card moves to In Progress, or to Closed when the answer settles it.
  3. In the sandbox's triage channel, press Acknowledge on a post: its card moves to Closed.
"""


class Command(Up):
    help = __doc__

    def handle(self, **options: Any) -> None:
        self.sandbox = Address("127.0.0.1", env.integer("SANDBOX_PORT", 8001, least=1, most=65535))
        super().handle(**options)

    def check_ports(self) -> None:
        preparation.check_port(self.web.host, self.web.port, setting="PORT", command="make demo")
        preparation.check_port(self.sandbox.host, self.sandbox.port, setting="SANDBOX_PORT", command="make demo")

    def before_start(self, processes: Supervisor) -> None:
        self.report("Starting the Slack sandbox")
        processes.start(
            "sandbox",
            *(sys.executable, "-m", "sandbox", "--port", str(self.sandbox.port)),
            *("--home", str(settings.PYLON_HOME / "sandbox")),
            *("--events-url", f"{self.web.local_url}/slack/events"),
        )
        processes.wait_for(f"{self.sandbox.local_url}/healthz")
        prepare_demo()

    def after_start(self, processes: Supervisor) -> None:
        if self._play():
            self.report("Playing a story of three companies")
        deadline = time.monotonic() + SECONDS_FOR_THE_STORY
        while not (self._all_told() and is_on_the_board()):
            if time.monotonic() > deadline:
                self.report("Pylon is still working through the story: more cards will appear")
                break
            processes.pause(0.3)
        self.stdout.write(READY.format(web=self.web.local_url, sandbox=self.sandbox.local_url))
        self.stdout.flush()

    def _all_told(self) -> bool:
        """The sandbox delivers its events in the background, as Slack does."""
        log = httpx.get(f"{self.sandbox.local_url}/sandbox/api/log", params={"limit": 1}, timeout=10, trust_env=False)
        return not log.json()["pending"]

    def _play(self) -> bool:
        """False when it was played at an earlier start: the sandbox plays a story once."""
        try:
            answer = httpx.post(
                f"{self.sandbox.local_url}/sandbox/story", json={"name": STORY}, timeout=60, trust_env=False
            ).raise_for_status()
        except httpx.HTTPError as error:
            raise SupervisorError(f"The sandbox could not play the story {STORY}: {error}.") from error
        return bool(answer.json()["played"])
