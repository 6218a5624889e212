"""The settings' pages of grouping: the choices, what another choice would have made, and how often people correct."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Channel, Workspace
from accounts.roles import require_admin
from conversations import correction_report
from conversations.grouping_forms import (
    MODES,
    ChannelGroupingForm,
    SimulationForm,
    WorkspaceGroupingForm,
    customer_channels,
)
from conversations.intake import settings_of
from conversations.models import Conversation
from conversations.requests import SignedInRequest
from conversations.simulation import DAYS, settings_for, simulate

LISTED = 200
"""Channels that are listed at once."""


@login_required
@require_safe
def page(request: SignedInRequest) -> HttpResponse:
    return _page(request)


@login_required
@require_POST
def change_workspace(request: SignedInRequest) -> HttpResponse:
    """Form: `grouping`, `quiet_minutes`."""
    require_admin(request.user)
    form = WorkspaceGroupingForm(request.POST, instance=request.user.workspace)
    if not form.is_valid():
        request.user.workspace.refresh_from_db()
        return _page(request, form)
    form.save(commit=False).save(update_fields=form.Meta.fields)
    messages.success(request, _("Saved. It counts for messages from now on."))
    return redirect("grouping")


@login_required
@require_POST
def change_channel(request: SignedInRequest, pk: int) -> HttpResponse:
    """Form: `grouping`, empty for the workspace's, and `quiet_minutes`."""
    require_admin(request.user)
    channel = get_object_or_404(customer_channels(request.user.workspace_id), pk=pk)
    form = ChannelGroupingForm(request.POST, instance=channel, prefix=str(pk))
    if not form.is_valid():
        reasons = " ".join(str(reason) for reasons in form.errors.values() for reason in reasons)
        messages.error(request, f"{channel}: {reasons}")
        return redirect("grouping")
    form.save(commit=False).save(update_fields=form.Meta.fields)
    messages.success(request, _("Saved for %(channel)s. It counts for messages from now on.") % {"channel": channel})
    return redirect("grouping")


@login_required
@require_safe
def simulation(request: SignedInRequest) -> HttpResponse:
    """GET `channel`, `mode`, `minutes`: the page; for htmx what it would have made, which takes its time."""
    workspace = request.user.workspace
    chosen = {name: request.GET[name] for name in ("channel", "mode", "minutes") if request.GET.get(name)}
    channel = _busiest(workspace)
    usual: dict[str, object] = {}
    if channel:
        settings = settings_of(channel)
        usual = {"channel": channel.pk, "mode": settings.mode, "minutes": round(settings.quiet_seconds / 60)}
    form = SimulationForm(usual | chosen, workspace_id=workspace.pk)
    context: dict[str, object] = {"form": form, "days": DAYS, "channel": channel}
    is_valid = form.is_valid()
    if channel and is_valid:
        found: Channel = form.cleaned_data["channel"]
        context |= {
            "channel": found,
            "settings": settings_for(workspace, found, form.cleaned_data["mode"], form.cleaned_data["minutes"]),
            "is_asked": bool(chosen),
        }
        # Without a script it is worked out at once; with one, after the page is there.
        if request.htmx or request.GET.get("at_once"):
            context["simulation"] = simulate(found, context["settings"])  # type: ignore[arg-type]
    status = 200 if is_valid or not channel else 422
    template = "settings/grouping/_simulation.html" if request.htmx else "settings/grouping/simulate.html"
    return render(request, template, context, status=status)


@login_required
@require_safe
def corrections(request: SignedInRequest) -> HttpResponse:
    report = correction_report.report(request.user.workspace_id, timezone.now())
    return render(request, "settings/grouping/corrections.html", {"report": report})


def _page(request: SignedInRequest, form: WorkspaceGroupingForm | None = None) -> HttpResponse:
    workspace = request.user.workspace
    channels = list(customer_channels(workspace.pk).filter(left_at=None)[: LISTED + 1])
    for channel in channels:
        channel.workspace = workspace
    unsorted = Conversation.objects.filter(workspace=workspace, is_unsorted=True, message_count__gt=0)
    context = {
        "form": form or WorkspaceGroupingForm(instance=workspace),
        "modes": MODES,
        "channels": [(one, ChannelGroupingForm(instance=one, prefix=str(one.pk))) for one in channels[:LISTED]],
        "is_cut": len(channels) > LISTED,
        "unsorted": {one.channel_id: one for one in unsorted},
    }
    return render(request, "settings/grouping/grouping.html", context, status=422 if form else 200)


def _busiest(workspace: Workspace) -> Channel | None:
    talk = Count("conversations", filter=Q(conversations__last_message_at__gte=timezone.now() - timedelta(DAYS)))
    found: Channel | None = customer_channels(workspace.pk).annotate(talk=talk).order_by("-talk", "name").first()
    if found:
        found.workspace = workspace
    return found
