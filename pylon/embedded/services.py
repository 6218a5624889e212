"""Start what isn't running, and stop it when the last process that uses it has ended, however it ended.

Every process that uses the services holds a shared lock on `users.lock` for as long as it lives. The lock is
passed on to a small helper (`keeper.py`), which waits for that process to end and then stops the services if
nobody else holds the lock. So `kill -9` leaves nothing running, and two commands can share one server.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pylon.embedded.folders import EmbeddedError, claim, explained, make_socket_folder, socket_folder
from pylon.embedded.postgres import Postgres
from pylon.embedded.redis_server import Redis

SOURCE = Path(__file__).resolve().parent.parent.parent


@contextmanager
def services(
    home: Path,
    *,
    postgres: bool = True,
    redis: bool = True,
    durable: bool = True,
    report: Callable[[str], None] | None = None,
) -> Iterator[None]:
    """PostgreSQL and Redis, ready to answer, while the block runs.

    `durable=False` trades safety in a crash of the machine for speed: for tests. `report` hears each step.
    Raises `EmbeddedError`.
    """
    if not (postgres or redis):
        yield
        return
    claim(home)
    with open_locked(home / "users.lock", fcntl.LOCK_SH) as users, keeper(home, users):
        with open_locked(home / "start.lock", fcntl.LOCK_EX):
            with explained(home):
                make_socket_folder(home)
            wanted: list[Postgres | Redis] = [*[Postgres(home)] * postgres, *[Redis(home)] * redis]
            for server in wanted:
                if not server.is_running():
                    server.start(durable=durable, report=report or (lambda _: None))
        yield


def stop_unused(home: Path, users: int) -> bool:
    """Stop whatever runs, unless a process other than the holders of the open file `users` uses it."""
    with open_locked(home / "start.lock", fcntl.LOCK_EX):
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        servers: list[Postgres | Redis] = [Redis(home), Postgres(home)]
        for server in servers:
            if server.is_running():
                server.stop()
    return True


def delete(home: Path) -> None:
    """Stop the services and delete all data. Raises `EmbeddedError` where a process still uses them."""
    with open_locked(home / "users.lock", fcntl.LOCK_SH) as users:
        if not stop_unused(home, users):
            raise EmbeddedError(f"Another process still uses {home}: end it first.")
    with explained(home):
        shutil.rmtree(home)
        if socket_folder(home).exists():  # outside of the home
            shutil.rmtree(socket_folder(home))


@contextmanager
def open_locked(file: Path, operation: int) -> Iterator[int]:
    with explained(file.parent):
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, operation)
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def keeper(home: Path, users: int) -> Iterator[None]:
    """The helper, in a session of its own: Ctrl-C in the terminal doesn't reach it."""
    process: subprocess.Popen[bytes] = subprocess.Popen(
        [sys.executable, "-m", "pylon.embedded.keeper", home, str(users)],
        cwd=SOURCE,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        pass_fds=[users],
        start_new_session=True,
    )
    try:
        yield
    finally:
        process.communicate()  # closes the pipe, which tells the helper that we are done
        if process.returncode:
            raise EmbeddedError("The embedded services could not be stopped: the lines above say why.")
