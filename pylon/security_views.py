"""What protects one's own sign-in: password, second factor, sessions, API tokens. And which workspace one is in."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from knox.models import AuthToken

from accounts.devices import device
from accounts.requests import SignedInRequest
from accounts.roles import own
from accounts.seats import choose, count_seats, lacks_second_factor, seats_of, sessions_of


@login_required
@require_safe
@never_cache
def page(request: SignedInRequest) -> HttpResponse:
    login = request.login
    factors = {one.type: one for one in Authenticator.objects.filter(user=login)}
    codes = factors.get(Authenticator.Type.RECOVERY_CODES)
    context = {
        "login": login,
        "app": factors.get(Authenticator.Type.TOTP),
        "codes_left": len(codes.wrap().get_unused_codes()) if codes else 0,
        "seats": count_seats(login, request.session),
        "must_set_up": lacks_second_factor(login, request.user.workspace),
        "sessions": [
            {"row": one, "device": device(one.user_agent), "is_current": one.session_key == request.session.session_key}
            for one in sessions_of(login)
        ],
        "tokens": AuthToken.objects.filter(user=request.user).order_by("-created"),
    }
    return render(request, "settings/security.html", context)


@own
@login_required
@require_POST
def end_session(request: SignedInRequest, pk: int) -> HttpResponse:
    mine = {one.pk: one for one in sessions_of(request.login)}
    if pk in mine:
        mine[pk].end()
    messages.success(request, _("That session is signed out."))
    return redirect("security")


@own
@login_required
@require_POST
def end_other_sessions(request: SignedInRequest) -> HttpResponse:
    for one in sessions_of(request.login):
        if one.session_key != request.session.session_key:
            one.end()
    messages.success(request, _("All other sessions are signed out."))
    return redirect("security")


@own
@login_required
@require_POST
def switch(request: SignedInRequest, pk: int) -> HttpResponse:
    """To one of their seats. Pages of the former workspace that are still open can't change anything any more: their
    forms were meant for that one."""
    choose(get_object_or_404(seats_of(request.login), pk=pk), request.session)
    rotate_token(request)
    return redirect("board")
