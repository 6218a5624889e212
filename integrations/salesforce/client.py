"""Calls Salesforce’s REST API. Error codes: REST API Developer Guide, Status Codes and Error Responses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx

from integrations.salesforce.session import Session
from integrations.salesforce.soql import Value, bound
from integrations.tools.errors import Gone, ToolError, Unreachable
from integrations.tools.session import SessionClient

VERSION = "v62.0"
LIMIT_WAIT = 300.0
"""Seconds. Salesforce does not say when calls are allowed again: the limit is of the last 24 hours."""
AT_LIMIT = {"REQUEST_LIMIT_EXCEEDED", "SERVER_UNAVAILABLE", "TXN_SECURITY_METERING_ERROR"}
PASSING = {"UNABLE_TO_LOCK_ROW", "QUERY_TIMEOUT"}
GONE = {"ENTITY_IS_DELETED", "NOT_FOUND"}
NO_RIGHT = {"INSUFFICIENT_ACCESS", "INSUFFICIENT_ACCESS_OR_READONLY", "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"}


class NoRight(ToolError):  # noqa: N818 - it reads as what happened
    """Our user there may not do this."""

    def __init__(self, message: str) -> None:
        super().__init__(message, permanent=True)


class SalesforceClient(SessionClient):
    def __init__(self, session: Session) -> None:
        super().__init__("Salesforce", session)

    def call(self, method: str, path: str, **options: Any) -> Any:
        path = path if path.startswith("/services/") else f"/services/data/{VERSION}{path}"
        return super().call(method, path, **options)

    def query(self, query: str, **values: Value) -> list[dict[str, Any]]:
        """All records; each `:name` is bound to its value."""
        return list(self._pages("/query", bound(query, values)))

    def query_all(self, query: str, **values: Value) -> list[dict[str, Any]]:
        """With those in the recycle bin."""
        return list(self._pages("/queryAll", bound(query, values)))

    def make(self, kind: str, **fields: Any) -> str:
        """Answers the new record’s id."""
        return str(self.post(f"/sobjects/{kind}", fields)["id"])

    def change(self, kind: str, pk: str, **fields: Any) -> None:
        self.patch(f"/sobjects/{kind}/{quote(pk, safe='')}", fields)

    def describe(self, kind: str) -> dict[str, Any]:
        described = self.get(f"/sobjects/{kind}/describe")
        if not isinstance(described, dict):
            raise ToolError("Salesforce did not describe its cases: is the address right?", permanent=True)
        return described

    def error(self, response: httpx.Response, body: bytes) -> ToolError:
        codes, said = _codes(body), self._said(body)
        if codes & AT_LIMIT and response.status_code != 401:
            return Unreachable(
                "Salesforce has had all the calls it allows.", retry_after=self.wait(response, LIMIT_WAIT)
            )
        if codes & PASSING:
            return ToolError(f"Salesforce was busy with it{said}.", permanent=False)
        if codes & GONE:
            return Gone(f"Salesforce knows nothing of it any more{said}.")
        if codes & NO_RIGHT:
            return NoRight(f"Our user in Salesforce may not do this{said}: see its permission sets.")
        if "REQUIRED_FIELD_MISSING" in codes:
            return ToolError(
                f"Salesforce wants a field filled in that we don’t know{said}: give it a default there.", permanent=True
            )
        return super().error(response, body)

    def words(self, answer: Any) -> str:
        """Of the array in which errors come; the first tells most."""
        errors = [one for one in answer if isinstance(one, dict)] if isinstance(answer, list) else []
        if not errors:
            return super().words(answer)
        return "; ".join(f"{one.get('errorCode', '')}: {one.get('message', '')}" for one in errors[:3])

    def _pages(self, path: str, query: str) -> Iterator[dict[str, Any]]:
        answer = self.get(path, q=query)
        while isinstance(answer, dict):
            yield from answer.get("records") or []
            following = answer.get("nextRecordsUrl")
            answer = self.get(str(following)) if following else None


def _codes(body: bytes) -> set[str]:
    try:
        answer = json.loads(body)
    except ValueError:
        return set()
    errors = answer if isinstance(answer, list) else []
    return {str(one.get("errorCode")) for one in errors if isinstance(one, dict)}
