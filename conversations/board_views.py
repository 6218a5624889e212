"""The board's pages. What people do to its cards is in `bulk_views`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseBadRequest, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.models import User
from accounts.roles import own
from conversations import board as boards
from conversations import lanes, saved_views, seeing_views
from conversations.board import Column, Key
from conversations.fanout import now_ms
from conversations.filter_bar import filter_bar
from conversations.lanes import Lanes
from conversations.models import Priority, SavedView
from conversations.requests import SignedInRequest
from conversations.selecting import Selection
from conversations.status import Status
from conversations.tagging import tags_in_use


@dataclass(frozen=True, slots=True)
class Asked:
    """What a board's address asks for."""

    selection: Selection
    lanes: Lanes | None
    view: SavedView | None
    query: str
    """The address's selection and swimlanes, in one spelling, without the view's name."""

    @property
    def is_changed(self) -> bool:
        """Whether it is no longer as the view was saved."""
        return self.view is not None and self.query != self.view.query


@dataclass(frozen=True, slots=True)
class Place:
    """Where on a long board: after which card of which column, in which swimlane, and how many lanes are left out."""

    status: Status | None
    after: Key | None
    lane: str | None
    skip: int


@login_required
@require_safe
@vary_on_headers("HX-Request")
def board(request: SignedInRequest) -> HttpResponse:
    """The page; for a script, its columns alone, or with `column` and `after` the next cards of one column (and with
    `lane` of one swimlane)."""
    drawn_at, asked, reader = now_ms(), read(request.GET, request.user), request.user
    if "view" in request.GET and asked.view is None and not request.htmx:
        messages.warning(request, _("This view is not there any more, or not shared: here is the whole board."))
    try:
        place = _place(request.GET, asked)
    except ValueError:
        return HttpResponseBadRequest(_("This part of the board’s address can’t be read."), content_type="text/plain")
    context: dict[str, object] = {
        "drawn_at": drawn_at,
        "asked": asked,
        "query": f"{asked.query}&" if asked.query else "",
    }
    if place.status and request.htmx:
        return render(request, "conversations/_next.html", context | {"column": _next(asked, place, reader)})
    drawn = _lanes(asked.lanes, asked, place, reader) if asked.lanes else _columns(asked, place, reader)
    context |= drawn
    if request.htmx:
        return render(request, "conversations/_columns.html", context)
    context |= {
        "read_all": seeing_views.shown_once(request),
        "bar": filter_bar(asked.selection, asked.query, reader),
        "views": saved_views.views_for(reader),
        "may_change_view": asked.view is not None and saved_views.may_change(asked.view, reader),
        "lane_choices": Lanes.choices,
        "people": boards.people(reader.workspace_id),
        "statuses": list(Status),
        "priorities": list(Priority),
        "tags": tags_in_use(reader.workspace_id),
    }
    return render(request, "conversations/board.html", context)


@login_required
@require_POST
@own
def save_view(request: SignedInRequest) -> HttpResponse:
    """Form: `name`, `query`, `is_shared`; `view`, its key, to change that one instead of making another."""
    given, key = request.POST, request.POST.get("view", "")
    name, query, is_shared = given.get("name", ""), given.get("query", ""), "is_shared" in given
    try:
        if key:
            view = _view(key, request.user)
            saved_views.change_view(view, name=name, query=query, is_shared=is_shared, by=request.user)
        else:
            view = saved_views.save_view(name=name, query=query, is_shared=is_shared, by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect(f"/board/?{QueryDict(given.get('query', '')).urlencode()}")
    return redirect(f"/board/?view={view.key}")


@login_required
@require_POST
@own
def delete_view(request: SignedInRequest, key: str) -> HttpResponse:
    view = _view(key, request.user)
    saved_views.delete_view(view, by=request.user)
    messages.success(request, _("The view “%(name)s” is deleted.") % {"name": view.name})
    return redirect("board")


def read(query: QueryDict, reader: User) -> Asked:
    """With `view`, what was saved there, unless the address says something itself (`changed`: even if nothing)."""
    view = saved_views.visible_to(reader).filter(key=query["view"]).first() if "view" in query else None
    said = saved_views.canonical(query, reader)
    if view and not said and "changed" not in query:
        query = QueryDict(view.query)
        said = saved_views.canonical(query, reader)
    by = query.get("lanes")
    return Asked(Selection.read(query, reader), Lanes(by) if by in Lanes.values else None, view, said)


def _place(query: QueryDict, asked: Asked) -> Place:
    """ValueError for what can't be read."""
    status, after, lane = query.get("column"), query.get("after"), query.get("lane")
    return Place(
        status=None if status is None else Status(status),
        after=None if after is None else Key.parse(after),
        lane=lanes.known(asked.lanes, lane) if asked.lanes and lane is not None else None,
        skip=min(max(int(query.get("skip", "0")), 0), 10_000),
    )


def _next(asked: Asked, place: Place, reader: User) -> Column:
    lane = lanes.of(asked.lanes, place.lane) if asked.lanes and place.lane is not None else None
    column = boards.page(reader.workspace_id, asked.selection, place.status or Status.TODO, place.after, lane=lane)
    return replace(column, lane=place.lane, unread=_news(reader, [column]))


def _columns(asked: Asked, place: Place, reader: User) -> dict[str, object]:
    columns = boards.columns(reader.workspace_id, asked.selection)
    if place.status:  # without a script, "more" leads to a page whose one column goes on
        columns = [
            boards.turned(column, reader.workspace_id, asked.selection, place.after)
            if column.status == place.status
            else column
            for column in columns
        ]
    news = _news(reader, columns)
    return {
        "columns": [replace(column, unread=news) for column in columns],
        "empty": not asked.query and not any(column.rows for column in columns),
    }


def _lanes(by: Lanes, asked: Asked, place: Place, reader: User) -> dict[str, object]:
    page = lanes.page(reader.workspace_id, asked.selection, by, skip=place.skip)
    news = _news(reader, [column for lane in page.lanes for column in lane.columns])
    counts = boards.count(reader.workspace_id, asked.selection)
    return {
        "skip": place.skip,
        "page": replace(page, lanes=[_with_news(lane, news) for lane in page.lanes]),
        "columns": [Column(status, [], count=counts[status]) for status in Status],
    }


def _news(reader: User, columns: Sequence[Column]) -> frozenset[int]:
    return boards.unread_of(reader, [row.id for column in columns for row in column.rows])


def _with_news(lane: lanes.Lane, news: frozenset[int]) -> lanes.Lane:
    return replace(lane, columns=[replace(column, unread=news) for column in lane.columns])


def _view(key: str, reader: User) -> SavedView:
    return get_object_or_404(saved_views.visible_to(reader), key=key)
