from __future__ import annotations

from collections.abc import Iterator

import pytest

from accounts.models import Role, User, Workspace
from integrations.linear.tool import LINEAR
from integrations.models import Installation
from integrations.tools.connecting import connect_tool
from tests.integrations.linear.double import KEY, SECRET, Linear, serving


@pytest.fixture
def server() -> Iterator[Linear]:
    with serving() as running:
        yield running


@pytest.fixture
def linear(workspace: Workspace, dana: User, server: Linear) -> Installation:
    """Connected by dana, who is an admin."""
    dana.role = Role.ADMIN
    dana.save()
    entered = {"address": server.url, "api_key": KEY, "team": "sup", "signing_secret": SECRET}
    return connect_tool(LINEAR, LINEAR.connect(entered, workspace), by=dana)
