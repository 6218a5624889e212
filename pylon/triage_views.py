"""Where the team works conversations in Slack: the triage channels, what each shows, and what a draft would do."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.roles import require_admin
from conversations.requests import SignedInRequest
from integrations.showing import reroute
from integrations.tasks import send_deliveries
from integrations.wake import wake
from triage.describing import in_words
from triage.forms import TriageForm
from triage.models import TriageChannel
from triage.preview import preview as look_ahead
from triage.services import choose_triage_channel


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: SignedInRequest) -> HttpResponse:
    """The channels; with `?edit=<id>` one of them in the form. POST saves."""
    workspace = request.user.workspace
    if request.method != "POST":
        return _page(request, TriageForm(workspace_id=workspace.pk, initial=_initial(request)))
    require_admin(request.user)
    form = TriageForm(request.POST, workspace_id=workspace.pk)
    if form.is_valid():
        try:
            chosen = choose_triage_channel(
                workspace=workspace, channel=form.cleaned_data["channel"], chosen=form.shown(),
                name=form.cleaned_data["name"],
            )  # fmt: skip
        except ValidationError as error:
            form.add_error(None, error.messages if not hasattr(error, "error_dict") else error)
        else:
            _draw_again(request)
            told = _("%(channel)s shows %(what)s from now on.") % {"channel": chosen, "what": in_words(chosen)}
            messages.success(request, told)
            return redirect("triage")
    return _page(request, form, status=400)


@login_required
@require_POST
def preview(request: SignedInRequest) -> HttpResponse:
    """What the form's draft would show of the last month, without saving it."""
    require_admin(request.user)
    form = TriageForm(request.POST, workspace_id=request.user.workspace_id)
    context: dict[str, object] = {"form": form}
    if form.is_valid():
        channel = form.cleaned_data["channel"]
        seen = look_ahead(request.user.workspace_id, channel_id=channel.pk, draft=form.shown())
        context |= {"preview": seen, "channel": channel}
    if request.htmx:
        return render(request, "settings/_triage_preview.html", context)
    return _page(request, form, extra=context)


@login_required
@require_POST
def remove(request: SignedInRequest, pk: int) -> HttpResponse:
    require_admin(request.user)
    triage = get_object_or_404(TriageChannel, workspace=request.user.workspace_id, pk=pk)
    triage.delete()
    _draw_again(request)
    messages.success(request, _("Nothing new is shown in %(triage)s.") % {"triage": triage})
    return redirect("triage")


def _page(
    request: SignedInRequest, form: TriageForm, *, status: int = 200, extra: dict[str, object] | None = None
) -> HttpResponse:
    chosen = request.user.workspace.triage_channels.select_related("channel").order_by("-is_general", "channel__name")
    context = {"form": form, "triage_channels": [(triage, in_words(triage)) for triage in chosen], **(extra or {})}
    return render(request, "settings/triage.html", context, status=status)


def _initial(request: SignedInRequest) -> dict[str, object]:
    wanted = request.GET.get("edit", "")
    if not wanted.isdigit() or len(wanted) > 18:
        return {}
    triage = get_object_or_404(TriageChannel, workspace=request.user.workspace_id, pk=int(wanted))
    kept = {"channel": triage.channel_id, "name": triage.name, "is_general": triage.is_general}
    return {**kept, **triage.filter}


def _draw_again(request: SignedInRequest) -> None:
    if reroute(request.user.workspace_id):
        wake(send_deliveries)
