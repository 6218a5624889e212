from __future__ import annotations

from collections.abc import Iterator

import pytest

from accounts.models import Role, User, Workspace
from integrations.models import Installation
from integrations.salesforce.tool import SALESFORCE
from integrations.tools.connecting import connect_tool
from tests.integrations.salesforce.double import Org
from tests.integrations.salesforce.server import Server, serving


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(Org()) as running:
        yield running


@pytest.fixture
def salesforce(workspace: Workspace, dana: User, server: Server) -> Installation:
    """Connected by dana, who is an admin."""
    dana.role = Role.ADMIN
    dana.save()
    entered = {"address": server.url, "client_id": "3MVG9", "client_secret": "s3cret", "refresh_token": ""}
    return connect_tool(SALESFORCE, SALESFORCE.connect(entered, workspace), by=dana)
