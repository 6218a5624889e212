"""What people do with conversations' tickets, on a conversation's page and on the board."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.roles import require_change
from conversations.bulk import MOST
from conversations.bulk_views import answer, chosen, whole_numbers
from conversations.requests import SignedInRequest
from conversations.views import after, find, whole_number
from integrations.models import Installation, Link, LinkKind
from integrations.tools import linking, linking_many, resuming
from integrations.tools.errors import Gone, ToolError
from integrations.tools.registry import TOOLS

ACTS = {"retry": resuming.try_again, "skip": resuming.skip, "disconnect": linking.disconnect}


@login_required
@require_POST
def connect(request: SignedInRequest, number: int) -> HttpResponse:
    """Form: `tool`, an installation's id."""
    found, tool = find(request, number), _tool(request, request.POST.get("tool", ""))
    try:
        linking.connect(found, tool, by=request.user)
    except ValidationError as error:
        return after(request, found, error=error.messages[0], status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return after(request, found)


@login_required
@require_POST
def connect_many(request: SignedInRequest) -> HttpResponse:
    """Form: `id` of each conversation, `tool`, an installation's id, and `query`, the board's."""
    tool, ids = _tool(request, request.POST.get("tool", "")), whole_numbers(request.POST.getlist("id"))
    if not 0 < len(ids) <= MOST:
        return HttpResponseBadRequest(_("1 to %(most)d conversations.") % {"most": MOST}, content_type="text/plain")
    conversations = chosen(request, ids)
    outcome = linking_many.connect_many(conversations, tool, by=request.user)
    told = linking_many.words(outcome, tool, asked=len(conversations))
    return answer(request, outcome, told, ids)


@login_required
@require_safe
def find_ticket(request: SignedInRequest, number: int) -> HttpResponse:
    """Query: `tool` and `q`. Asks the tool."""
    require_change(request.user)
    found, tool = find(request, number), _tool(request, request.GET.get("tool", ""))
    context: dict[str, object] = {"conversation": found, "tool": tool}
    try:
        context["found"] = linking.find(tool, request.GET.get("q", ""))
    except ToolError as error:
        context["error"] = str(error)
    return render(request, "integrations/_found.html" if request.htmx else "integrations/find.html", context)


@login_required
@require_POST
def link(request: SignedInRequest, number: int) -> HttpResponse:
    """Form: `tool` and `ticket`, its id there. Asks the tool."""
    found, tool = find(request, number), _tool(request, request.POST.get("tool", ""))
    try:
        linking.link_existing(found, tool, request.POST.get("ticket", "")[:128], by=request.user)
    except Gone:
        return after(request, found, error=_("That ticket is gone."), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    except ToolError as error:
        return after(request, found, error=str(error), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    except ValidationError as error:
        return after(request, found, error=error.messages[0], status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return after(request, found)


@login_required
@require_POST
def change(request: SignedInRequest, number: int, pk: int) -> HttpResponse:
    """Form: `do`, one of ACTS."""
    found = find(request, number)
    mine = Link.objects.filter(conversation=found, kind=LinkKind.TICKET, ended_at=None).select_related("installation")
    act = ACTS.get(request.POST.get("do", ""))
    if act is None:
        return HttpResponseBadRequest(_("There is no such thing to do."), content_type="text/plain")
    try:
        act(get_object_or_404(mine, pk=pk), by=request.user)
    except ValidationError as error:
        return after(request, found, error=error.messages[0], status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return after(request, found)


def _tool(request: SignedInRequest, pk: str) -> Installation:
    ours = Installation.objects.filter(workspace=request.user.workspace_id, provider__in=TOOLS, removed_at=None)
    return get_object_or_404(ours, pk=whole_number(pk))
