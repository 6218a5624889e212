"""The settings page: our workspace, connected Slack teams, and each teammate's API tokens."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from knox.models import AuthToken

from accounts.forms import WorkspaceForm
from accounts.overrides import forget_profiles
from accounts.requests import SignedInRequest
from accounts.roles import own, require_admin
from integrations.models import Installation, Provider


@login_required
@require_safe
def page(request: SignedInRequest) -> HttpResponse:
    return _page(request)


@login_required
@require_POST
def change_workspace(request: SignedInRequest) -> HttpResponse:
    require_admin(request.user)
    domains = request.user.workspace.email_domains
    form = WorkspaceForm(request.POST, instance=request.user.workspace)
    if not form.is_valid():
        request.user.workspace.refresh_from_db()  # the page's frame shows the name, as it is
        return _page(request, workspace_form=form)
    # Only these: the counter of conversation numbers on the same row goes on meanwhile.
    workspace = form.save(commit=False)
    workspace.save(update_fields=form.Meta.fields)
    if workspace.email_domains != domains:
        forget_profiles(workspace)
    messages.success(request, gettext("Saved."))
    return redirect("settings")


@own
@login_required
@require_POST
@never_cache
def make_token(request: SignedInRequest) -> HttpResponse:
    """The answer is the only place that ever holds the token: what is stored is its hash."""
    _, token = AuthToken.objects.create(request.user)
    return _page(request, new_token=token)


@own
@login_required
@require_POST
def revoke_token(request: SignedInRequest) -> HttpResponse:
    """Form: `key`, the token's beginning, and `from`, the page to go back to."""
    token = {token.token_key: token for token in AuthToken.objects.filter(user=request.user)}.get(
        request.POST.get("key", "")
    )
    if token is None:
        raise Http404
    token.delete()
    messages.success(request, gettext("The token is revoked."))
    return redirect("security" if request.POST.get("from") == "security" else "settings")


def _page(
    request: SignedInRequest,
    *,
    workspace_form: WorkspaceForm | None = None,
    new_token: str = "",
) -> HttpResponse:
    workspace_id = request.user.workspace_id
    context = {
        "workspace_form": workspace_form or WorkspaceForm(instance=request.user.workspace),
        "installations": Installation.objects.filter(workspace=workspace_id, provider=Provider.SLACK)
        .defer("credentials")
        .order_by("created_at"),
        "tokens": AuthToken.objects.filter(user=request.user).order_by("-created"),
        "new_token": new_token,
    }
    refused = workspace_form is not None and workspace_form.errors
    return render(request, "settings/settings.html", context, status=400 if refused else 200)
