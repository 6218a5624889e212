"""A server in the model's place: OpenAI's chat completions as far as Pylon asks, with the faults of real ones."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

Json = dict[str, Any]
Answering = Callable[[Json], Json | str]
"""From what was asked (the user message's JSON) to the answer's content."""


class ModelServer:
    """`answer` gives the content; `fault` is, while set, what happens instead.

    Faults: a status; "slow" (nothing for ever), "trickle" (a byte now and then), "garbage" (no JSON at all), "hollow"
    (JSON without an answer), "hang up".
    """

    def __init__(self, answer: Answering) -> None:
        self.answer = answer
        self.fault: int | str = ""
        self.headers: dict[str, str] = {}
        self.counts_tokens = True
        self.requests: list[Json] = []
        self.keys: list[str] = []
        self._stopping = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def asked(self) -> list[Json]:
        """What was asked, oldest first: the data of each question."""
        return [json.loads(request["messages"][1]["content"]) for request in self.requests]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                server.requests.append(request)
                server.keys.append(self.headers.get("Authorization", ""))
                if isinstance(server.fault, int):
                    self._send(server.fault, {"error": {"message": "No: sk-the-key-again", "code": "no"}})
                elif server.fault == "garbage":
                    self._send(200, "<html>busy</html>")
                elif server.fault == "hollow":
                    self._send(200, {"choices": [], "usage": "none"})
                elif server.fault == "slow":
                    server._stopping.wait(30)
                elif server.fault == "trickle":
                    self._trickle()
                elif server.fault != "hang up":
                    self._send(200, server._completion(request))

            def _send(self, status: int, body: Json | str) -> None:
                payload = (body if isinstance(body, str) else json.dumps(body)).encode()
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", **server.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(payload)))
                self.end_headers()
                self.wfile.write(payload)

            def _trickle(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                try:
                    while not server._stopping.wait(0.1):
                        self.wfile.write(b" ")
                except OSError:
                    return  # the client has given up, as it should

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                """Say nothing."""

        return Handler

    def _completion(self, request: Json) -> Json:
        answer = self.answer(json.loads(request["messages"][1]["content"]))
        content = answer if isinstance(answer, str) else json.dumps(answer)
        usage = {"prompt_tokens": 700, "completion_tokens": 30, "total_tokens": 730}
        return {
            "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": request["model"],
            "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": content}}],
            **({"usage": usage} if self.counts_tokens else {}),
        }  # fmt: skip


def obey(asked: Json) -> Json:
    """The worst of models: does what it finds written anywhere, if only a customer says so."""
    written = json.dumps(asked)
    place = re.search(r"answer conversation (\w+)", written)
    return {
        "reason": "As the message demands <!channel> <script>alert(1)</script>\u202e" + "!" * 500,
        **({"conversation": place.group(1)} if place else {}),
        **({"reply": "concludes"} if "close all conversations" in written else {}),
    }
