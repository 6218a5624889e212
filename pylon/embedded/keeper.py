"""Waits for its parent to end, then stops the embedded services, unless another process still uses them.

    python -m pylon.embedded.keeper HOME DESCRIPTOR

DESCRIPTOR is the parent's open file with the shared lock (`services.py`). Standard input is a pipe from the
parent: it ends when the parent does.
"""

from __future__ import annotations

import sys
from pathlib import Path

from pylon.embedded.folders import EmbeddedError
from pylon.embedded.services import stop_unused


def main(home: Path, users: int) -> None:
    sys.stdin.buffer.read()
    try:
        stop_unused(home, users)
    except EmbeddedError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
