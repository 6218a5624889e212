"""Calls Intercom. Facts: Intercom’s OpenAPI description, version 2.15; rest-api/errors on developers.intercom.com."""

from __future__ import annotations

import json
import math
import re
import time
from typing import Any

import httpx

from integrations.tools.errors import ToolError
from integrations.tools.http import LONGEST_WAIT
from integrations.tools.session import Session, SessionClient

VERSION = "2.15"
MATCHING = re.compile(r"\bid=(\w+)")


class AlreadyThere(ToolError):  # noqa: N818 - it reads as what happened
    """There is such a contact already: `pk`. An archived one can't be used before it is taken out again."""

    def __init__(self, message: str, *, pk: str, is_archived: bool) -> None:
        super().__init__(message, permanent=True)
        self.pk = pk
        self.is_archived = is_archived


class IntercomClient(SessionClient):
    """Its address: api.intercom.io, or that of the region the workspace is in. Its tokens do not end."""

    def __init__(self, session: Session) -> None:
        super().__init__("Intercom", session, headers={"Intercom-Version": VERSION})

    def error(self, response: httpx.Response, body: bytes) -> ToolError:
        if response.status_code == 403:
            said = self._said(body)
            return ToolError(f"Intercom does not let our app do this{said}: see its permissions.", permanent=True)
        if response.status_code == 409 and (found := MATCHING.search(message := self._said(body))):
            # The id of the contact is told in words alone: “A contact matching those details already exists with id=…”
            return AlreadyThere(
                f"Intercom refused it{message}.", pk=found[1], is_archived="archived" in message.lower()
            )
        return super().error(response, body)

    def wait(self, response: httpx.Response, otherwise: float | None = 30) -> float | None:
        """Intercom tells the time at which it takes calls again, in seconds since 1970."""
        try:
            at = float(response.headers.get("x-ratelimit-reset", ""))
        except ValueError:
            return super().wait(response, otherwise)
        return min(max(at - time.time(), 0.0), LONGEST_WAIT) if math.isfinite(at) else otherwise

    def words(self, answer: Any) -> str:
        """Of an `error.list`. The request’s id is what Intercom’s support asks for."""
        if not isinstance(answer, dict) or not isinstance(answer.get("errors"), list):
            return super().words(answer)
        errors = [one for one in answer["errors"] if isinstance(one, dict)]
        said = "; ".join(str(one.get("message") or one.get("code") or "") for one in errors)
        request = answer.get("request_id")
        return f"{said[:140]} (request {request})" if request else said


def shown(answer: Any) -> dict[str, Any]:
    """An object of Intercom’s; ToolError for anything else, so that nobody has to look twice."""
    if not isinstance(answer, dict):
        raise ToolError(f"Intercom answered with {json.dumps(answer)[:40]}: is the address right?", permanent=True)
    return answer
