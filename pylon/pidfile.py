"""At most one `manage.py up` or `demo` for each PYLON_HOME.

The file is locked for as long as that runs, so one that was left behind means nothing.
"""

from __future__ import annotations

import fcntl
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pylon.embedded import EmbeddedError

NAME = "up.pid"
SECONDS_TO_STOP = 60


@contextmanager
def only_one(home: Path) -> Iterator[None]:
    with (home / NAME).open("a+", encoding="ascii") as file:
        if not _lock(file.fileno()):
            file.seek(0)
            raise EmbeddedError(
                f"Pylon already runs from {home}, as process {file.read().strip()}: stop it, "
                "or name another folder with PYLON_HOME."
            )
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


def stop_running(home: Path) -> bool:
    """Stop the Pylon that runs from this home, and wait until it has ended. False: there was none."""
    file = home / NAME
    if not file.exists():
        return False
    with file.open(encoding="ascii") as handle:
        if _lock(handle.fileno()):
            return False
        os.kill(int(handle.read()), signal.SIGTERM)
        deadline = time.monotonic() + SECONDS_TO_STOP
        while not _lock(handle.fileno()):
            if time.monotonic() > deadline:
                raise EmbeddedError(f"The Pylon that runs from {home} did not stop.")
            time.sleep(0.1)
    return True


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
