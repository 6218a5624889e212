"""Stops a supervisor's children should the supervisor be killed: `python -m pylon.watchdog GRACE_SECONDS`.

Standard input is a pipe from the supervisor with one line per child: "+pid" at its start, "-pid" at its end.
The pipe ends when the supervisor does; whoever is still listed then leads a process group without a parent.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable


def main(grace_seconds: float) -> None:
    left: set[int] = set()
    for line in sys.stdin:
        if line.startswith("+"):
            left.add(int(line[1:]))
        else:
            left.discard(int(line[1:]))
    for leader in left:
        _signal(os.kill, leader, signal.SIGTERM)
    deadline = time.monotonic() + grace_seconds
    while left and time.monotonic() < deadline:
        time.sleep(0.1)
        gone = {leader for leader in left if not _signal(os.kill, leader, 0)}
        _kill_groups(gone)
        left -= gone
    _kill_groups(left)


def _kill_groups(leaders: Iterable[int]) -> None:
    for leader in leaders:
        _signal(os.killpg, leader, signal.SIGKILL)


def _signal(send: Callable[[int, int], None], pid: int, number: int) -> bool:
    """Whether anyone was there to receive it."""
    with contextlib.suppress(ProcessLookupError):
        send(pid, number)
        return True
    return False


if __name__ == "__main__":
    main(float(sys.argv[1]))
