"""Marking the whole board as read, and taking it back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.http import HttpResponse, HttpResponseBadRequest, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.roles import own
from conversations.requests import SignedInRequest
from conversations.seeing import mark_all_seen, unmark_all_seen

KEPT, SALT, SECONDS = "board_way_back", "pylon.board.read-all", 3_600


@dataclass(frozen=True, slots=True)
class WayBack:
    words: str
    token: str


@login_required
@require_POST
@own
def read_all(request: SignedInRequest) -> HttpResponse:
    """Everything said up to now counts as read by this reader. Form: `query`, the board's."""
    step = [moment.isoformat() for moment in mark_all_seen(request.user)]
    token = signing.dumps([request.user.pk, *step], salt=SALT)
    request.session[KEPT] = [_("Everything is marked as read."), token]
    return _board(request)


@login_required
@require_POST
@own
def undo_read_all(request: SignedInRequest) -> HttpResponse:
    """Form: `undo`, as the board after `read_all` had it; `query`."""
    try:
        who, before, since = signing.loads(request.POST.get("undo", ""), salt=SALT, max_age=SECONDS)
    except signing.BadSignature:
        who = None
    if who != request.user.pk:
        return HttpResponseBadRequest(_("This can’t be taken back any more."), content_type="text/plain")
    if unmark_all_seen(request.user, before=datetime.fromisoformat(before), since=datetime.fromisoformat(since)):
        messages.success(request, _("What was unread before is unread again."))
    else:
        messages.warning(request, _("Everything was marked as read again since: there is nothing to take back."))
    return _board(request)


def shown_once(request: SignedInRequest) -> WayBack | None:
    """What the board after `read_all` says, with the way back."""
    kept = request.session.pop(KEPT, None)
    return WayBack(*kept) if kept else None


def _board(request: SignedInRequest) -> HttpResponseRedirect:
    return redirect(f"/board/?{QueryDict(request.POST.get('query', '')).urlencode()}")
