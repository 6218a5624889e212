"""Calls Zendesk.

Facts: developer.zendesk.com/api-reference/introduction/: security-and-auth, rate-limits, pagination.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import httpx

from integrations.tools.errors import ToolError, Unreachable
from integrations.tools.session import Session, SessionClient

PAGE = 100
"""The most that a page holds."""
MOST_PAGES = 60
"""5000 comments are the most that a ticket takes (ticketing/tickets/ticket_comments)."""


class Closed(ToolError):  # noqa: N818 - it reads as what happened
    """The ticket is closed: Zendesk changes it never again."""

    def __init__(self, number: str) -> None:
        super().__init__(
            f"Zendesk ticket #{number} is closed and can’t be changed any more. Connect the conversation with a new "
            "ticket, or let Pylon make follow-up tickets in the settings of Zendesk.",
            permanent=True,
        )


class Forbidden(ToolError):  # noqa: N818 - it reads as what happened
    """Whoever the token is of may not do this."""


class ZendeskClient(SessionClient):
    """Signed in by the API token of an agent (basic, `address/token`), or by an OAuth token (bearer)."""

    def __init__(self, session: Session, email: str = "") -> None:
        """`email`: of the agent whose API token it is."""
        super().__init__("Zendesk", session)
        self._email = email

    def authorization(self, token: str) -> str:
        if not self._email:
            return super().authorization(token)
        return f"Basic {base64.b64encode(f'{self._email}/token:{token}'.encode()).decode()}"

    def error(self, response: httpx.Response, body: bytes) -> ToolError:
        said = self._said(body)
        if response.status_code == 403:
            return Forbidden(
                f"Zendesk does not let the user of our token do this{said}: see their role there.", permanent=True
            )
        if response.status_code == 409:
            # Two changes at once, or a lock on the ticket: the same call does later.
            return Unreachable(f"Zendesk was busy with the same ticket{said}.", retry_after=self.wait(response, 5))
        if response.status_code == 400 and b"IdempotencyRequestError" in body:
            # The first try was taken after all: the ticket is found by its key next time.
            return Unreachable("Zendesk has taken an earlier try of this already.", retry_after=5)
        return super().error(response, body)

    def words(self, answer: Any) -> str:
        """`description` and the `details` of each field (api-reference/introduction/requests)."""
        if not isinstance(answer, dict):
            return ""
        found = []
        details = answer.get("details")
        for entries in details.values() if isinstance(details, dict) else []:
            for entry in entries if isinstance(entries, list) else [entries]:
                found.append(str(entry.get("description") or "") if isinstance(entry, dict) else str(entry))
        error = answer.get("error")
        if isinstance(error, dict):
            return str(error.get("message") or error.get("title") or "")
        return "; ".join(one for one in found if one) or super().words(answer)

    def one(self, name: str, path: str, **params: Any) -> dict[str, Any]:
        return self.part(self.get(path, **params), name)

    def many(self, name: str, path: str, **params: Any) -> list[dict[str, Any]]:
        """All pages, by cursor."""
        return [one for page in self.pages(path, **params) for one in listed(page.get(name))]

    def pages(self, path: str, **params: Any) -> Iterator[dict[str, Any]]:
        after: str | None = None
        for _ in range(MOST_PAGES):
            page = self.shown(self.get(path, **params, **{"page[size]": PAGE, "page[after]": after}))
            yield page
            meta = page.get("meta")
            if not isinstance(meta, dict) or not meta.get("has_more") or not meta.get("after_cursor"):
                return
            after = str(meta["after_cursor"])

    def part(self, answer: Any, name: str) -> dict[str, Any]:
        return self.shown(self.shown(answer).get(name))

    def shown(self, answer: Any) -> dict[str, Any]:
        if not isinstance(answer, dict):
            raise ToolError("Zendesk did not answer as Zendesk does: is the address right?", permanent=True)
        return answer


def listed(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
