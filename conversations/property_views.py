"""What is changed in a conversation's head beside status and owner: priority, tags, and until when it is put aside."""

from __future__ import annotations

from http import HTTPStatus
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import time_zones
from conversations import snoozing
from conversations.models import Priority
from conversations.requests import SignedInRequest
from conversations.tagging import retag, tags_in_use
from conversations.views import after, find


@login_required
@require_POST
def change_priority(request: SignedInRequest, number: int) -> HttpResponse:
    """Form: `priority`."""
    found = find(request, number)
    try:
        priority = Priority(request.POST.get("priority", ""))
    except ValueError:
        return HttpResponseBadRequest(_("There is no such priority."), content_type="text/plain")
    return after(request, found.prioritise(priority, by=request.user))


@login_required
@require_POST
def change_tags(request: SignedInRequest, number: int) -> HttpResponse:
    """Form: `add`, a tag or several with commas between; `remove`, one."""
    found = find(request, number)
    added = request.POST.get("add", "").replace("\x00", "").split(",")
    try:
        retag(found, add=added, remove=request.POST.getlist("remove"), by=request.user)
    except ValidationError as error:
        return after(request, found, error=error.messages[0], status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return after(request, found)


@login_required
@require_safe
def offer_tags(request: SignedInRequest, number: int) -> HttpResponse:
    """The options for a field; asked for once somebody is about to write in it."""
    found = find(request, number)
    offered = [tag for tag in tags_in_use(request.user.workspace_id) if tag not in found.tags]
    return render(request, "conversations/_tags_offered.html", {"tags": offered})


@login_required
@require_POST
def snooze(request: SignedInRequest, number: int) -> HttpResponse:
    """Form: `until`, as `snoozing.until` reads it, or `day`, a date; neither: bring it back."""
    found = find(request, number)
    words = request.POST.get("until", "") or request.POST.get("day", "")
    if not words:
        return after(request, found.wake(by=request.user))
    try:
        until = snoozing.until(words, now=timezone.now(), zone=_readers_zone(request))
    except ValueError:
        told = _("Choose a day to come, at most a year ahead.")
        return after(request, found, error=told, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return after(request, found.snooze(until, by=request.user))


def _readers_zone(request: SignedInRequest) -> ZoneInfo:
    """The browser's, where a script says it: `zone`."""
    return ZoneInfo(time_zones.known(request.POST.get("zone", "")) or timezone.get_current_timezone_name())
