"""Run everything Pylon consists of, until Ctrl-C: web, worker and scheduler, the embedded services, and, with an
app-level token, Slack's Socket Mode."""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connections

from integrations.slack.connect import connect_from_settings
from integrations.slack.socket_mode import app_tokens
from pylon import embedded, env, pidfile, preparation
from pylon.languages import compile_catalogues
from pylon.supervisor import Supervisor


@dataclass(frozen=True)
class Address:
    host: str
    port: int

    @property
    def local_url(self) -> str:
        """How this machine reaches it."""
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)  # noqa: S104
        return f"http://{host}:{self.port}"


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=settings.PORT, help="where the web listens; or set PORT")

    def handle(self, *, port: int, **_options: Any) -> None:
        self.started_at = time.monotonic()
        self.web = Address(env.text("HOST", "127.0.0.1"), port)
        home: Path = settings.PYLON_HOME
        embedded.claim(home)
        try:
            with pidfile.only_one(home):
                self.check_ports()
                with (
                    embedded.services(
                        home,
                        postgres=not settings.DATABASE_URL,
                        redis=not settings.REDIS_URL,
                        report=self.report,
                    ),
                    Supervisor(settings.BASE_DIR) as processes,
                ):
                    self.run(processes)
        except KeyboardInterrupt:
            self.stdout.write("Stopped.")

    def run(self, processes: Supervisor) -> None:
        preparation.migrate(self.report)
        preparation.collect_static_files(self.report)
        compile_catalogues(self.report)
        self.before_start(processes)
        has_app_token = bool(app_tokens())
        connections.close_all()
        self.report("Starting Pylon")
        environment = {"PORT": str(self.web.port)}
        if sys.stdout.isatty() and not env.text("LOG_FORMAT"):
            environment["LOG_FORMAT"] = "TEXT"  # the children write into a pipe; their lines are shown here
        for name, command in commands(self.web, socket_mode=has_app_token).items():
            processes.start(name, sys.executable, "-m", *command, **environment)
        processes.wait_for(f"{self.web.local_url}/healthz", host=urlsplit(settings.BASE_URL).netloc)
        self.after_start(processes)
        processes.wait()

    def check_ports(self) -> None:
        preparation.check_port(self.web.host, self.web.port, setting="PORT", command="python manage.py up")

    def before_start(self, processes: Supervisor) -> None:  # noqa: ARG002 - the demo's needs it
        """What must be done before the others start."""
        if settings.SLACK_BOT_TOKEN:
            self.report("Connecting the Slack team of SLACK_BOT_TOKEN")
            if connect_from_settings() is None:
                self.report("Slack did not let us in; it is tried again when the first event comes")

    def after_start(self, processes: Supervisor) -> None:  # noqa: ARG002
        self.report(f"Pylon is running at {self.web.local_url}. Ctrl-C stops it.")

    def report(self, step: str) -> None:
        self.stdout.write(f"[{time.monotonic() - self.started_at:5.1f} s] {step}")
        self.stdout.flush()


def commands(web: Address, *, socket_mode: bool = False) -> dict[str, list[str]]:
    """Pylon's processes: what follows `python -m`. One line adds another."""
    granian = ["granian", "--interface", "asgi", "--host", web.host, "--port", str(web.port), "--no-ws"]
    workers = ["--workers", env.text("WEB_WORKERS", "1"), "--respawn-failed-workers"]
    # Live streams end themselves; a request that hangs is not waited for longer.
    stopping = ["--workers-kill-timeout", "3"]
    logging = ["--log-level", "warning", "--log-config", "pylon/granian_logs.json"]
    celery = ["celery", "-A", "pylon", "--quiet"]
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    return {
        "web": [*granian, *workers, *stopping, *logging, "pylon.asgi:application"],
        "worker": [*celery, "worker", "--concurrency", "2", *quiet],
        # In memory: all of it are intervals, and a file that a crash cut short would keep it from starting.
        "scheduler": [*celery, "beat", "--scheduler", "celery.beat:Scheduler"],
        **({"socket": ["django", "socket_mode"]} if socket_mode else {}),
    }
