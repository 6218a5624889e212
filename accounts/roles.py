"""Who may change what. Asked by the verbs that change something, and once more by `accounts.middleware`, so that a
view that forgets to ask lets nobody through. The admin site is another matter: there `is_staff` counts."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from accounts.models import User

View = TypeVar("View", bound=Callable[..., Any])


class NotAllowed(PermissionDenied):
    """The text says why, to the person who tried."""


def require_change(by: object) -> None:
    """Raise NotAllowed for a teammate who may only read. Rules of ours may do anything."""
    if isinstance(by, User) and not by.may_change:
        raise NotAllowed(_("Your role here is read-only: you see everything and change nothing. Ask an admin."))


def require_admin(by: object) -> None:
    """Raise NotAllowed for a teammate who may not change how the workspace is set up."""
    if isinstance(by, User) and not by.is_admin:
        raise NotAllowed(_("Only admins of this workspace may do this."))


def for_admins(view: View) -> View:
    """A page that only admins see at all."""

    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> Any:
        require_admin(request.user)
        return view(request, *args, **kwargs)

    return guarded  # type: ignore[return-value]  # the same view, as far as anybody can tell


def own(view: View) -> View:
    """Mark a view that changes only what is the signed-in person's own: whoever may only read may use it too."""
    view.is_own = True  # type: ignore[attr-defined]
    return view


def is_own(view: object) -> bool:
    return bool(getattr(view, "is_own", False))
