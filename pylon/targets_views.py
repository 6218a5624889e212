"""How fast we mean to answer, by which calendars, and what a draft of it would have made of the last month."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.roles import require_admin
from conversations.requests import SignedInRequest
from pylon.due_times import due_times_changed
from triage.deadlines import targets_of, try_out
from triage.models import Calendar, ResponseTarget
from triage.policy import hidden, move_target, remove_calendar, save_target, targets_with
from triage.target_forms import DAYS, CalendarForm, TargetForm
from triage.target_words import whom


@login_required
@require_safe
def page(request: SignedInRequest) -> HttpResponse:
    return _page(request)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def target(request: SignedInRequest, pk: int | None = None) -> HttpResponse:
    """The form of a new target, or of one. POST saves it; with `try`, shows what it would have done, and saves
    nothing."""
    require_admin(request.user)
    workspace = request.user.workspace
    found = get_object_or_404(workspace.response_targets, pk=pk) if pk else ResponseTarget(workspace=workspace)
    if request.method != "POST":
        return render(request, "settings/targets_form.html", {"form": TargetForm(instance=found)})
    form = TargetForm(request.POST, instance=found)
    if "try" in request.POST:
        return _tried(request, form)
    if not form.is_valid():
        return render(request, "settings/targets_form.html", {"form": form}, status=400)
    saved = save_target(form.save(commit=False))
    due_times_changed(workspace.pk)
    messages.success(request, _("Saved: the target for %(whom)s.") % {"whom": whom(saved.tier, saved.priority)})
    return redirect("targets")


@login_required
@require_POST
def move(request: SignedInRequest, pk: int) -> HttpResponse:
    """Form: `to`, "up" or "down"."""
    require_admin(request.user)
    move_target(_target(request, pk), up=request.POST.get("to") == "up")
    due_times_changed(request.user.workspace_id)
    return redirect("targets")


@login_required
@require_POST
def remove(request: SignedInRequest, pk: int) -> HttpResponse:
    require_admin(request.user)
    found = _target(request, pk)
    found.delete()
    due_times_changed(request.user.workspace_id)
    messages.success(request, _("Removed: the target for %(whom)s.") % {"whom": whom(found.tier, found.priority)})
    return redirect("targets")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def calendar(request: SignedInRequest, pk: int | None = None) -> HttpResponse:
    """The form of a new calendar, or of one. POST saves it."""
    require_admin(request.user)
    workspace = request.user.workspace
    new = Calendar(workspace=workspace, time_zone=workspace.time_zone)
    found = get_object_or_404(workspace.calendars, pk=pk) if pk else new
    form = CalendarForm(request.POST if request.method == "POST" else None, instance=found)
    if not form.is_valid():
        return render(request, "settings/targets_calendar.html", {"form": form}, status=400 if form.is_bound else 200)
    form.save()
    due_times_changed(workspace.pk)
    messages.success(request, _("Saved: the calendar %(calendar)s.") % {"calendar": found})
    return redirect("targets")


@login_required
@require_POST
def remove_one_calendar(request: SignedInRequest, pk: int) -> HttpResponse:
    require_admin(request.user)
    found = get_object_or_404(Calendar, workspace=request.user.workspace_id, pk=pk)
    try:
        remove_calendar(found)
    except ValidationError as error:
        return _page(request, refused=error.messages[0], status=409)
    messages.success(request, _("Removed: the calendar %(calendar)s.") % {"calendar": found})
    return redirect("targets")


def _page(request: SignedInRequest, *, refused: str = "", status: int = 200) -> HttpResponse:
    workspace = request.user.workspace
    rows = list(workspace.response_targets.select_related("calendar", "escalate_to"))
    never = hidden(rows)
    context = {
        "targets": [(row, never.get(row.pk)) for row in rows],
        "calendars": [(one, _week(one)) for one in workspace.calendars.order_by("name")],
        "refused": refused,
    }
    return render(request, "settings/targets.html", context, status=status)


def _tried(request: SignedInRequest, form: TargetForm) -> HttpResponse:
    context: dict[str, object] = {"form": form}
    workspace_id = request.user.workspace_id
    if form.is_valid():
        draft = form.save(commit=False)
        context["today"] = try_out(workspace_id, targets_of([workspace_id])[workspace_id])
        context["then"] = try_out(workspace_id, targets_with(draft))
    return render(request, "settings/_targets_tried.html" if request.htmx else "settings/targets_form.html", context)


def _week(one: Calendar) -> list[tuple[str, str]]:
    """Days of the same hours together: ("Monday to Friday", "09:00–17:00")."""
    found: list[tuple[Promise, Promise, str]] = []
    for number, day in enumerate(DAYS):
        hours = ", ".join("–".join(stretch) for stretch in one.hours.get(str(number), [])) or _("closed")
        if found and found[-1][2] == hours:
            found[-1] = (found[-1][0], day, hours)
        else:
            found.append((day, day, hours))
    return [
        (str(first) if first == last else _("%(first)s to %(last)s") % {"first": first, "last": last}, hours)
        for first, last, hours in found
    ]


def _target(request: SignedInRequest, pk: int) -> ResponseTarget:
    return get_object_or_404(ResponseTarget, workspace=request.user.workspace_id, pk=pk)
