"""Both ways of using Intercom keep the contract of a support tool."""

from __future__ import annotations

import pytest

from integrations.intercom.tool import connect, make
from integrations.models import Installation, Provider
from tests.integrations.intercom.double import SECRET, TOKEN, paragraphs
from tests.integrations.intercom.server import Server
from tests.integrations.tools.contract import HANK, AdapterContract, Failure, Side

AGENT = "dana@acme.example"


class IntercomSide(Side):
    agent = AGENT

    def __init__(self, server: Server, kind: str) -> None:
        self._server, self._intercom, self._kind = server, server.intercom, kind
        self._intercom.create_contact({"role": "user", "external_id": HANK.key, "email": HANK.email, "name": HANK.name})
        self.adapter = make(installed(server, kind))

    def comment(self, ticket: str, text: str, *, is_public: bool = True) -> str:
        kind = "comment" if is_public else "note"
        return str(self._intercom.add_part(self._kind, ticket, kind, self._intercom.admins[1], paragraphs(text))["id"])

    def set_status(self, ticket: str, status: str) -> None:
        if self._kind == "ticket":
            self._intercom.update_ticket(ticket, {"ticket_state_id": status})
        else:
            self._intercom.items["conversation"][ticket]["state"] = status

    def set_owner(self, ticket: str, email: str) -> None:
        found = [admin["id"] for admin in self._intercom.admins if admin["email"] == email]
        self._intercom.items[self._kind][ticket]["admin_assignee_id"] = found[0]

    def remove(self, ticket: str) -> None:
        del self._intercom.items[self._kind][ticket]

    def fails(self, how: Failure) -> None:
        self._server.failure = how

    def webhook(self, ticket: str) -> tuple[dict[str, str], bytes]:
        return self._intercom.notification(self._kind, ticket)

    def files(self, ticket: str, comment: str) -> list[tuple[str, bytes]] | None:  # noqa: ARG002 - parts have ids of their own
        return self._intercom.files[comment] if self._kind == "conversation" else None


def installed(server: Server, kind: str) -> Installation:
    """Connected, and not stored: no adapter touches the database."""
    entered = {"address": server.url, "token": TOKEN, "kind": kind, "client_secret": SECRET}
    connected = connect(entered, None)  # type: ignore[arg-type]  # it asks Intercom alone
    return Installation(
        provider=Provider.INTERCOM, external_id=connected.external_id, name=connected.name, url=connected.url,
        credentials=dict(connected.credentials),
    )  # fmt: skip


class TestTickets(AdapterContract):
    @pytest.fixture
    def side(self, server: Server) -> IntercomSide:
        return IntercomSide(server, "ticket")


class TestConversations(AdapterContract):
    @pytest.fixture
    def side(self, server: Server) -> IntercomSide:
        return IntercomSide(server, "conversation")
