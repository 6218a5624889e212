"""Zendesk's adapter keeps the contract of a support tool."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.models import Installation, Provider
from integrations.zendesk.adapter import ZendeskAdapter
from integrations.zendesk.tool import connect
from tests.integrations.tools.contract import AdapterContract, Failure, Side
from tests.integrations.zendesk.double import EMAIL, SECRET, TOKEN, Server


class ZendeskSide(Side):
    agent = "dana@acme.example"

    def __init__(self, server: Server) -> None:
        self._server, self._zendesk = server, server.zendesk
        self.adapter = ZendeskAdapter(installed(server))

    def comment(self, ticket: str, text: str, *, is_public: bool = True) -> str:
        self._zendesk.update(int(ticket), {"comment": {"body": text, "public": is_public}}, by=self._zendesk.dana)
        return str(self._zendesk.comments[int(ticket)][-1]["id"])

    def set_status(self, ticket: str, status: str) -> None:
        self._zendesk.update(int(ticket), {"status": status})

    def set_owner(self, ticket: str, email: str) -> None:
        found = [one["id"] for one in self._zendesk.users.values() if one["email"] == email]
        self._zendesk.update(int(ticket), {"assignee_id": found[0]})

    def remove(self, ticket: str) -> None:
        self._zendesk.remove(int(ticket))

    def fails(self, how: Failure) -> None:
        self._server.failure = how

    def webhook(self, ticket: str) -> tuple[dict[str, str], bytes]:
        return self._zendesk.webhook(int(ticket))

    def files(self, ticket: str, comment: str) -> list[tuple[str, bytes]] | None:
        found = next(one for one in self._zendesk.comments[int(ticket)] if str(one["id"]) == comment)
        return [(file["file_name"], self._zendesk.kept[file["id"]]) for file in found["attachments"]]


def installed(server: Server, **entered: Any) -> Installation:
    """Connected, and not stored: the adapter needs no row."""
    given = {"address": server.url, "email": EMAIL, "token": TOKEN, "webhook_secret": SECRET, **entered}
    connected = connect(given, None)  # type: ignore[arg-type]  # it asks Zendesk alone
    return Installation(
        provider=Provider.ZENDESK, external_id=connected.external_id, name=connected.name, url=connected.url,
        credentials=dict(connected.credentials), webhook_key="key",
    )  # fmt: skip


class TestZendesk(AdapterContract):
    @pytest.fixture
    def side(self, server: Server) -> ZendeskSide:
        return ZendeskSide(server)
