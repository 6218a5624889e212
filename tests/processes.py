"""Pylon's own processes, as an operator runs them, against the test database."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlencode

import httpx
from django.conf import settings
from django.core.cache import cache
from django.db import connection

from integrations.redis_client import redis_client
from integrations.slack.socket_standing import PREFIX, standings
from pylon.tasks import ALIVE
from tests.sandbox_process import free_port

REPOSITORY = Path(__file__).resolve().parent.parent
START_SECONDS = 60.0
SETTLE_SECONDS = 60.0


class Processes:
    """Stops on leaving what was started within. `environment` is added to ours; names are settings."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self._folder = folder
        self._environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "pylon.settings",
            "DATABASE_URL": database_url(),
            "REDIS_URL": settings.REDIS_ADDRESS,
            "SWEEP_SECONDS": "1",
            **environment,
        }
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name in list(self._running):
            self.stop(name)

    def start_web(self, port: int | None = None) -> str:
        """Answers the address once it answers."""
        port = port or free_port()
        url = f"http://127.0.0.1:{port}"
        self._start(
            "web", "granian", "--interface", "asgi", "--port", str(port), "--no-ws",
            "--workers-kill-timeout", "3", "pylon.asgi:application", BASE_URL=url, PORT=str(port),
        )  # fmt: skip
        wait_until(lambda: _answers(f"{url}/healthz"), START_SECONDS, f"the web process: see {self.log('web')}")
        return url

    def start_worker(self) -> None:
        """With the scheduler in it, which sweeps every second. Answers once it works."""
        cache.delete(ALIVE)
        schedule = self._folder / "schedule"
        schedule.unlink(missing_ok=True)
        self._start(
            "worker", "celery", "-A", "pylon", "worker", "-c", "2", "-B", "-s", str(schedule), "-l", "info",
            "--without-mingle",
        )  # fmt: skip
        wait_until(lambda: bool(cache.get(ALIVE)), START_SECONDS, f"the worker: see {self.log('worker')}")

    def start_socket_mode(self, *, connections: int) -> None:
        """Answers once they are open."""
        for key in redis_client().scan_iter(f"{PREFIX}*"):  # of a process that was killed
            redis_client().delete(key)
        self._start("socket_mode", "django", "socket_mode", "--connections", str(connections))
        wait_until(lambda: open_sockets() == connections, START_SECONDS, f"Socket Mode: see {self.log('socket_mode')}")

    def start_python(self, name: str, code: str) -> None:
        """Runs the code with Django set up."""
        self._start(name, f"import django\ndjango.setup()\n{code}", option="-c")

    def stop(self, name: str) -> int:
        """Answers its exit code."""
        return self._end(name, signal.SIGTERM)

    def kill(self, name: str) -> None:
        """SIGKILL to the process and all it started, as the machine's failure would."""
        self._end(name, signal.SIGKILL)

    def log(self, name: str) -> Path:
        return self._folder / f"{name}.log"

    def _start(self, name: str, *command: str, option: str = "-m", **environment: str) -> None:
        with self.log(name).open("ab") as log:
            self._running[name] = subprocess.Popen(
                [sys.executable, option, *command], cwd=REPOSITORY, env=self._environment | environment,
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    def _end(self, name: str, number: signal.Signals) -> int:
        process = self._running.pop(name)
        with contextlib.suppress(ProcessLookupError):  # it has ended by itself
            os.killpg(process.pid, number)
        try:
            return process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return process.wait()


def open_sockets() -> int:
    """Socket Mode connections, of all processes."""
    return sum(1 for standing in standings() if standing.connected_since)


def wait_until(true: Callable[[], bool], seconds: float = SETTLE_SECONDS, what: str = "") -> None:
    """Look again and again; AssertionError when it doesn't come true in time."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise AssertionError(f"did not happen within {seconds:.0f} s: {what or true}")
        time.sleep(0.05)


def database_url(**parts: str) -> str:
    """The test database's; libpq takes each part from a URL's query too."""
    known = connection.settings_dict | parts
    names = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD"}
    return (
        f"postgresql:///{known['NAME']}?{urlencode({key: known[name] for key, name in names.items() if known[name]})}"
    )


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5, trust_env=False).is_success
    except httpx.TransportError:
        return False
