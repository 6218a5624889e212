from __future__ import annotations

import socket
from pathlib import Path


def answers(path: Path) -> bool:
    """Whether a server listens on this Unix socket. A file left by a killed server refuses."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(5)
        try:
            connection.connect(str(path))
        except OSError:
            return False
    return True
