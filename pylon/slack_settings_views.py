"""The settings' page of the Slack connection: make the app, paste its credentials, install, watch it come alive."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlsplit

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.roles import require_admin
from conversations.requests import SignedInRequest
from integrations.models import Installation, Provider, SlackApp
from integrations.slack import checklist
from integrations.slack.credentials import apps
from integrations.slack.install_forms import BotTokenForm, SlackAppForm
from integrations.slack.manifest import manifest, prefers_socket_mode
from integrations.slack.oauth import InstallRefused
from integrations.slack.pasting import connect_by_token, may_change, remove_app, save_app

ENVIRONMENT = [
    "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN", "SLACK_BOT_TOKEN",
]  # fmt: skip


@login_required
@require_safe
@never_cache
def page(request: SignedInRequest) -> HttpResponse:
    """`mode`: which manifest is shown, http or socket."""
    require_admin(request.user)
    return _page(request)


@login_required
@require_safe
@never_cache
def show_checklist(request: SignedInRequest) -> HttpResponse:
    """What changes while somebody watches. Asks Slack, so it is no part of the page's first answer."""
    require_admin(request.user)
    teams = [_team(installation) for installation in _installations(request)]
    context = {"teams": teams, "address": checklist.address(), "waiting": None if teams else checklist.requests()}
    template = "settings/slack/_checklist.html" if request.htmx else "settings/slack/checklist.html"
    return render(request, template, context)


@login_required
@require_POST
@never_cache
def paste_app(request: SignedInRequest) -> HttpResponse:
    require_admin(request.user)
    form = SlackAppForm(request.POST)
    if _done(form, lambda: save_app(form.pasted(), by=request.user)):
        messages.success(request, _("Slack knows this app. Its secrets are kept encrypted. Next: install it."))
        return redirect("slack-settings")
    return _page(request, app_form=form)


@login_required
@require_POST
def forget_app(request: SignedInRequest, pk: int) -> HttpResponse:
    require_admin(request.user)
    try:
        remove_app(get_object_or_404(SlackApp, pk=pk), by=request.user)
    except InstallRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The app’s credentials are removed. What it sends is refused from now on."))
    return redirect("slack-settings")


@login_required
@require_POST
@never_cache
def paste_token(request: SignedInRequest) -> HttpResponse:
    require_admin(request.user)
    form = BotTokenForm(request.POST)
    if _done(form, lambda: connect_by_token(form.cleaned_data["bot_token"], by=request.user)):
        messages.success(request, _("The Slack workspace is connected."))
        return redirect("slack-settings")
    return _page(request, token_form=form)


def _done(form: forms.Form, do: Callable[[], object]) -> bool:
    """False when the form, or Slack, has something against it: the form says what."""
    if not form.is_valid():
        return False
    try:
        do()
    except InstallRefused as refused:
        form.add_error(None, str(refused))
        return False
    return True


def _page(
    request: SignedInRequest, *, app_form: SlackAppForm | None = None, token_form: BotTokenForm | None = None
) -> HttpResponse:
    mode = request.GET.get("mode", "")
    socket_mode = mode == "socket" if mode else prefers_socket_mode(settings.BASE_URL)
    made = manifest(settings.BASE_URL, socket_mode=socket_mode)
    mine = {str(row.pk) for row in SlackApp.objects.defer("credentials") if may_change(row, request.user.workspace)}
    context: dict[str, Any] = {
        "installations": _installations(request),
        "apps": apps(),
        "mine": mine,
        "environment": [name for name in ENVIRONMENT if getattr(settings, name)],
        "app_form": app_form or SlackAppForm(),
        "token_form": token_form or BotTokenForm(),
        "socket_mode": socket_mode,
        "can_come_back": settings.BASE_URL.startswith("https://") or "slack.com" not in settings.SLACK_API_URL,
        "base_url": settings.BASE_URL,
        "manifest": json.dumps(made, indent=2, ensure_ascii=False),
        "create_url": _create_url(made),
    }
    refused = any(form and form.errors for form in (app_form, token_form))
    return render(request, "settings/slack/slack.html", context, status=400 if refused else 200)


def _team(installation: Installation) -> dict[str, Any]:
    events = checklist.events(installation)
    return {
        "installation": installation,
        "facts": checklist.facts(installation),
        "seen": [event for event in events if event.seen_at],
        "unseen": [event for event in events if not event.seen_at],
    }


def _installations(request: SignedInRequest) -> QuerySet[Installation]:
    installations = Installation.objects.filter(workspace=request.user.workspace_id, provider=Provider.SLACK)
    return installations.select_related("slack_app").order_by("created_at")


def _create_url(made: dict[str, Any]) -> str:
    """Slack's page for apps, with the manifest filled in; that of a stand-in lies beside its API."""
    api = urlsplit(settings.SLACK_API_URL)
    host = "api.slack.com" if api.hostname == "slack.com" else api.netloc
    return f"{api.scheme}://{host}/apps?new_app=1&manifest_json={quote(json.dumps(made, separators=(',', ':')))}"
