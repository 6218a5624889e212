"""Each tool connected with a workspace, over a stand-in that keeps state: what is the same for all is tried on all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from accounts.models import User
from integrations.intercom.tool import INTERCOM
from integrations.linear.tool import LINEAR
from integrations.models import Installation
from integrations.salesforce.tool import SALESFORCE
from integrations.tools.config import Config
from integrations.tools.connecting import configure, connect_tool
from integrations.tools.tool import Tool
from integrations.zendesk.tool import ZENDESK
from tests.integrations.intercom import double as intercom
from tests.integrations.intercom.server import serving as intercom_serving
from tests.integrations.intercom.test_contract import IntercomSide
from tests.integrations.linear import double as linear
from tests.integrations.linear.test_contract import LinearSide
from tests.integrations.salesforce.double import ORGANISATION, Org
from tests.integrations.salesforce.server import serving as salesforce_serving
from tests.integrations.salesforce.test_contract import SalesforceSide
from tests.integrations.tools.contract import Side
from tests.integrations.zendesk import double as zendesk
from tests.integrations.zendesk.test_contract import ZendeskSide

Sent = tuple[dict[str, str], bytes]
Act = Callable[[], object]


@dataclass(frozen=True)
class Connection:
    """`merge` one ticket into another there. `unmap`: what a new ticket needs is removed there; answers how it is put
    back. `named`: what our sentence must name then."""

    tool: Tool
    entered: dict[str, Any]
    installation: Installation
    side: Side
    server: Any
    merge: Callable[[str, str], object]
    unmap: Callable[[], Act]
    named: str

    def connect_again(self, *, by: User) -> None:
        connect_tool(self.tool, self.tool.connect(self.entered, self.installation.workspace), by=by)

    def forged(self, ticket: str) -> Sent:
        """A webhook that somebody else has made."""
        headers, body = self.side.webhook(ticket)
        if self.tool is SALESFORCE:
            return headers, body.replace(ORGANISATION.encode(), b"00D000000000099EAA")
        return {name: value if name.startswith("content-") else f"{value}x" for name, value in headers.items()}, body


@contextmanager
def zendesk_connected(by: User) -> Iterator[Connection]:
    with zendesk.serving(zendesk.Zendesk()) as server:
        entered = {
            "address": server.url, "email": zendesk.EMAIL, "token": zendesk.TOKEN, "webhook_secret": zendesk.SECRET,
        }  # fmt: skip
        installation = _connected(ZENDESK, entered, by, {"field 43": "exports"})

        def unmap() -> Act:
            fields = server.zendesk.fields
            removed = fields.pop()
            return lambda: fields.append(removed)

        yield Connection(
            ZENDESK, entered, installation, ZendeskSide(server), server,
            lambda gone, kept: server.zendesk.merge(int(gone), int(kept)), unmap, "Custom field 43",
        )  # fmt: skip


@contextmanager
def intercom_connected(by: User) -> Iterator[Connection]:
    with intercom_serving(intercom.Intercom()) as server:
        entered = {"address": server.url, "token": intercom.TOKEN, "kind": "ticket", "client_secret": intercom.SECRET}
        installation = _connected(INTERCOM, entered, by, {"ticket_type": "7"})

        def unmap() -> Act:
            server.intercom.types[1]["archived"] = True
            return lambda: server.intercom.types[1].update(archived=False)

        yield Connection(
            INTERCOM, entered, installation, IntercomSide(server, "ticket"), server,
            lambda gone, kept: server.intercom.merge("ticket", gone, kept), unmap, "Ticket type",
        )  # fmt: skip


@contextmanager
def salesforce_connected(by: User) -> Iterator[Connection]:
    with salesforce_serving(Org()) as server:
        entered = {"address": server.url, "client_id": "3MVG9", "client_secret": "s3cret", "refresh_token": ""}
        installation = _connected(SALESFORCE, entered, by, {"Origin": "Web"})

        def unmap() -> Act:
            server.org.fields.remove("Origin")
            return lambda: server.org.fields.add("Origin")

        side = SalesforceSide(installation, server)
        yield Connection(SALESFORCE, entered, installation, side, server, server.org.merge, unmap, "Origin")


@contextmanager
def linear_connected(by: User) -> Iterator[Connection]:
    with linear.serving() as server:
        entered = {"address": server.url, "api_key": linear.KEY, "team": "sup", "signing_secret": linear.SECRET}
        installation = _connected(LINEAR, entered, by, {})

        def merge(gone: str, kept: str) -> None:
            relation = {"type": "duplicate", "relatedIssue": {"id": kept}}
            server.change(gone, relations={"nodes": [relation]}, state=linear.STATES[-1])

        def unmap() -> Act:
            """Of new issues Linear is told a status that its team has no more."""
            config = Config.read(installation.config)
            configure(installation, replace(config, status_out=dict.fromkeys(config.status_out, "gone")), by=by)
            return lambda: configure(installation, config, by=by)

        side = LinearSide(installation, server)
        yield Connection(LINEAR, entered, installation, side, server, merge, unmap, "WorkflowState")


CONNECTED = {
    "zendesk": zendesk_connected,
    "intercom": intercom_connected,
    "salesforce": salesforce_connected,
    "linear": linear_connected,
}


def _connected(tool: Tool, entered: dict[str, Any], by: User, fields: dict[str, str]) -> Installation:
    installation = connect_tool(tool, tool.connect(entered, by.workspace), by=by)
    configure(installation, replace(Config.read(installation.config), fields=fields), by=by)
    return installation
