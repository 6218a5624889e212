"""Installing the Slack app: its manifest, the way to Slack's consent page, and the way back."""

from __future__ import annotations

import yaml
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.requests import SignedInRequest
from accounts.roles import require_admin
from integrations.slack.credentials import app_named
from integrations.slack.manifest import manifest, prefers_socket_mode
from integrations.slack.oauth import InstallRefused, begin, finish


@require_safe
def show_manifest(request: HttpRequest) -> HttpResponse:
    """With this installation's addresses, for everybody. `mode` is http or socket, `format` json or yaml,
    `rotation` on for tokens that expire."""
    asked = request.GET
    mode, form = asked.get("mode", ""), asked.get("format", "json")
    if mode not in {"", "http", "socket"} or form not in {"json", "yaml"}:
        return HttpResponse("mode is http or socket, format is json or yaml.\n", status=400, content_type="text/plain")
    socket_mode = mode == "socket" if mode else prefers_socket_mode(settings.BASE_URL)
    made = manifest(settings.BASE_URL, socket_mode=socket_mode, rotates=asked.get("rotation") == "on")
    if form == "yaml":
        text = yaml.safe_dump(made, sort_keys=False, allow_unicode=True)
        return HttpResponse(text, content_type="application/yaml; charset=utf-8")
    return JsonResponse(made, json_dumps_params={"indent": 2, "ensure_ascii": False})


@login_required
@require_safe
@never_cache
def install(request: SignedInRequest) -> HttpResponse:
    """To Slack's consent page. `app`: which of the apps, the first one if not given."""
    require_admin(request.user)
    app = app_named(request.GET.get("app", ""))
    if app is None or not app.can_install:
        messages.error(request, _("First paste the app’s client id and client secret."))
        return redirect("slack-settings")
    return redirect(begin(user=request.user, app=app))


@login_required
@require_safe
@never_cache
def callback(request: SignedInRequest) -> HttpResponse:
    """Where Slack leads back to, with `state` and either `code` or `error`."""
    require_admin(request.user)
    given = {name: request.GET.get(name, "") for name in ("state", "code", "error")}
    try:
        installation = finish(user=request.user, **given)
    except InstallRefused as refused:
        return render(request, "settings/slack/refused.html", {"reason": str(refused)}, status=400)
    messages.success(request, _("Pylon is installed in %(name)s.") % {"name": installation.name})
    return redirect("slack-settings")
