"""A small HTTP server in the place of the app, for tests that look at what the sandbox sends."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs

Json = dict[str, Any]
WAIT_SECONDS = 15.0


@dataclass(frozen=True)
class Received:
    headers: dict[str, str]
    body: bytes

    @property
    def envelope(self) -> Json:
        envelope: Json = json.loads(self.body)
        return envelope

    @property
    def event(self) -> Json:
        event: Json = self.envelope["event"]
        return event

    @property
    def form(self) -> dict[str, str]:
        return {key: values[0] for key, values in parse_qs(self.body.decode(), keep_blank_values=True).items()}

    @property
    def payload(self) -> Json:
        payload: Json = json.loads(self.form["payload"])
        return payload


@dataclass(frozen=True)
class Reply:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


Responder = Callable[[Received], Reply]


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A sandbox that is reset or stopped drops its connections; that is no fault of a test."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class Listener:
    """Keeps what it receives; `respond` decides the answer and may be replaced by a test."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.respond: Responder = lambda _: Reply()
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}/slack/events"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def clear(self) -> None:
        self.received.clear()
        self.respond = lambda _: Reply()

    def events(self, kind: str | None = None) -> list[Json]:
        """The events received so far, in the order of their arrival."""
        events = [one.event for one in list(self.received) if b'"event_callback"' in one.body]
        return [event for event in events if kind in {None, event["type"]}]

    def wait_for(self, count: int) -> list[Received]:
        """Wait until so many requests have arrived."""
        deadline = time.monotonic() + WAIT_SECONDS
        while len(self.received) < count:
            if time.monotonic() > deadline:
                raise AssertionError(f"{len(self.received)} of {count} requests arrived")
            time.sleep(0.01)
        return list(self.received)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        listener = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                request = Received({name.lower(): value for name, value in self.headers.items()}, body)
                listener.received.append(request)
                reply = listener.respond(request)
                self.send_response(reply.status)
                for name, value in {**reply.headers, "Content-Length": str(len(reply.body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(reply.body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Say nothing."""

        return Handler
