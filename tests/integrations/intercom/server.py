"""The stand-in for Intercom behind real HTTP. `python -m tests.integrations.intercom.server PORT` runs it alone."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.integrations.intercom.double import Answer, Intercom
from tests.integrations.tools.contract import Failure
from tests.integrations.tools.grants import ConsentHandler, Grants


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, intercom: Intercom, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.intercom = intercom
        self.failure: Failure | None = None
        self.grants = Grants("/oauth", "/auth/eagle/token", pkce=False, rotates=False)
        self.lock = threading.Lock()
        self.calls: list[tuple[str, str, dict[str, Any]]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def takes_failure(self, method: str, path: str) -> Failure | None:
        """What this call meets."""
        failure = self.failure
        is_write = method != "GET" and not path.endswith("/search") and not path.startswith("/contacts")
        if failure == Failure.LOST and not is_write:
            return None
        if failure != Failure.UNAUTHORISED:
            self.failure = None
        return failure


class Handler(ConsentHandler, BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer()

    do_POST = do_PUT = do_GET  # noqa: N815 - the base class looks for these names

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - so it is called there
        """Nothing: pytest shows what was asked on failure."""

    def _answer(self) -> None:
        if self.consents(self.server.grants):
            return
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with self.server.lock:
            failure = self.server.takes_failure(self.command, self.path)
            try:
                answer, status = self._act(raw, failure), 200
            except Answer as error:
                answer, status = error.body, error.status
        if failure == Failure.LOST:
            self.close_connection = True
            self.connection.close()
            return
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        if status == 429:
            self.send_header("X-RateLimit-Reset", f"{time.time() + 7:.0f}")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _act(self, raw: bytes, failure: Failure | None) -> Any:
        if failure == Failure.BUSY:
            raise Answer(429, "rate_limit_exceeded", "Exceeded rate limit of 167 in 10_seconds")
        if failure == Failure.BROKEN:
            raise Answer(500, "server_error", "Internal Error")
        given = self.headers.get("Authorization")
        known = given == f"Bearer {self.server.intercom.token}" or self.server.grants.takes(given)
        if failure == Failure.UNAUTHORISED or not known:
            raise Answer(401, "unauthorized", "Access Token Invalid")
        if self.headers.get("Intercom-Version") != "2.15":
            raise Answer(400, "intercom_version_invalid", "The requested version could not be found")
        try:
            told = json.loads(raw) if raw else {}
        except ValueError:
            raise Answer(400, "bad_request", "The body is no JSON") from None
        self.server.calls.append((self.command, self.path, told or {}))
        return self.server.intercom.answer(self.command, self.path, told or {})


@contextmanager
def serving(intercom: Intercom) -> Iterator[Server]:
    server = Server(intercom)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


if __name__ == "__main__":
    alone = Server(Intercom(), int(sys.argv[1]))
    alone.serve_forever()
