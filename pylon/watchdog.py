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


def main(grace_seconds: float) -> None:
    left: set[int] = set()
    for line in sys.stdin:
        if line.startswith("+"):
            left.add(int(line[1:]))
        else:
            left.discard(int(line[1:]))
    left = {group for group in left if _signal(group, signal.SIGTERM)}
    deadline = time.monotonic() + grace_seconds
    while left and time.monotonic() < deadline:
        time.sleep(0.1)
        left = {group for group in left if _signal(group, 0)}
    for group in left:
        _signal(group, signal.SIGKILL)


def _signal(group: int, number: int) -> bool:
    """Whether anyone was there to receive it."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, number)
        return True
    return False


if __name__ == "__main__":
    main(float(sys.argv[1]))
