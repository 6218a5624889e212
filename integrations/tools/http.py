"""The one way in which adapters call their tools: with a time limit, a size limit, and errors in words."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import structlog

from integrations.network import is_direct
from integrations.tools.errors import Gone, ToolError, Unauthorised, Unreachable

log = structlog.get_logger(__name__)

TIMEOUT = httpx.Timeout(15, connect=5)
LARGEST_ANSWER = 10 * 1024 * 1024
"""Bytes. A tool that answers more than that is not read further."""
LONGEST_WAIT = 3600.0
"""Seconds, at most, that we wait because a tool says so."""
SHOWN = 200
"""Characters of a tool's own words that are shown to people."""


class ToolClient:
    """Calls one tool. Subclasses say how it signs in, and how it words its errors (`words`) and waits (`wait`).

    No redirect is followed: the credentials go to the address that somebody entered, and nowhere else.
    """

    def __init__(
        self,
        name: str,
        address: str,
        *,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: httpx.Timeout = TIMEOUT,
    ) -> None:
        self.name = name
        self.address = address.rstrip("/")
        self._options: dict[str, Any] = {
            "headers": dict(headers or {}), "auth": auth, "timeout": timeout, "trust_env": not is_direct(address),
            "follow_redirects": False,
        }  # fmt: skip

    def get(self, path: str, **params: Any) -> Any:
        return self.call("GET", path, params={name: value for name, value in params.items() if value is not None})

    def post(self, path: str, body: Any = None, **options: Any) -> Any:
        return self.call("POST", path, json=body, **options)

    def put(self, path: str, body: Any = None, **options: Any) -> Any:
        return self.call("PUT", path, json=body, **options)

    def patch(self, path: str, body: Any = None, **options: Any) -> Any:
        return self.call("PATCH", path, json=body, **options)

    def delete(self, path: str, **options: Any) -> Any:
        return self.call("DELETE", path, **options)

    def call(self, method: str, path: str, **options: Any) -> Any:
        """The answer's JSON, None where it has no body. `path` begins with a slash, or is an address of the tool's own
        (a next page). Takes httpx's `params`, `json`, `content`, `files`, `data`, `headers`. Raises ToolError."""
        url = path if path.startswith(f"{self.address}/") else f"{self.address}{path}"
        try:
            with httpx.Client(**self._options) as client, client.stream(method, url, **options) as response:
                body = self._read(response)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            log.warning("a tool did not answer", tool=self.name, method=method, error=type(error).__name__)
            raise Unreachable(f"{self.name} did not answer ({type(error).__name__}).") from error
        if response.is_success:
            return self._json(body)
        log.warning(
            "a tool refused a call", tool=self.name, method=method, path=path[:200], status=response.status_code
        )
        raise self.error(response, body)

    def error(self, response: httpx.Response, body: bytes) -> ToolError:
        """What an answer that is no success means."""
        status, said = response.status_code, self._said(body)
        if status == 401:
            return Unauthorised(f"{self.name} does not take our credentials{said}: connect it again.")
        if status == 429:
            return Unreachable(f"{self.name} asks us to wait.", retry_after=self.wait(response))
        if status in {404, 410}:
            return Gone(f"{self.name} knows nothing of it any more{said}.")
        if status >= 500 or status in {408, 425}:
            return Unreachable(f"{self.name} is out of order (HTTP {status}).", retry_after=self.wait(response, None))
        return ToolError(f"{self.name} refused it (HTTP {status}{said}).", permanent=True)

    def wait(self, response: httpx.Response, otherwise: float | None = 30) -> float | None:
        """Seconds."""
        return retry_after(response.headers.get("retry-after", ""), otherwise)

    def words(self, answer: Any) -> str:
        """What the tool says went wrong, of an answer's JSON."""
        if isinstance(answer, dict):
            for name in ("message", "description", "error_description", "error", "detail"):
                if isinstance(answer.get(name), str):
                    return str(answer[name])
        return ""

    def _said(self, body: bytes) -> str:
        try:
            said = self.words(json.loads(body))
        except ValueError:
            return ""
        said = re.sub(r"\s+", " ", said).strip().rstrip(".")
        return f": “{said[:SHOWN]}”" if said else ""

    def _read(self, response: httpx.Response) -> bytes:
        body = b""
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > LARGEST_ANSWER:
                raise ToolError(f"{self.name} answered more than {LARGEST_ANSWER // 2**20} MB.", permanent=True)
        return body

    def _json(self, body: bytes) -> Any:
        if not body.strip():
            return None
        try:
            return json.loads(body)
        except ValueError:
            raise ToolError(f"{self.name} did not answer in JSON: is the address right?", permanent=True) from None


def retry_after(header: str, otherwise: float | None = 30) -> float | None:
    """Seconds to wait, of a Retry-After header in either form."""
    header = header.strip()
    if not header:
        return otherwise
    try:
        seconds = float(header)
    except ValueError:
        try:
            at = parsedate_to_datetime(header)
        except ValueError:
            return otherwise
        seconds = (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    return min(max(seconds, 0.0), LONGEST_WAIT) if math.isfinite(seconds) else otherwise
