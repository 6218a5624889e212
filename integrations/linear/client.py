"""Calls Linear’s GraphQL API. Values go as variables, never into a query.

An error has `extensions.code`, and `userPresentableMessage` where it is meant for people; it comes with HTTP 200 or 400
(linear.app/developers/graphql, /rate-limiting). An API key stands bare in Authorization.
"""

from __future__ import annotations

import json
import re
import time
from typing import Any

import httpx

from integrations.linear.forms import ADDRESS
from integrations.linear.oauth import LINEAR_OAUTH
from integrations.models import Installation
from integrations.tools.errors import Gone, ToolError, Unauthorised, Unreachable
from integrations.tools.http import LONGEST_WAIT
from integrations.tools.session import Session, SessionClient

LIMITS = ("requests", "complexity", "endpoint-requests")
"""Each is told by `X-RateLimit-<limit>-Remaining` and `-Reset`, in milliseconds since 1970."""
GONE = re.compile(r"Entity not found: (Issue|Comment)\b")


class LinearSession(Session):
    """Of an API key, which never ends, or of a token got by OAuth."""

    def __init__(self, installation: Installation) -> None:
        super().__init__(installation, LINEAR_OAUTH.refresh)

    @property
    def api_key(self) -> str:
        return str(self._installation.credentials.get("api_key") or "")

    @property
    def token(self) -> str:
        return self.api_key or super().token


class LinearClient(SessionClient):
    def __init__(self, session: LinearSession) -> None:
        super().__init__("Linear", session, session.address or ADDRESS)
        self._is_by_key = bool(session.api_key)

    def authorization(self, token: str) -> str:
        return token if self._is_by_key else super().authorization(token)

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """What stands under `data`."""
        answer = self.post("/graphql", {"query": query, "variables": variables})
        if not isinstance(answer, dict):
            raise ToolError("Linear did not answer as it does: is the address right?", permanent=True)
        if answer.get("errors"):
            raise self._refusal(answer, self._said(json.dumps(answer).encode()), None)
        return dict(answer.get("data") or {})

    def error(self, response: httpx.Response, body: bytes) -> ToolError:
        try:
            answer = json.loads(body)
        except ValueError:
            answer = None
        if response.status_code < 500 and _first(answer):
            return self._refusal(answer, self._said(body), self.wait(response))
        return super().error(response, body)

    def wait(self, response: httpx.Response, otherwise: float | None = 30) -> float | None:
        """Until the limit that is used up is filled again."""
        ends = []
        for limit in LIMITS:
            left = response.headers.get(f"x-ratelimit-{limit}-remaining", "0")
            reset = response.headers.get(f"x-ratelimit-{limit}-reset", "")
            if left == "0" and reset.isascii() and reset.isdigit():
                ends.append(int(reset) / 1000 - time.time())
        return min(max(*ends, 0.0), LONGEST_WAIT) if ends else super().wait(response, otherwise)

    def words(self, answer: Any) -> str:
        first = _first(answer)
        said = _extensions(first).get("userPresentableMessage") or first.get("message")
        return str(said) if said else super().words(answer)

    def _refusal(self, answer: Any, said: str, wait: float | None) -> ToolError:
        first = _first(answer)
        code = str(_extensions(first).get("code", ""))
        if code == "RATELIMITED":
            return Unreachable(
                "Linear has had all the calls it allows for now.", retry_after=30.0 if wait is None else wait
            )
        if code == "AUTHENTICATION_ERROR":
            return Unauthorised(f"Linear does not take our credentials{said}: connect it again.")
        if code == "INTERNAL_SERVER_ERROR":
            return Unreachable(f"Linear is out of order{said}.")
        if code == "FORBIDDEN":
            return ToolError(f"The API key may not do this in Linear{said}: see whom it is of.", permanent=True)
        if GONE.match(str(first.get("message", ""))):
            return Gone(f"Linear knows nothing of it any more{said}.")
        return ToolError(f"Linear refused it{said}.", permanent=True)


def _first(answer: Any) -> dict[str, Any]:
    errors = answer.get("errors") if isinstance(answer, dict) else None
    return errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}


def _extensions(error: dict[str, Any]) -> dict[str, Any]:
    found = error.get("extensions")
    return found if isinstance(found, dict) else {}
