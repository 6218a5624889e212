"""Through a tool's consent page and back: how a tool is connected without anybody copying a token."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User, Workspace
from accounts.roles import require_admin
from integrations.models import Consent, Installation, ToolApp
from integrations.tools.connecting import connect_tool
from integrations.tools.errors import ToolError
from integrations.tools.oauth import OAuth
from integrations.tools.tool import Tool
from integrations.trouble import TROUBLE

LIFETIME = timedelta(minutes=10)
KEPT = timedelta(days=1)
"""How long a used or expired state can still be told from one that never was."""


class NoConsent(Exception):  # noqa: N818 - it reads as what happened
    """The text says why, to the person who tried. Nothing was connected."""


def redirect_uri(tool: Tool) -> str:
    """Where the consent page leads back to; the app in the tool must know it."""
    return f"{settings.BASE_URL}{reverse('tool-consented', args=[tool.provider])}"


def app_of(workspace: Workspace, tool: Tool) -> dict[str, Any]:
    """What was entered of the workspace's app; empty: nothing yet."""
    found = ToolApp.objects.filter(workspace=workspace, provider=tool.provider).first()
    return found.entered if found else {}


def keep_app(tool: Tool, entered: Mapping[str, Any], *, by: User) -> None:
    require_admin(by)
    ToolApp.objects.update_or_create(
        workspace=by.workspace, provider=tool.provider, defaults={"entered": dict(entered)}
    )


def begin(tool: Tool, *, user: User, session: str) -> str:
    """The consent page's address. It leads this browser session of this person back once, for ten minutes."""
    require_admin(user)
    oauth, app = _oauth(tool), app_of(user.workspace, tool)
    if not app:
        raise NoConsent(_("First enter the client id and secret of your app."))
    now = timezone.now()
    Consent.objects.filter(expires_at__lt=now - KEPT).delete()
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
    Consent.objects.create(
        digest=_digest(state), session=_digest(session), workspace=user.workspace, user=user, provider=tool.provider,
        carried={"app": app, "verifier": verifier}, expires_at=now + LIFETIME,
    )  # fmt: skip
    return oauth.page(app, state=state, verifier=verifier, redirect_uri=redirect_uri(tool))


def finish(
    tool: Tool, *, user: User, session: str, state: str, code: str, error: str = "", description: str = ""
) -> Installation:
    """What the consent page led back with. Raises NoConsent."""
    require_admin(user)
    carried = _take(tool, user, session, state)
    if error == "access_denied":
        raise NoConsent(_("You did not agree in %(tool)s: nothing was connected.") % {"tool": tool.name})
    if error or not code:
        said = (description or error or _("no code"))[:200]
        raise NoConsent(_("%(tool)s refused: %(said)s. Begin again.") % {"tool": tool.name, "said": said.rstrip(".")})
    app = carried["app"]
    try:
        credentials = _oauth(tool).exchange(
            app, code=code, verifier=str(carried["verifier"]), redirect_uri=redirect_uri(tool)
        )
        return connect_tool(tool, tool.connect({**app, **credentials}, user.workspace), by=user)
    except ToolError as refused:
        raise NoConsent(TROUBLE.told(str(refused))) from refused
    except ValidationError as refused:
        raise NoConsent(" ".join(refused.messages)) from refused


def _take(tool: Tool, user: User, session: str, state: str) -> dict[str, Any]:
    """Use the state up, once: of two requests that bring it at the same time one wins."""
    now = timezone.now()
    found = Consent.objects.filter(digest=_digest(state), provider=tool.provider)
    ours = found.filter(user=user, workspace=user.workspace, session=_digest(session), expires_at__gt=now, used_at=None)
    if not ours.update(used_at=now):
        raise NoConsent(_why_not(found.first(), user, tool))
    taken = found.get()
    carried, taken.carried = taken.carried, {}
    taken.save(update_fields=["carried"])
    return carried


def _why_not(consent: Consent | None, user: User, tool: Tool) -> str:
    if consent is None:
        return _("This did not begin here: nothing was connected. Begin again.")
    if consent.user_id != user.pk or consent.workspace_id != user.workspace_id:
        return _("Somebody else began this, or another workspace: nothing was connected. Begin again.")
    if consent.used_at:
        return _("This way back from %(tool)s was used already. Whether it worked is shown in the settings.") % {
            "tool": tool.name
        }
    if consent.expires_at <= timezone.now():
        return _("This took longer than ten minutes. Begin again.")
    return _("This began in another browser, or before you signed in anew: nothing was connected. Begin again.")


def _oauth(tool: Tool) -> OAuth:
    if tool.oauth is None:
        raise NoConsent(_("%(tool)s is connected without a consent page.") % {"tool": tool.name})
    return tool.oauth


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
