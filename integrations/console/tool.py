"""What the settings pages know of the console."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace
from integrations.console.adapter import ConsoleAdapter
from integrations.console.forms import ConsoleForm
from integrations.models import Provider
from integrations.tools.tool import Connected, Tool


def connect(_entered: Mapping[str, Any], workspace: Workspace) -> Connected:
    return Connected(f"workspace {workspace.pk}", "Console", "")


CONSOLE = Tool(
    provider=Provider.CONSOLE,
    make=ConsoleAdapter,
    form=ConsoleForm,
    connect=connect,
    about=_("A small support tool that is part of Pylon: for trying out what connecting one does. It needs no keys."),
)
