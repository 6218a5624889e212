from __future__ import annotations

import pytest

from accounts.models import User, Workspace
from integrations.models import Installation, Provider
from integrations.tools.connecting import connect_tool
from integrations.tools.registry import TOOLS


@pytest.fixture
def console(workspace: Workspace, dana: User) -> Installation:
    """The console, connected."""
    tool = TOOLS[Provider.CONSOLE]
    return connect_tool(tool, tool.connect({}, workspace), by=dana)
