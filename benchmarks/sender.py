"""Posts signed events over several connections at once, each waiting for its answer before the next.

    python -m benchmarks.sender ADDRESS FILE CONNECTIONS

FILE holds one body a line. Prints a `Sent` as JSON. A process of its own, with nothing in its loop but sending and
receiving, so that what is measured is the server.
"""

from __future__ import annotations

import hmac
import json
import re
import selectors
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlsplit

from benchmarks.results import BenchmarkError
from benchmarks.surroundings import CLONE, SIGNING_SECRET

SILENCE_SECONDS = 30
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sent:
    """`began_at` is a time of this machine's clock; `own_seconds` is what the sender itself used of the processor."""

    began_at: float
    seconds: float
    own_seconds: float
    statuses: dict[str, int]
    median_ms: float
    p99_ms: float


def send(url: str, bodies: Iterable[str], *, connections: int = 32) -> Sent:
    """Raises BenchmarkError unless every event is answered 200."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".jsonl") as file:
        file.writelines(f"{body}\n" for body in bodies)
        file.flush()
        command = [sys.executable, "-m", "benchmarks.sender", url, file.name, str(connections)]
        ended = subprocess.run(command, cwd=CLONE, capture_output=True, text=True, timeout=600, check=False)
    if ended.returncode:
        raise BenchmarkError(ended.stderr)
    sent = Sent(**json.loads(ended.stdout))
    if set(sent.statuses) != {"200"}:
        raise BenchmarkError(f"{url} answered {sent.statuses}.")
    return sent


def main(url: str, file: str, connections: str) -> None:
    requests = [_request(url, body) for body in Path(file).read_bytes().splitlines()]
    print(json.dumps(asdict(_send(url, requests, int(connections)))))


def _request(url: str, body: bytes) -> bytes:
    parts, now = urlsplit(url), str(int(time.time())).encode()
    signature = hmac.digest(SIGNING_SECRET.encode(), b"v0:" + now + b":" + body, "sha256").hex()
    head = (
        f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
        "User-Agent: Slackbot 1.0 (+https://api.slack.com/robots)\r\n"
        "Accept: */*\r\nAccept-Encoding: gzip,deflate\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        f"X-Slack-Signature: v0={signature}\r\nX-Slack-Request-Timestamp: {now.decode()}\r\n\r\n"
    )
    return head.encode() + body


def _send(url: str, requests: list[bytes], connections: int) -> Sent:
    parts = urlsplit(url)
    waiting = iter(requests)
    statuses: Counter[str] = Counter()
    latencies: list[float] = []
    asked_at: dict[socket.socket, float] = {}
    with selectors.DefaultSelector() as selector:
        for _ in range(min(connections, len(requests))):
            connection = socket.create_connection((parts.hostname, parts.port or 80), timeout=SILENCE_SECONDS)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(connection, selectors.EVENT_READ)
            asked_at[connection] = 0.0
        began_at, began, own = time.time(), time.perf_counter(), time.process_time()
        for connection, request in zip(asked_at, waiting, strict=False):
            asked_at[connection] = time.perf_counter()
            connection.sendall(request)
        while len(latencies) < len(requests):
            ready = selector.select(SILENCE_SECONDS)
            if not ready:
                raise BenchmarkError(f"{url} did not answer for {SILENCE_SECONDS} seconds.")
            for key, _ in ready:
                connection = key.fileobj  # type: ignore[assignment]  # a socket, as registered above
                statuses[_status(connection)] += 1
                now = time.perf_counter()
                latencies.append(now - asked_at[connection])
                if request := next(waiting, b""):
                    asked_at[connection] = now
                    connection.sendall(request)
        seconds, own = time.perf_counter() - began, time.process_time() - own
    for connection in asked_at:
        connection.close()
    hundredths = quantiles(latencies, n=100)
    return Sent(began_at, seconds, own, dict(statuses), hundredths[49] * 1000, hundredths[98] * 1000)


def _status(connection: socket.socket) -> str:
    """Read one whole answer."""
    answer = b""
    while True:
        part = connection.recv(65536)
        if not part:
            raise BenchmarkError("The server closed a connection.")
        answer += part
        head, end, body = answer.partition(b"\r\n\r\n")
        if end and _is_whole(head, body):
            return head[9:12].decode()


def _is_whole(head: bytes, body: bytes) -> bool:
    if CHUNKED.search(head):
        return body.endswith(b"0\r\n\r\n")
    length = LENGTH.search(head)
    return len(body) >= (int(length[1]) if length else 0)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except (BenchmarkError, OSError) as error:
        sys.exit(str(error))
