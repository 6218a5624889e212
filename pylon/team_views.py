"""Who is in the team: people, roles, invitations, and the rules for signing in."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts import team
from accounts.forms import SignInRulesForm
from accounts.invitation_forms import InviteForm
from accounts.invitations import invite, open_ones, renew, revoke
from accounts.models import Invitation, Role, User
from accounts.requests import SignedInRequest
from accounts.roles import NotAllowed, for_admins
from accounts.seats import lacks_second_factor
from integrations.slack import sign_in
from pylon import invitation_mail


@login_required
@require_safe
def page(request: SignedInRequest) -> HttpResponse:
    return _page(request)


@login_required
@for_admins
@require_POST
def change_role(request: SignedInRequest, pk: int) -> HttpResponse:
    """Form: `role`."""
    role = request.POST.get("role", "")
    if role not in Role:
        raise Http404
    return _after(request, pk, lambda teammate: team.change_role(teammate=teammate, role=Role(role), by=request.user))


@login_required
@for_admins
@require_POST
def remove(request: SignedInRequest, pk: int) -> HttpResponse:
    return _after(request, pk, lambda teammate: team.remove(teammate=teammate, by=request.user))


@login_required
@for_admins
@require_POST
def bring_back(request: SignedInRequest, pk: int) -> HttpResponse:
    return _after(request, pk, lambda teammate: team.bring_back(teammate=teammate, by=request.user))


@login_required
@for_admins
@require_POST
def change_rules(request: SignedInRequest) -> HttpResponse:
    form = SignInRulesForm(request.POST, instance=request.user.workspace)
    if form.is_valid() and lacks_second_factor(request.login, form.instance):
        form.add_error("requires_second_factor", _("Set up your own second factor first: see Security."))
    if not form.is_valid():
        request.user.workspace.refresh_from_db()
        return _page(request, rules=form)
    form.save(commit=False).save(update_fields=form.Meta.fields)
    messages.success(request, _("Saved."))
    return redirect("team")


@login_required
@for_admins
@require_POST
@never_cache
def send_invitation(request: SignedInRequest) -> HttpResponse:
    form = InviteForm(request.POST)
    if form.is_valid():
        try:
            invitation, secret = invite(**form.cleaned_data, by=request.user)
        except ValidationError as error:
            form.add_error("email", error)
        else:
            return _told(request, invitation, secret)
    return _page(request, invite_form=form)


@login_required
@for_admins
@require_POST
@never_cache
def renew_invitation(request: SignedInRequest, pk: int) -> HttpResponse:
    invitation = get_object_or_404(open_ones(request.user.workspace), pk=pk)
    try:
        return _told(request, invitation, renew(invitation=invitation, by=request.user))
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("team")


@login_required
@for_admins
@require_POST
def revoke_invitation(request: SignedInRequest, pk: int) -> HttpResponse:
    revoke(invitation=get_object_or_404(open_ones(request.user.workspace), pk=pk), by=request.user)
    messages.success(request, _("The invitation is withdrawn: its link opens nothing any more."))
    return redirect("team")


def _after(request: SignedInRequest, pk: int, change: Callable[[User], None]) -> HttpResponse:
    teammate = get_object_or_404(request.user.workspace.users, pk=pk)
    try:
        change(teammate)
    except NotAllowed as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Saved."))
    return redirect("team")


def _told(request: SignedInRequest, invitation: Invitation, secret: str) -> HttpResponse:
    """The answer is the only place that shows the link: what is stored is its hash."""
    invitation_mail.send(invitation, secret)
    return _page(request, told=invitation, link=invitation_mail.link(secret))


def _page(
    request: SignedInRequest, *, invite_form: InviteForm | None = None, rules: SignInRulesForm | None = None,
    told: Invitation | None = None, link: str = "",
) -> HttpResponse:  # fmt: skip
    workspace = request.user.workspace
    context = {
        "people": workspace.users.select_related("signs_in_as").order_by("-is_active", "name", "pk"),
        "roles": Role.choices,
        "invitations": open_ones(workspace) if request.user.is_admin else [],
        "now": timezone.now(),
        "invite_form": invite_form or InviteForm(),
        "rules": rules or SignInRulesForm(instance=workspace),
        "told": told,
        "link": link,
        "sends_mail": bool(settings.EMAIL_URL),
        "slack_signs_in": sign_in.can_sign_in(),
    }
    refused = any(form is not None and form.errors for form in (invite_form, rules))
    return render(request, "settings/team.html", context, status=400 if refused else 200)
