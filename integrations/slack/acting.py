"""Who may do something from within Slack."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from integrations.models import Installation


def teammate(installation: Installation, who: Any) -> User | None:
    """Somebody of our own team whom we know as a teammate. A customer can press a button in a shared channel; whom a
    person's word makes one of us in a channel is none for all that."""
    who = who if isinstance(who, dict) else {}
    team = str(who.get("team_id") or installation.external_id)
    if team not in {installation.external_id, installation.enterprise_id or installation.external_id}:
        return None
    users = User.objects.filter(workspace=installation.workspace, is_active=True)
    return users.filter(external_id=str(who.get("id") or "-")).first()


def why_not(user: User | None) -> str:
    """Why they may change nothing, in words they are told; empty: they may."""
    if user is None:
        return "Only teammates can do this."
    return "" if user.may_change else "Your role in Pylon is read-only: nothing was changed. Ask an admin."
