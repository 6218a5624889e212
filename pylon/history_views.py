"""The settings' page of channels' pasts: what is being brought in, and what the checks for gaps have found."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Channel
from accounts.roles import require_admin
from conversations.requests import SignedInRequest
from integrations.models import HistoryReading, Installation, Provider, ReadingState
from integrations.slack.cap import is_capped
from integrations.slack.history import begin_reading
from integrations.slack.history_forms import HistoryForm, bounds, readable_channels
from integrations.slack.history_tasks import read_history
from integrations.wake import wake

SHOWN = 50


@login_required
@require_safe
def page(request: SignedInRequest) -> HttpResponse:
    """The whole page, or for htmx only what changes while something is read."""
    if request.htmx:
        return render(request, "settings/_history.html", _context(request))
    return _page(request)


@login_required
@require_POST
def begin(request: SignedInRequest) -> HttpResponse:
    require_admin(request.user)
    form = HistoryForm(request.POST, workspace_id=request.user.workspace_id)
    if not form.is_valid():
        return _page(request, form)
    chosen: Channel | None = form.cleaned_data["channel"]
    channels = [chosen] if chosen else list(readable_channels(request.user.workspace_id))
    oldest, latest = bounds(form.cleaned_data["since"], form.cleaned_data["until"])
    begun, refused = 0, []
    for channel in channels:
        try:
            begin_reading(
                channel=channel, oldest=oldest, latest=latest, quiet_days=form.cleaned_data["quiet_days"],
                by=request.user,
            )  # fmt: skip
        except ValidationError as error:
            refused += error.messages
        else:
            begun += 1
    if begun:
        wake(read_history)
        told = ngettext(
            "The past of %(count)d channel is being brought in.", "The past of %(count)d channels is being brought in.",
            begun,
        )  # fmt: skip
        messages.success(request, told % {"count": begun})
    for reason in refused:
        messages.warning(request, reason)
    if not channels:
        messages.warning(request, _("Pylon is in no customer’s channel yet."))
    return redirect("history")


@login_required
@require_POST
def stop(request: SignedInRequest, pk: int) -> HttpResponse:
    require_admin(request.user)
    reading = _reading(request, pk).stop(by=request.user)
    messages.success(request, _("Stopped. What was brought in of %(channel)s stays.") % {"channel": reading.channel})
    return redirect("history")


@login_required
@require_POST
def resume(request: SignedInRequest, pk: int) -> HttpResponse:
    require_admin(request.user)
    try:
        reading = _reading(request, pk).resume(by=request.user)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        wake(read_history)
        messages.success(request, _("The reading of %(channel)s goes on.") % {"channel": reading.channel})
    return redirect("history")


def _page(request: SignedInRequest, form: HistoryForm | None = None) -> HttpResponse:
    workspace_id = request.user.workspace_id
    context = _context(request) | {
        "form": form or HistoryForm(workspace_id=workspace_id),
        "has_channels": readable_channels(workspace_id).exists(),
    }
    return render(request, "settings/history.html", context, status=400 if form else 200)


def _context(request: SignedInRequest) -> dict[str, object]:
    readings = HistoryReading.objects.filter(workspace=request.user.workspace_id).select_related("channel", "by_user")
    asked, checks = readings.filter(is_check=False), readings.filter(is_check=True)
    found = Q(messages_new__gt=0) | Q(edits_found__gt=0) | Q(deletions_found__gt=0) | Q(state=ReadingState.FAILED)
    installations = Installation.objects.filter(
        workspace=request.user.workspace_id, provider=Provider.SLACK, revoked_at=None
    ).defer("credentials")
    return {
        "readings": asked.order_by("-pk")[:SHOWN],
        "under_way": asked.under_way().exists(),
        "capped": [one for one in installations if is_capped(one)],
        "interval": settings.GAP_CHECK_MINUTES,
        "last_check": checks.filter(state=ReadingState.DONE).order_by("-finished_at").first(),
        "findings": checks.filter(found).order_by("-pk")[:SHOWN],
    }


def _reading(request: SignedInRequest, pk: int) -> HistoryReading:
    readings = HistoryReading.objects.select_related("channel")
    return get_object_or_404(readings, workspace=request.user.workspace_id, pk=pk)
