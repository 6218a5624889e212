"""Connecting a support tool by its consent page: the workspace's own app, the way there, and the way back."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.roles import require_admin
from conversations.requests import SignedInRequest
from integrations.tools import consent
from integrations.tools.consent import NoConsent
from pylon.integrations_views import connect_page, find_tool


@login_required
@require_POST
def keep_app(request: SignedInRequest, provider: str) -> HttpResponse:
    """Keep the client id and secret. The way to the tool is a link: a form may lead to no other site here."""
    require_admin(request.user)
    tool = find_tool(provider)
    if tool.oauth is None:
        raise Http404
    form = tool.oauth.form(request.POST, known=consent.app_of(request.user.workspace, tool))
    if not form.is_valid():
        return connect_page(request, tool, app_form=form, status=422)
    consent.keep_app(tool, form.cleaned_data, by=request.user)
    words = _("The app is kept. Now connect with %(tool)s.") % {"tool": tool.name}
    messages.success(request, words)
    return redirect("connect-tool", provider)


@login_required
@require_safe
@never_cache
def begin(request: SignedInRequest, provider: str) -> HttpResponse:
    """To the tool's consent page."""
    require_admin(request.user)
    tool = find_tool(provider)
    try:
        return redirect(consent.begin(tool, user=request.user, session=request.session.session_key or ""))
    except NoConsent as refused:
        return connect_page(request, tool, refusal=str(refused), status=400)


@login_required
@require_safe
@never_cache
def consented(request: SignedInRequest, provider: str) -> HttpResponse:
    """Where the tool leads back to, with `state` and either `code` or `error`."""
    require_admin(request.user)
    tool = find_tool(provider)
    given = {name: request.GET.get(name, "") for name in ("state", "code", "error")}
    try:
        installation = consent.finish(
            tool, user=request.user, session=request.session.session_key or "",
            description=request.GET.get("error_description", ""), **given,
        )  # fmt: skip
    except NoConsent as refused:
        return connect_page(request, tool, refusal=str(refused), status=400)
    messages.success(request, _("%(tool)s is connected.") % {"tool": tool.name})
    return redirect("integration", installation.pk)
