"""A seat offered by a link. The link's secret is stored as a hash only: it is shown and sent once."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Invitation, Role, User, Workspace
from accounts.roles import require_admin
from accounts.seats import login_of

LIFETIME = timedelta(days=7)


class SignInFirst(Exception):  # noqa: N818 - it reads as what is to be done
    """The address belongs to somebody who signs in already: the link alone doesn't prove to be them."""


def open_ones(workspace: Workspace) -> QuerySet[Invitation]:
    """Those not taken up and not withdrawn, the expired ones too: these can be renewed."""
    return workspace.invitations.filter(accepted_at=None, revoked_at=None).select_related("invited_by")


def invite(*, email: str, role: Role, by: User) -> tuple[Invitation, str]:
    """The invitation and its secret. One that was open for the address ends."""
    require_admin(by)
    with transaction.atomic():
        Workspace.objects.select_for_update(no_key=True).get(pk=by.workspace_id)
        if any(login_of(seat).has_usable_password() for seat in _in_team(by.workspace_id, email)):
            raise ValidationError(_("%(email)s is in the team already.") % {"email": email})
        open_ones(by.workspace).filter(email__iexact=email).update(revoked_at=timezone.now())
        secret = secrets.token_urlsafe(32)
        invitation = Invitation.objects.create(
            workspace=by.workspace, email=email.lower(), role=role, digest=_digest(secret),
            invited_by=by, expires_at=timezone.now() + LIFETIME,
        )  # fmt: skip
    return invitation, secret


def renew(*, invitation: Invitation, by: User) -> str:
    """A new secret and a new week; the former link ends."""
    require_admin(by)
    secret = secrets.token_urlsafe(32)
    changed = open_ones(by.workspace).filter(pk=invitation.pk).update(
        digest=_digest(secret), expires_at=timezone.now() + LIFETIME, sent_at=None, send_error=""
    )  # fmt: skip
    if not changed:
        raise ValidationError(_("The invitation was taken up or withdrawn meanwhile."))
    invitation.refresh_from_db()
    return secret


def revoke(*, invitation: Invitation, by: User) -> None:
    require_admin(by)
    open_ones(by.workspace).filter(pk=invitation.pk).update(revoked_at=timezone.now())


def find(secret: str) -> Invitation | None:
    """The open invitation with this secret."""
    return _valid().filter(digest=_digest(secret)).select_related("workspace", "invited_by").first()


def must_sign_in(invitation: Invitation) -> bool:
    """Whether the address belongs to somebody who must show that they are it. Whoever was only seen in Slack, by the
    same workspace, has nothing yet that the link could open to others."""
    theirs = User.objects.filter(email__iexact=invitation.email).first()
    return theirs is not None and not _is_without_sign_in(theirs, invitation)


def accept(*, secret: str, login: User | None, name: str = "", password: str = "") -> User:
    """Take the seat: as who is signed in, or else as somebody new. Of two who come at once with the same link one
    gets it. Raises SignInFirst, and ValidationError where there is nothing to take any more."""
    with transaction.atomic():
        invitation = _valid().select_for_update(no_key=True).filter(digest=_digest(secret)).first()
        if invitation is None:
            raise ValidationError(_("This invitation was taken up, withdrawn or has expired. Ask for a new one."))
        seat = _seat_for(invitation, login) if login else _somebody_new(invitation, name, password)
        invitation.accepted_at, invitation.accepted_by = timezone.now(), seat
        invitation.save(update_fields=["accepted_at", "accepted_by"])
    return seat


def _seat_for(invitation: Invitation, login: User) -> User:
    """Another seat of theirs, or the one they had. Nobody loses rights by an invitation."""
    mine = User.objects.filter(workspace=invitation.workspace_id)
    seat = mine.filter(pk=login.pk).first() or mine.filter(signs_in_as=login.pk).first()
    if seat is None:
        return _new_seat(invitation, login)
    if not seat.is_active:
        seat.role, seat.is_active = invitation.role, True
        seat.save(update_fields=["role", "is_active"])
    return seat


def _new_seat(invitation: Invitation, login: User) -> User:
    seat = User(
        workspace=invitation.workspace, name=login.name, role=invitation.role, signs_in_as=login,
        avatar_url=login.avatar_url, time_zone=login.time_zone, language=login.language,
    )  # fmt: skip
    seat.set_unusable_password()
    seat.save()
    return seat


def _somebody_new(invitation: Invitation, name: str, password: str) -> User:
    if must_sign_in(invitation):
        raise SignInFirst
    seen = User.objects.filter(email__iexact=invitation.email).first()
    if seen is None:
        return User.objects.create_user(
            invitation.email, password, workspace=invitation.workspace, name=name, role=invitation.role
        )
    seen.role, seen.is_active = invitation.role, True
    seen.set_password(password)
    seen.save(update_fields=["role", "is_active", "password"])
    return seen


def _is_without_sign_in(user: User, invitation: Invitation) -> bool:
    is_of_the_team = user.workspace_id == invitation.workspace_id and user.signs_in_as_id is None
    return is_of_the_team and not user.has_usable_password() and user.last_login is None


def _in_team(workspace_id: int, email: str) -> QuerySet[User]:
    theirs = Q(email__iexact=email) | Q(signs_in_as__email__iexact=email)
    return User.objects.filter(theirs, workspace=workspace_id, is_active=True).select_related("signs_in_as")


def _valid() -> QuerySet[Invitation]:
    return Invitation.objects.filter(accepted_at=None, revoked_at=None, expires_at__gt=timezone.now())


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
