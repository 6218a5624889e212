"""Which support tools there are. One line adds another."""

from __future__ import annotations

from collections.abc import Mapping

from integrations.console.tool import CONSOLE
from integrations.intercom.tool import INTERCOM
from integrations.models import Installation, Provider
from integrations.tools.protocol import Adapter
from integrations.tools.tool import Tool

TOOLS: Mapping[str, Tool] = {tool.provider: tool for tool in (CONSOLE, INTERCOM)}


def tool_of(installation: Installation) -> Tool:
    return TOOLS[Provider(installation.provider)]


def adapter_of(installation: Installation) -> Adapter:
    return tool_of(installation).make(installation)
