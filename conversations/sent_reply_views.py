"""What becomes of a reply: taken back, tried again; and once it was sent, edited or deleted in Slack as well."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from conversations import replying
from conversations.models import Reply
from conversations.requests import SignedInRequest
from conversations.views import after, find, onwards, show_page


@login_required
@require_POST
def take_back(request: SignedInRequest, number: int, pk: int) -> HttpResponse:
    """What was written goes back into the composer."""
    reply = _reply(request, pk)
    if problem := _tried(lambda: replying.take_back(reply=reply, by=request.user)):
        return _refused(request, number, problem)
    return onwards(request, reverse("write-reply", args=[number]), **{"from": reply.pk})


@login_required
@require_POST
def try_again(request: SignedInRequest, number: int, pk: int) -> HttpResponse:
    reply = _reply(request, pk)
    if problem := _tried(lambda: replying.try_again(reply=reply, by=request.user)):
        return _refused(request, number, problem)
    return after(request, find(request, number))


@login_required
@require_POST
def leave(request: SignedInRequest, number: int, pk: int) -> HttpResponse:
    """Give a change up that could not be made."""
    reply = _reply(request, pk)
    if problem := _tried(lambda: replying.leave_unchanged(reply=reply, by=request.user)):
        return _refused(request, number, problem)
    return after(request, find(request, number))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
def edit(request: SignedInRequest, number: int, pk: int) -> HttpResponse:
    """Form: `reply_text`, the new wording."""
    reply, text, problem = _reply(request, pk), request.POST.get("reply_text", ""), ""
    if request.method == "POST":
        problem = _tried(lambda: replying.edit_reply(reply=reply, text=text, by=request.user))
        if not problem:
            return _done(request, number)
    shown = {"composer": "edit", "reply_text": text or reply.text, "reply_length": replying.LENGTH}
    return _asked(request, number, reply, problem, shown)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
def delete(request: SignedInRequest, number: int, pk: int) -> HttpResponse:
    """Asks first."""
    reply, problem = _reply(request, pk), ""
    if request.method == "POST":
        problem = _tried(lambda: replying.delete_reply(reply=reply, by=request.user))
        if not problem:
            return _done(request, number)
    return _asked(request, number, reply, problem, {"composer": "delete"})


def _reply(request: SignedInRequest, pk: int) -> Reply:
    return get_object_or_404(request.user.workspace.replies.select_related("message"), pk=pk)


def _tried(act: Callable[[], Reply]) -> str:
    """Why it can't be, if so."""
    try:
        act()
    except ValidationError as error:
        return str(error.messages[0])
    return ""


def _asked(request: SignedInRequest, number: int, reply: Reply, problem: str, extra: dict[str, object]) -> HttpResponse:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    context = extra | {"with_composer": True, "reply": reply, "reply_error": problem}
    return show_page(request, find(request, number), status=status, extra=context)


def _refused(request: SignedInRequest, number: int, problem: str) -> HttpResponse:
    return after(request, find(request, number), error=problem, status=HTTPStatus.CONFLICT)


def _done(request: SignedInRequest, number: int) -> HttpResponse:
    return onwards(request, find(request, number).get_absolute_url(), composer="again")
