"""Connecting a support tool, and letting it go."""

from __future__ import annotations

import secrets

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User, Workspace
from accounts.roles import require_admin
from integrations.models import Consent, Installation, Link, LinkKind, ToolApp
from integrations.tools.config import Config
from integrations.tools.registry import TOOLS
from integrations.tools.tool import Connected, Tool


def tools_of(workspace: Workspace) -> list[Installation]:
    """Connected, or to be connected again; the oldest first."""
    found = Installation.objects.filter(workspace=workspace, provider__in=TOOLS, removed_at=None)
    return list(found.order_by("created_at"))


def connect_tool(tool: Tool, connected: Connected, *, by: User) -> Installation:
    """Keep what a tool has accepted. Connected again, it goes on as it was set up, with what had to wait meanwhile.

    ValidationError where another workspace has connected the same account there. Calls the tool for its choices;
    raises ToolError.
    """
    require_admin(by)
    known = Installation.objects.filter(provider=tool.provider, external_id=connected.external_id).first()
    if known and known.workspace_id != by.workspace_id:
        raise ValidationError(_("Another workspace is connected with this account already."))
    installation = known or Installation(
        workspace_id=by.workspace_id, provider=tool.provider, external_id=connected.external_id,
        webhook_key=secrets.token_urlsafe(24), installed_by=by,
    )  # fmt: skip
    installation.name, installation.url = connected.name[:120], connected.url
    # What only we have made up, such as a webhook's secret, outlives the token.
    installation.credentials = {**installation.credentials, **connected.credentials}
    if not installation.config:
        installation.config = Config.default(tool.make(installation).choices()).stored()
    return revive(installation)


def revive(installation: Installation) -> Installation:
    """Go on with what waited."""
    with transaction.atomic():
        installation.revoked_at = installation.removed_at = installation.paused_until = None
        installation.revoked_because = installation.paused_because = ""
        installation.poll_at = timezone.now()
        installation.save()
        waiting = Link.objects.filter(installation=installation, kind=LinkKind.TICKET, ended_at=None)
        waiting.update(due_at=timezone.now(), heard_at=timezone.now())
    return installation


def disconnect_tool(installation: Installation, *, by: User) -> None:
    """Forget the credentials. Both sides keep what they have; connected again, its links go on."""
    require_admin(by)
    if installation.workspace_id != by.workspace_id:
        raise ValidationError(_("This tool is of another workspace."))
    installation.credentials, installation.removed_at = {}, timezone.now()
    installation.save(update_fields=["credentials", "removed_at"])
    for kept in (ToolApp, Consent):
        kept.objects.filter(workspace_id=by.workspace_id, provider=installation.provider).delete()


def configure(installation: Installation, config: Config, *, by: User) -> None:
    """Keep what was chosen for a tool."""
    require_admin(by)
    installation.config = config.stored()
    installation.save(update_fields=["config"])


def stop_tool(installation: Installation, because: str) -> None:
    """The tool does not take the credentials any more: everything waits until it is connected again."""
    working = Installation.objects.filter(pk=installation.pk, revoked_at=None)
    working.update(revoked_at=timezone.now(), revoked_because=because[:200])
