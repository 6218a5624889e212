from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest

from accounts.models import Role, User, Workspace
from integrations.console.tool import CONSOLE
from integrations.models import Installation, Provider
from integrations.tools.connecting import connect_tool
from integrations.tools.registry import TOOLS
from integrations.tools.tool import Tool
from tests.integrations.tools.faulty import Line


@pytest.fixture
def console(workspace: Workspace, dana: User) -> Installation:
    """The console, connected by dana, who is an admin."""
    dana.role = Role.ADMIN
    dana.save()
    tool = TOOLS[Provider.CONSOLE]
    return connect_tool(tool, tool.connect({}, workspace), by=dana)


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Line:
    """The console is reached through it."""
    found = Line()
    monkeypatch.setitem(cast("dict[str, Tool]", TOOLS), Provider.CONSOLE, replace(CONSOLE, make=found.adapter))
    return found
