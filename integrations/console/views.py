"""The console's own pages: what an agent sees and does in a support tool."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import SignedInRequest
from integrations.console.forms import CommentForm, TicketForm
from integrations.models import ConsoleComment, ConsoleTicket, Installation, Provider
from integrations.tools.hearing import hear

SHOWN = 100
"""Tickets on the page, the newest."""


@login_required
@require_safe
def tickets(request: SignedInRequest, pk: int) -> HttpResponse:
    installation = _installation(request, pk)
    shown = ConsoleTicket.objects.filter(installation=installation)[:SHOWN]
    return render(request, "settings/integrations/console.html", {"installation": installation, "tickets": shown})


@login_required
@require_safe
def ticket(request: SignedInRequest, pk: int, number: int) -> HttpResponse:
    found = _ticket(request, pk, number)
    return _page(request, found, CommentForm(), TicketForm(initial=_initial(found)))


@login_required
@require_POST
def comment(request: SignedInRequest, pk: int, number: int) -> HttpResponse:
    """Written as an agent there would, in the teammate's own name."""
    found = _ticket(request, pk, number, changes=True)
    form = CommentForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form, TicketForm(initial=_initial(found)), status=422)
    ConsoleComment.objects.create(
        ticket=found, text=form.cleaned_data["text"], author_name=request.user.name,
        author_email=request.user.email or "", is_public=form.cleaned_data["is_public"],
    )  # fmt: skip
    return _touched(found)


@login_required
@require_POST
def change(request: SignedInRequest, pk: int, number: int) -> HttpResponse:
    """The status and the owner."""
    found = _ticket(request, pk, number, changes=True)
    form = TicketForm(request.POST)
    if not form.is_valid():
        return _page(request, found, CommentForm(), form, status=422)
    entered = form.cleaned_data
    return _touched(found, status=entered["status"], owner_email=entered["owner"])


@login_required
@require_POST
def remove(request: SignedInRequest, pk: int, number: int) -> HttpResponse:
    """As an agent might: what becomes of the conversation's link can be tried that way."""
    found = _ticket(request, pk, number, changes=True)
    external_id = str(found.pk)
    found.delete()
    hear(found.installation, [external_id])
    return redirect("console", pk)


def _touched(found: ConsoleTicket, **changes: Any) -> HttpResponse:
    ConsoleTicket.objects.filter(pk=found.pk).update(version=F("version") + 1, updated_at=timezone.now(), **changes)
    hear(found.installation, [str(found.pk)])
    return redirect("console-ticket", found.installation_id, found.number)


def _page(
    request: SignedInRequest, found: ConsoleTicket, comment: CommentForm, change: TicketForm, *, status: int = 200
) -> HttpResponse:
    context = {
        "installation": found.installation, "ticket": found, "comments": found.comments.all(),
        "comment_form": comment, "ticket_form": change,
    }  # fmt: skip
    return render(request, "settings/integrations/console_ticket.html", context, status=status)


def _initial(found: ConsoleTicket) -> dict[str, str]:
    return {"status": found.status, "owner": found.owner_email}


def _ticket(request: SignedInRequest, pk: int, number: int, *, changes: bool = False) -> ConsoleTicket:
    if changes and not request.user.may_change:
        raise PermissionDenied
    tickets = ConsoleTicket.objects.select_related("installation")
    return get_object_or_404(tickets, installation=_installation(request, pk), number=number)


def _installation(request: SignedInRequest, pk: int) -> Installation:
    ours = Installation.objects.filter(workspace=request.user.workspace_id, provider=Provider.CONSOLE)
    return get_object_or_404(ours, pk=pk)
