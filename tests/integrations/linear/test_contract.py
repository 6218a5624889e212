"""Linear keeps the contract of a support tool."""

from __future__ import annotations

import hashlib
import hmac
import json
import time

import pytest

from integrations.linear.adapter import LinearAdapter
from integrations.models import Installation
from tests.integrations.linear.double import AGENT, ME, ORGANISATION, SECRET, Linear, state
from tests.integrations.tools.contract import AdapterContract, Failure, Side


class LinearSide(Side):
    agent = str(AGENT["email"])

    def __init__(self, installation: Installation, server: Linear) -> None:
        self.adapter = LinearAdapter(installation)
        self._server = server

    def comment(self, ticket: str, text: str, *, is_public: bool = True) -> str:  # noqa: ARG002 - there is only one kind
        return self._server.say(ticket, text, AGENT)

    def set_status(self, ticket: str, status: str) -> None:
        self._server.change(ticket, state=state(status))

    def set_owner(self, ticket: str, email: str) -> None:
        self._server.change(ticket, assignee=next(one for one in (ME, AGENT) if one["email"] == email))

    def remove(self, ticket: str) -> None:
        self._server.change(ticket, trashed=True)

    def fails(self, how: Failure) -> None:
        self._server.failure = how

    def webhook(self, ticket: str) -> tuple[dict[str, str], bytes]:
        return signed(ticket, time.time())


class TestLinear(AdapterContract):
    @pytest.fixture
    def side(self, linear: Installation, server: Linear) -> LinearSide:
        return LinearSide(linear, server)


def signed(ticket: str, at: float) -> tuple[dict[str, str], bytes]:
    told = {
        "action": "create", "type": "Comment", "organizationId": ORGANISATION["id"], "webhookTimestamp": int(at * 1000),
        "data": {"id": "b8d2", "issueId": ticket, "body": "News"},
    }  # fmt: skip
    body = json.dumps(told).encode()
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    return {"linear-signature": signature, "linear-delivery": "234d1a4e", "content-type": "application/json"}, body
