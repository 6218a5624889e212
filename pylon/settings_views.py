"""The settings page: our workspace, triage channels, connected Slack teams, and each teammate's API tokens."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from knox.models import AuthToken

from accounts.forms import WorkspaceForm
from accounts.requests import SignedInRequest
from integrations.models import Installation, Provider
from triage.forms import TriageForm
from triage.models import TriageChannel
from triage.services import choose_triage_channel


@login_required
@require_safe
def page(request: SignedInRequest) -> HttpResponse:
    return _page(request)


@login_required
@require_POST
def change_workspace(request: SignedInRequest) -> HttpResponse:
    _staff_only(request)
    form = WorkspaceForm(request.POST, instance=request.user.workspace)
    if not form.is_valid():
        request.user.workspace.refresh_from_db()  # the page's frame shows the name, as it is
        return _page(request, workspace_form=form)
    # Only these: the counter of conversation numbers on the same row goes on meanwhile.
    form.save(commit=False).save(update_fields=form.Meta.fields)
    messages.success(request, "Saved.")
    return redirect("settings")


@login_required
@require_POST
def choose_triage(request: SignedInRequest) -> HttpResponse:
    _staff_only(request)
    form = TriageForm(request.POST, workspace_id=request.user.workspace_id)
    if form.is_valid():
        try:
            chosen = choose_triage_channel(workspace=request.user.workspace, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            whose = f"{chosen.owner.name}’s" if chosen.owner else "Everybody else’s"
            messages.success(request, f"{whose} conversations are shown in {chosen} from now on.")
            return redirect("settings")
    return _page(request, triage_form=form)


@login_required
@require_POST
def remove_triage(request: SignedInRequest, pk: int) -> HttpResponse:
    _staff_only(request)
    triage = get_object_or_404(TriageChannel, workspace=request.user.workspace_id, pk=pk)
    triage.delete()
    messages.success(request, f"Nothing new is shown in {triage}.")
    return redirect("settings")


@login_required
@require_POST
@never_cache
def make_token(request: SignedInRequest) -> HttpResponse:
    """The answer is the only place that ever holds the token: what is stored is its hash."""
    _, token = AuthToken.objects.create(request.user)
    return _page(request, new_token=token)


@login_required
@require_POST
def revoke_token(request: SignedInRequest) -> HttpResponse:
    """Form: `key`, the token's beginning."""
    token = {token.token_key: token for token in AuthToken.objects.filter(user=request.user)}.get(
        request.POST.get("key", "")
    )
    if token is None:
        raise Http404
    token.delete()
    messages.success(request, "The token is revoked.")
    return redirect("settings")


def _page(
    request: SignedInRequest,
    *,
    workspace_form: WorkspaceForm | None = None,
    triage_form: TriageForm | None = None,
    new_token: str = "",
) -> HttpResponse:
    workspace_id = request.user.workspace_id
    triage = TriageChannel.objects.filter(workspace=workspace_id).select_related("channel", "owner")
    context = {
        "workspace_form": workspace_form or WorkspaceForm(instance=request.user.workspace),
        "triage_form": triage_form or TriageForm(workspace_id=workspace_id),
        "triage_channels": sorted(triage, key=lambda t: (t.owner is not None, t.owner and t.owner.name)),
        "installations": Installation.objects.filter(workspace=workspace_id, provider=Provider.SLACK)
        .defer("credentials")
        .order_by("created_at"),
        "tokens": AuthToken.objects.filter(user=request.user).order_by("-created"),
        "new_token": new_token,
    }
    refused = any(form and form.errors for form in (workspace_form, triage_form))
    return render(request, "settings/settings.html", context, status=400 if refused else 200)


def _staff_only(request: SignedInRequest) -> None:
    if not request.user.is_staff:
        raise PermissionDenied
