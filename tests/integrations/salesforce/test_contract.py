"""Salesforce keeps the contract of a support tool."""

from __future__ import annotations

import base64

import pytest

from integrations.models import Installation
from integrations.salesforce.adapter import SalesforceAdapter
from tests.integrations.salesforce.double import AGENT, outbound
from tests.integrations.salesforce.server import Server
from tests.integrations.tools.contract import AdapterContract, Failure, Side


class SalesforceSide(Side):
    agent = "dana@acme.example"

    def __init__(self, installation: Installation, server: Server) -> None:
        self.adapter = SalesforceAdapter(installation)
        self._server, self._org = server, server.org

    def comment(self, ticket: str, text: str, *, is_public: bool = True) -> str:
        told = {"ParentId": ticket, "CommentBody": text, "IsPublished": is_public}
        return self._org.create("CaseComment", told, by=AGENT)

    def set_status(self, ticket: str, status: str) -> None:
        self._org.update("Case", ticket, {"Status": status})

    def set_owner(self, ticket: str, email: str) -> None:
        owner = next(one["Id"] for one in self._org.records["User"] if one["Email"] == email)
        self._org.update("Case", ticket, {"OwnerId": owner})

    def remove(self, ticket: str) -> None:
        self._org.delete("Case", ticket)

    def fails(self, how: Failure) -> None:
        self._server.failure = how

    def webhook(self, ticket: str) -> tuple[dict[str, str], bytes]:
        return {"content-type": "text/xml"}, outbound(ticket).encode()

    def files(self, ticket: str, comment: str) -> list[tuple[str, bytes]]:  # noqa: ARG002 - they lie on the case
        links = [one for one in self._org.records["ContentDocumentLink"] if one["LinkedEntityId"] == ticket]
        documents = {one["ContentDocumentId"] for one in links}
        versions = [one for one in self._org.records["ContentVersion"] if one["ContentDocumentId"] in documents]
        return [(one["Title"], base64.b64decode(one["VersionData"])) for one in versions]


class TestSalesforce(AdapterContract):
    @pytest.fixture
    def side(self, salesforce: Installation, server: Server) -> SalesforceSide:
        return SalesforceSide(salesforce, server)
