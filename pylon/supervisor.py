"""Runs the processes that make up Pylon, shows what they print, starts again what dies, and stops them all.

Each child leads a session of its own: Ctrl-C in a terminal reaches the supervisor only, which then stops the
children. Should the supervisor be killed, its watchdog (`watchdog.py`) stops them.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import httpx

GRACE_SECONDS = 8
LONGEST_PAUSE_SECONDS = 30
SETTLED_SECONDS = 60
FAILURES_ALLOWED = 5
COLOURS = (36, 33, 32, 35, 34, 31)
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class SupervisorError(Exception):
    """One sentence: which process failed."""


@dataclass
class Child:
    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    thread: threading.Thread | None = None
    process: subprocess.Popen[bytes] | None = None
    failures: int = 0  # in a row, each within SETTLED_SECONDS of its start
    settled: bool = False  # it has once run longer than that

    def pause(self) -> int:
        """Seconds to wait before the next start: 1, 2, 4 … 30."""
        return min(1 << min(self.failures - 1, 10), LONGEST_PAUSE_SECONDS)


@dataclass
class Supervisor:
    """A context manager: leaving the block, for whatever reason, stops every child."""

    folder: Path
    _children: list[Child] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _given_up: str = ""

    def __enter__(self) -> Self:
        self._watchdog = subprocess.Popen(
            [sys.executable, "-m", "pylon.watchdog", str(GRACE_SECONDS)],
            cwd=Path(__file__).resolve().parent.parent,
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        self._handlers = {number: signal.getsignal(number) for number in STOP_SIGNALS}
        if self._handlers[signal.SIGHUP] is signal.SIG_IGN:  # started with nohup
            del self._handlers[signal.SIGHUP]
        for number in self._handlers:
            signal.signal(number, _interrupt)
        return self

    def __exit__(self, *_exception: object) -> None:
        try:
            self._stop()
        finally:
            for number, handler in self._handlers.items():
                signal.signal(number, handler)

    def start(self, name: str, *command: str, **environment: str) -> None:
        """Start a process and keep it running. `environment` is added to ours."""
        child = Child(name, command, os.environ | environment)
        child.thread = threading.Thread(target=self._keep_running, args=[child], name=name, daemon=True)
        self._children.append(child)
        child.thread.start()

    def wait(self) -> None:
        """Ends only by KeyboardInterrupt (a signal) or SupervisorError (a process that keeps failing)."""
        while True:
            self.pause(3600)

    def wait_for(self, url: str, *, host: str = "", seconds: float = 60) -> None:
        """Until the address answers with a success. `host` is the Host header, if not the address's own."""
        deadline = time.monotonic() + seconds
        while not _answers(url, host):
            if time.monotonic() > deadline:
                raise SupervisorError(f"{url} did not answer in {seconds:.0f} seconds: the lines above say why.")
            self.pause(0.2)

    def pause(self, seconds: float) -> None:
        """Sleep, but not past the moment at which a process is given up."""
        if self._stopping.wait(seconds):
            raise SupervisorError(self._given_up)

    def _stop(self) -> None:
        """SIGTERM to each process, which ends what it started in its own way: a worker whose helpers vanish under it
        calls their tasks lost. After the grace, or at a second Ctrl-C, SIGKILL to what is left."""
        with self._lock:
            self._stopping.set()
        deadline = time.monotonic() + GRACE_SECONDS
        try:
            for child in reversed(self._children):
                if child.process:
                    child.process.terminate()
            for child in self._children:
                if child.thread:
                    child.thread.join(max(0.0, deadline - time.monotonic()))
        finally:
            for child in self._children:
                if child.thread and child.thread.is_alive():
                    _kill_group(child)
                    child.thread.join()
            self._watchdog.communicate()

    def _keep_running(self, child: Child) -> None:
        while not self._stopping.is_set():
            started_at = time.monotonic()
            try:
                end = f"ended with code {self._run(child)}"
            except OSError as error:
                end = f"could not be started ({error})"
            if self._stopping.is_set():
                return
            if time.monotonic() - started_at >= SETTLED_SECONDS:
                child.settled, child.failures = True, 0
            child.failures += 1
            if child.failures >= FAILURES_ALLOWED and not child.settled:
                self._print(child, end)
                self._given_up = f"{child.name} failed {child.failures} times in a row: the lines above say why."
                self._stopping.set()
                return
            self._print(child, f"{end}; starting again in {child.pause()} s")
            self._stopping.wait(child.pause())

    def _run(self, child: Child) -> int:
        """One life of a process, until it and everything it started have ended."""
        with self._lock:
            if self._stopping.is_set():
                return 0
            process = child.process = subprocess.Popen(
                child.command,
                cwd=self.folder,
                env={"PYTHONUNBUFFERED": "1", **child.environment},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            self._tell_watchdog(f"+{process.pid}")
        reader = threading.Thread(target=self._show, args=[child, process], daemon=True)
        reader.start()
        code = process.wait()
        _kill_group(child)  # what the process left behind; it holds our pipe open
        reader.join()
        if process.stdout:
            process.stdout.close()
        with self._lock:
            self._tell_watchdog(f"-{process.pid}")
        return code

    def _show(self, child: Child, process: subprocess.Popen[bytes]) -> None:
        for line in process.stdout or []:
            if text := line.decode(errors="replace").rstrip():
                self._print(child, text)

    def _print(self, child: Child, line: str) -> None:
        name = f"{child.name:<9}"
        if sys.stdout.isatty() and "NO_COLOR" not in os.environ:
            name = f"\033[{COLOURS[self._children.index(child) % len(COLOURS)]}m{name}\033[0m"
        with contextlib.suppress(OSError):  # nobody reads any more: no reason to stop
            print(f"{name} | {line}", flush=True)

    def _tell_watchdog(self, line: str) -> None:
        if self._watchdog.stdin:
            with contextlib.suppress(BrokenPipeError):  # it was killed; the children can run without it
                self._watchdog.stdin.write(f"{line}\n".encode())
                self._watchdog.stdin.flush()


def _kill_group(child: Child) -> None:
    """The process and all it started: it leads their group."""
    if child.process:
        with contextlib.suppress(ProcessLookupError, PermissionError):  # the latter: all dead, on macOS
            os.killpg(child.process.pid, signal.SIGKILL)


def _answers(url: str, host: str) -> bool:
    try:
        return httpx.get(url, headers={"Host": host} if host else {}, timeout=5, trust_env=False).is_success
    except httpx.TransportError:
        return False


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt
