"""Boards that somebody has set up and keeps under a name."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import NotAllowed, require_change
from conversations.lanes import Lanes
from conversations.models import SavedView
from conversations.selecting import Selection

MOST = 50
"""Views of one person."""


def views_for(reader: User) -> Sequence[SavedView]:
    """Their own, and those that the team shares."""
    return list(visible_to(reader).select_related("owner").order_by("name", "pk"))


def visible_to(reader: User) -> QuerySet[SavedView]:
    return reader.workspace.saved_views.filter(Q(owner=reader) | Q(is_shared=True))


def save_view(*, name: str, query: str, is_shared: bool, by: User) -> SavedView:
    """Raises ValidationError for a name that can't be had."""
    if is_shared:
        require_change(by)
    if by.saved_views.count() >= MOST:
        raise ValidationError(_("You have %(most)d views: delete one first.") % {"most": MOST})
    view = SavedView(workspace=by.workspace, owner=by, is_shared=is_shared)
    return _keep(view, name, query, by)


def change_view(view: SavedView, *, name: str, query: str, is_shared: bool, by: User) -> SavedView:
    _require_rights(view, by)
    if is_shared:
        require_change(by)
    view.is_shared = is_shared
    return _keep(view, name, query, by)


def delete_view(view: SavedView, *, by: User) -> None:
    _require_rights(view, by)
    view.delete()


def may_change(view: SavedView, by: User) -> bool:
    """Its owner, and of a shared one the workspace's admins."""
    return view.owner_id == by.pk or (view.is_shared and by.is_admin)


def canonical(query: QueryDict, reader: User) -> str:
    """What of a board's address makes the view: its selection and its swimlanes, in one spelling."""
    kept = QueryDict(Selection.read(query, reader).query, mutable=True)
    by = query.get("lanes")
    if by in Lanes.values:
        kept["lanes"] = str(by)
    return kept.urlencode()


def _require_rights(view: SavedView, by: User) -> None:
    if not may_change(view, by):
        raise NotAllowed(_("This view is %(name)s’s: save a copy under another name.") % {"name": view.owner.name})


def _keep(view: SavedView, name: str, query: str, by: User) -> SavedView:
    view.name, view.query = " ".join(name.replace("\x00", "").split()), canonical(QueryDict(query), by)
    if not view.name:
        raise ValidationError(_("Give the view a name."))
    if len(view.name) > 60:
        raise ValidationError(_("A name has at most 60 characters."))
    if len(view.query) > 1000:
        raise ValidationError(_("This selection is too long to be kept: choose less."))
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError:
        raise ValidationError(_("You have a view called “%(name)s” already.") % {"name": view.name}) from None
    return view
