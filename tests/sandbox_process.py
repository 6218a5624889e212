"""A Slack sandbox as a real process, for any test that needs one."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

Json = dict[str, Any]
REPOSITORY = Path(__file__).resolve().parent.parent
START_SECONDS = 15.0
SETTLE_SECONDS = 30.0


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class SandboxProcess:
    """Starts ``python -m sandbox`` on entering and stops it on leaving.

    `home` keeps its data: a second process with the same home goes on where the first one ended. `speed`
    divides the gaps between retries; `answer_timeout` is how long the app may take to answer, in seconds.
    """

    token = "xoxb-sandbox-acme"
    signing_secret = "sandbox-signing-secret"

    def __init__(
        self,
        home: Path,
        events_url: str,
        *,
        speed: float = 1.0,
        answer_timeout: float = 3.0,
        port: int | None = None,
    ) -> None:
        self._home = home
        self._port = port or free_port()
        self._options = ["--events-url", events_url, "--speed", str(speed)]
        self._options += ["--answer-timeout", str(answer_timeout)]
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"http://127.0.0.1:{self._port}"
        self._http = httpx.Client(base_url=self.url, timeout=30, trust_env=False)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self._http.close()

    def start(self) -> None:
        command = [sys.executable, "-m", "sandbox", "--home", str(self._home), "--port", str(self._port)]
        self._process = subprocess.Popen(command + self._options, cwd=REPOSITORY, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self._http.get("/healthz").raise_for_status()
            except httpx.TransportError as error:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError("the sandbox did not start") from error
                time.sleep(0.02)
            else:
                return

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=10)
            self._process = None

    def api(self, path: str, /, **body: Any) -> Json:
        """``POST /sandbox/api/<path>``; a refusal raises `httpx.HTTPStatusError` that quotes it."""
        return self._post(f"/sandbox/api/{path}", body)

    def post_message(self, channel: str, as_: str, text: str, **more: Any) -> str:
        """Write as a person and return the message's ts."""
        ts: str = self.api("post", **{"channel": channel, "as": as_, "text": text, **more})["ts"]
        return ts

    def web_api(self, method: str, /, **args: Any) -> Json:
        """Call a Web API method as the app's bot and return the answer, refused or not."""
        headers = {"Authorization": f"Bearer {self.token}"}
        answer: Json = self._http.post(f"/api/{method}", json=args, headers=headers).json()
        return answer

    def story(self, name: str, *, again: bool = False) -> Json:
        return self._post("/sandbox/story", {"name": name, "again": again})

    def reset(self) -> None:
        self._post("/sandbox/reset", {})

    def log(self) -> Json:
        """Every call of the app and every delivery to it, old to new."""
        return self._get("/sandbox/api/log", limit=100_000)

    def messages(self, channel: str, **query: str) -> list[Json]:
        """A channel's messages, or a thread's with ``thread_ts``; `channel` is an id."""
        found: list[Json] = self._get("/sandbox/api/messages", channel=channel, **query)["messages"]
        return found

    def state(self) -> Json:
        return self._get("/sandbox/api/state")

    def settle(self) -> Json:
        """Wait until no delivery is pending, and return the log."""
        deadline = time.monotonic() + SETTLE_SECONDS
        while pending := self._get("/sandbox/api/log", limit=1)["pending"]:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{pending} deliveries are still pending")
            time.sleep(0.05)
        return self.log()

    def _post(self, path: str, body: Json) -> Json:
        return _checked(self._http.post(path, json=body))

    def _get(self, path: str, **query: Any) -> Json:
        return _checked(self._http.get(path, params=query))


def _checked(response: httpx.Response) -> Json:
    if response.is_error:
        message = f"{response.request.url.path}: {response.status_code} {response.text}"
        raise httpx.HTTPStatusError(message, request=response.request, response=response)
    answer: Json = response.json()
    return answer
