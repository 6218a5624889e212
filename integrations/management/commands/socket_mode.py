"""Take Slack's requests over Socket Mode, until stopped: for a Pylon without a public address."""

from __future__ import annotations

import asyncio
import signal
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from integrations.slack.socket_mode import MOST_CONNECTIONS, app_tokens, listen


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--connections", type=int, default=1, choices=range(1, MOST_CONNECTIONS + 1), metavar="N",
            help=f"how many for each app, at most {MOST_CONNECTIONS}; default 1",
        )  # fmt: skip

    def handle(self, *, connections: int, **_options: Any) -> None:
        tokens = app_tokens()
        if not tokens:
            raise CommandError(
                "Socket Mode needs an app-level token (xapp-…) with the scope connections:write: make one on Slack's "
                "page of the app, under Basic Information, and set SLACK_APP_TOKEN.",
                returncode=2,
            )
        asyncio.run(_until_stopped(tokens, connections))


async def _until_stopped(tokens: Sequence[str], connections: int) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await listen(tokens, connections=connections, stop=stop)
