"""The settings' pages of support tools: connecting them, what goes over and how, and how they stand."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.roles import require_admin
from conversations.requests import SignedInRequest
from integrations.models import Installation, Link, LinkKind
from integrations.tools import connecting, consent, resuming
from integrations.tools.config import Config
from integrations.tools.errors import ToolError
from integrations.tools.forms import ConfigForm
from integrations.tools.registry import TOOLS, adapter_of, tool_of
from integrations.tools.standing import standing
from integrations.tools.tool import Tool
from integrations.trouble import TROUBLE

STOPPED = 50
"""Stopped links that are shown, the newest."""


@login_required
@require_safe
def page(request: SignedInRequest) -> HttpResponse:
    """The tools that are connected, and those that can be."""
    connected = connecting.tools_of(request.user.workspace)
    context = {
        "connected": [(tool_of(one), one, _links(one).count()) for one in connected],
        "tools": list(TOOLS.values()),
    }
    return render(request, "settings/integrations/integrations.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def connect(request: SignedInRequest, provider: str) -> HttpResponse:
    """Connect a tool, or connect it again with other credentials."""
    require_admin(request.user)
    tool = find_tool(provider)
    form = tool.form(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            connected = tool.connect(form.cleaned_data, request.user.workspace)
            installation = connecting.connect_tool(tool, connected, by=request.user)
        except ToolError as error:
            form.add_error(None, TROUBLE.told(str(error)))
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("%(tool)s is connected.") % {"tool": tool.name})
            return redirect("integration", installation.pk)
    return connect_page(request, tool, form=form, status=422 if request.method == "POST" else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def integration(request: SignedInRequest, pk: int) -> HttpResponse:
    """How a tool stands, and what was chosen for it; POST chooses."""
    installation = find(request, pk)
    form, trouble = _form(request, installation)
    if request.method == "POST":
        require_admin(request.user)
        if form and form.is_valid():
            connecting.configure(installation, form.config, by=request.user)
            messages.success(request, _("Saved."))
            return redirect("integration", pk)
    refused = request.method == "POST"
    return _page(request, installation, form, trouble, status=422 if refused else 200)


@login_required
@require_POST
def test(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask the tool whether all is there that we need."""
    require_admin(request.user)
    installation = find(request, pk)
    context: dict[str, Any] = {"installation": installation}
    try:
        context["findings"] = adapter_of(installation).check()
    except ToolError as error:
        context["trouble"] = TROUBLE.told(str(error))
    return render(request, "settings/integrations/test.html", context)


@login_required
@require_POST
def retry(request: SignedInRequest, pk: int) -> HttpResponse:
    """Go on with all links of the tool that have stopped."""
    stopped = _stopped(find(request, pk))
    for link in stopped:
        resuming.try_again(link, by=request.user)
    messages.success(request, _("They are tried again."))
    return redirect("integration", pk)


@login_required
@require_POST
def disconnect(request: SignedInRequest, pk: int) -> HttpResponse:
    installation = find(request, pk)
    connecting.disconnect_tool(installation, by=request.user)
    words = _("%(tool)s is disconnected. Tickets and conversations stay as they are.")
    messages.success(request, words % {"tool": installation.get_provider_display()})
    return redirect("integrations")


def find(request: SignedInRequest, pk: int) -> Installation:
    """Through the reader's workspace: a stranger's tool does not exist."""
    ours = Installation.objects.filter(workspace=request.user.workspace_id, provider__in=TOOLS, removed_at=None)
    return get_object_or_404(ours, pk=pk)


def find_tool(provider: str) -> Tool:
    tool = TOOLS.get(provider)
    if tool is None:
        raise Http404
    return tool


def connect_page(
    request: SignedInRequest, tool: Tool, *, form: Form | None = None, app_form: Form | None = None,
    refusal: str = "", status: int = 200,
) -> HttpResponse:  # fmt: skip
    """Both ways of connecting a tool. `refusal`: why it came to nothing just now."""
    app = consent.app_of(request.user.workspace, tool) if tool.oauth else {}
    context = {
        "tool": tool, "form": form or tool.form(), "refusal": refusal, "app": app,
        "app_form": app_form or (tool.oauth.form(known=app) if tool.oauth else None),
        "redirect_uri": consent.redirect_uri(tool) if tool.oauth else "",
    }  # fmt: skip
    return render(request, "settings/integrations/connect.html", context, status=status)


def _page(
    request: SignedInRequest, installation: Installation, form: ConfigForm | None, trouble: str, *, status: int
) -> HttpResponse:
    tool, stopped = tool_of(installation), _stopped(installation)
    context = {
        "tool": tool, "installation": installation, "form": form, "trouble": trouble,
        "webhook": _webhook(tool, installation), "can": adapter_of(installation).can,
        "stopped": [standing(link) for link in stopped[:STOPPED]], "stopped_count": stopped.count(),
        "links": _links(installation).count(),
    }  # fmt: skip
    return render(request, "settings/integrations/integration.html", context, status=status)


def _form(request: SignedInRequest, installation: Installation) -> tuple[ConfigForm | None, str]:
    """The form, or why there is none: what can be chosen is read from the tool."""
    adapter = adapter_of(installation)
    try:
        choices = adapter.choices()
    except ToolError as error:
        return None, TROUBLE.told(str(error))
    data = request.POST if request.method == "POST" else None
    config = Config.read(installation.config)
    return ConfigForm(data, workspace_id=request.user.workspace_id, config=config, choices=choices, can=adapter.can), ""


def _webhook(tool: Tool, installation: Installation) -> str:
    if not tool.webhook_advice:
        return ""
    return f"{settings.BASE_URL}{reverse('tool-webhook', args=[installation.provider, installation.webhook_key])}"


def _links(installation: Installation) -> QuerySet[Link]:
    return Link.objects.filter(installation=installation, kind=LinkKind.TICKET, ended_at=None)


def _stopped(installation: Installation) -> QuerySet[Link]:
    stopped = _links(installation).exclude(stopped_at=None).order_by("-stopped_at")
    return stopped.select_related("installation", "conversation")
