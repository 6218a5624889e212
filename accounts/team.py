"""Who is in the team, and with which role."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _
from knox.models import AuthToken

from accounts.models import Role, User, Workspace
from accounts.roles import NotAllowed, require_admin


def change_role(*, teammate: User, role: Role, by: User) -> None:
    """Raises NotAllowed where nobody would be left who may set the workspace up."""
    require_admin(by)
    with transaction.atomic():
        teammate = _locked(teammate, by)
        if teammate.role == role:
            return
        if role != Role.ADMIN:
            _keep_an_admin(teammate)
        teammate.role = role
        teammate.save(update_fields=["role"])


def remove(*, teammate: User, by: User) -> None:
    """End the seat at once: open pages, streams and API tokens with it. What they did stays theirs."""
    require_admin(by)
    with transaction.atomic():
        teammate = _locked(teammate, by)
        if not teammate.is_active:
            return
        _keep_an_admin(teammate)
        teammate.is_active = False
        teammate.save(update_fields=["is_active"])
        AuthToken.objects.filter(user=teammate).delete()


def bring_back(*, teammate: User, by: User) -> None:
    require_admin(by)
    with transaction.atomic():
        teammate = _locked(teammate, by)
        if not teammate.is_active:
            teammate.is_active = True
            teammate.save(update_fields=["is_active"])


def _locked(teammate: User, by: User) -> User:
    """One change of a team at a time: two admins who demote each other would leave none."""
    Workspace.objects.select_for_update(no_key=True).get(pk=by.workspace_id)
    return User.objects.get(pk=teammate.pk, workspace=by.workspace_id)


def _keep_an_admin(leaving: User) -> None:
    admins = User.objects.filter(workspace=leaving.workspace_id, role=Role.ADMIN, is_active=True)
    if leaving.role == Role.ADMIN and not admins.exclude(pk=leaving.pk).exists():
        raise NotAllowed(_("The last admin stays: make somebody else one first."))
