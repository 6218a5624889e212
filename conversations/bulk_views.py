"""What people do on the board to one card or many, and how those cards are drawn on the board they look at."""

from __future__ import annotations

import json
from collections.abc import Collection
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.core import signing
from django.http import HttpResponse, HttpResponseBadRequest, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import time_zones
from conversations import board as boards
from conversations import bulk, lanes, snoozing
from conversations.bulk import Outcome, Wish
from conversations.lanes import Lanes
from conversations.models import Conversation, Priority
from conversations.requests import SignedInRequest
from conversations.selecting import Selection
from conversations.status import Status
from conversations.views import whole_number

WAY_BACK = "pylon.board.way-back"
WAY_BACK_SECONDS = 3_600


@login_required
@require_safe
def cards(request: SignedInRequest) -> HttpResponse:
    """`ids`, with commas between, and the board's own query: those that stand there, and which don't any more."""
    ids = whole_numbers(request.GET.get("ids", "").split(","))
    return HttpResponse(_drawn(request, ids, request.GET))


@login_required
@require_POST
def change(request: SignedInRequest) -> HttpResponse:
    """Form: `id` and `seen` (JSON: its status, owner and priority as shown) for each card; what it shall have:
    `status`, `owner` (an id, empty for nobody), `priority`, `add_tag`, `remove_tag`, `snooze` (as `snoozing.until`
    reads it, with `zone`), `merge_into` (an id); `query`, the board's. Answers the cards, what was done and refused."""
    given, looked = request.POST.getlist("id"), request.POST.getlist("seen")
    ids = whole_numbers(given)
    # What somebody saw of one card must not stand for another: one for each, or none at all.
    if len(ids) != len(given) or len(looked) not in {0, len(ids)}:
        return HttpResponseBadRequest(_("“id” and “seen” can’t be read."), content_type="text/plain")
    if not 0 < len(ids) <= bulk.MOST:
        return HttpResponseBadRequest(
            _("1 to %(most)d conversations.") % {"most": bulk.MOST}, content_type="text/plain"
        )
    try:
        wish, seen = _wish(request), dict(zip(ids, map(_seen, looked), strict=False))
    except ValueError as error:
        return HttpResponseBadRequest(_("This can’t be read: %(error)s") % {"error": error}, content_type="text/plain")
    outcome = bulk.change(chosen(request, ids), wish, seen=seen, by=request.user)
    shown = {*ids, wish.merge_into.pk} if wish.merge_into else set(ids)
    return answer(request, outcome, bulk.words(outcome, wish), shown)


@login_required
@require_POST
def take_back(request: SignedInRequest) -> HttpResponse:
    """Form: `undo`, as an answer of `change` had it; `query`."""
    try:
        way_back = signing.loads(request.POST.get("undo", ""), salt=WAY_BACK, max_age=WAY_BACK_SECONDS)
    except signing.BadSignature:
        return HttpResponseBadRequest(_("This can’t be taken back any more."), content_type="text/plain")
    ids = {step["id"] for step in way_back}
    outcome = bulk.take_back(chosen(request, ids), way_back, by=request.user)
    return answer(request, outcome, bulk.taken_back(outcome), ids, with_way_back=False)


def answer(
    request: SignedInRequest, outcome: Outcome, told: str, ids: Collection[int], *, with_way_back: bool = True
) -> HttpResponse:
    """The cards of `ids` as they are now on the board of the form's `query`, what was done, and what was refused."""
    way_back = signing.dumps(outcome.way_back, salt=WAY_BACK, compress=True) if outcome.way_back else ""
    context = {
        "changes": _drawn(request, ids, QueryDict(request.POST.get("query", ""))),
        "told": told,
        "refusals": outcome.refusals,
        "way_back": way_back if with_way_back else "",
    }
    status = HTTPStatus.CONFLICT if outcome.refusals else HTTPStatus.OK
    return render(request, "conversations/_outcome.html", context, status=status)


def chosen(request: SignedInRequest, ids: Collection[int]) -> list[Conversation]:
    ours = request.user.workspace.conversations.listed()
    return list(ours.filter(pk__in=ids).select_related("channel", "owner").order_by("pk"))


def whole_numbers(texts: Collection[str]) -> list[int]:
    """Those that are, as many as a board may ask for at once."""
    return [number for number in map(whole_number, texts) if number is not None][: boards.COUNTED]


def _wish(request: SignedInRequest) -> Wish:
    """ValueError for what is none of the choices; a stranger's teammate or conversation does not exist."""
    given, workspace = request.POST, request.user.workspace
    owner = given.get("owner")
    target = given.get("merge_into")
    teammates = workspace.users.filter(is_active=True)
    return Wish(
        status=Status(given["status"]) if "status" in given else None,
        owner=None if owner is None else get_object_or_404(teammates, pk=whole_number(owner)) if owner else 0,
        priority=Priority(given["priority"]) if "priority" in given else None,
        add_tag=given.get("add_tag", "").replace("\x00", ""),
        remove_tag=given.get("remove_tag", ""),
        snooze=snoozing.until(given["snooze"], now=timezone.now(), zone=_zone(request)) if "snooze" in given else None,
        merge_into=get_object_or_404(workspace.conversations, pk=whole_number(target)) if target else None,
    )


def _seen(text: str) -> dict[str, Any]:
    """As the card's attributes have it: all texts. ValueError for anything else."""
    seen = json.loads(text)
    if not isinstance(seen, dict):
        raise ValueError(text)
    if "owner" in seen:
        seen["owner"] = whole_number(str(seen["owner"]))
    return seen


def _drawn(request: SignedInRequest, ids: Collection[int], query: QueryDict) -> SafeString:
    """`query`: the board's; with swimlanes, `shown` names each that is there."""
    reader, chosen_there, by = request.user, Selection.read(query, request.user), query.get("lanes")
    open_in = None
    if by in Lanes.values:
        shown = lanes.those_known(Lanes(by), query.getlist("shown")[: lanes.LANES])
        open_in = lanes.still_open(reader.workspace_id, chosen_there, Lanes(by), shown)
    return boards.draw_changes(reader.workspace_id, ids, chosen_there, reader=reader, lanes=open_in)


def _zone(request: SignedInRequest) -> ZoneInfo:
    return ZoneInfo(time_zones.known(request.POST.get("zone", "")) or timezone.get_current_timezone_name())
