"""Which support tools there are. One line adds another."""

from __future__ import annotations

from collections.abc import Mapping

from integrations.console.tool import CONSOLE
from integrations.intercom.tool import INTERCOM
from integrations.linear.tool import LINEAR
from integrations.models import Installation, Provider
from integrations.salesforce.tool import SALESFORCE
from integrations.tools.protocol import Adapter
from integrations.tools.tool import Tool
from integrations.zendesk.tool import ZENDESK

TOOLS: Mapping[str, Tool] = {tool.provider: tool for tool in (CONSOLE, INTERCOM, ZENDESK, SALESFORCE, LINEAR)}


def tool_of(installation: Installation) -> Tool:
    return TOOLS[Provider(installation.provider)]


def adapter_of(installation: Installation) -> Adapter:
    return tool_of(installation).make(installation)
