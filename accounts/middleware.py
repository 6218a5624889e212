"""As whom somebody acts, and what they may change."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, cast

from allauth.account.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.requests import SignedInRequest
from accounts.roles import NotAllowed, is_own, require_admin, require_change
from accounts.seats import CHOSEN, lacks_second_factor, seat_of

View = Callable[..., HttpResponse]

SAFE = {"GET", "HEAD", "OPTIONS", "TRACE"}
OF_THE_LOGIN = ("/sign-in/", "/sign-out/", "/account/", "/invitations/")
"""Where people are who they sign in as, in whatever workspace: `request.user` is the login there."""
NOT_OURS = (*OF_THE_LOGIN, "/admin/", "/api/")
"""The admin site and the API ask by themselves what somebody may do."""
WITHOUT_SECOND_FACTOR = (*OF_THE_LOGIN, "/workspaces/", "/settings/security/", "/healthz", "/readyz", "/metrics")
SEEN, SEEN_SECONDS = "seen_at", 300
"""How exactly a session's last use is known: not every request writes a row."""


class Seats:
    """`request.user` is the teammate in the workspace they chose, `request.login` the row they signed in with."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        login = request.user
        request.login = login  # type: ignore[attr-defined]
        if not request.path.startswith(OF_THE_LOGIN):
            request.user = cast("User", SimpleLazyObject(lambda: _seat(login, request)))
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        login = cast("SignedInRequest", request).login
        if request.path.startswith(OF_THE_LOGIN) or not login.is_authenticated:
            return None
        _note_use(request, login)
        if not request.user.is_authenticated:
            return _seat_has_ended(request)
        if not request.path.startswith(WITHOUT_SECOND_FACTOR) and lacks_second_factor(login, request.user.workspace):
            if request.method not in SAFE or request.path.startswith("/api/"):
                raise NotAllowed(_("This workspace asks everybody for a second factor: set yours up first."))
            return redirect("security")
        return None


class Roles:
    """The net beneath the verbs: whoever may only read changes nothing, and only admins change the settings."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: View, *_arguments: Any) -> None:
        if request.method in SAFE or request.path.startswith(NOT_OURS) or is_own(view):
            return
        require_change(request.user)
        if request.path.startswith("/settings/"):
            require_admin(request.user)


def _seat(login: Any, request: HttpRequest) -> User | AnonymousUser:
    seat = seat_of(login, request.session) if login.is_authenticated else None
    return seat or AnonymousUser()


def _seat_has_ended(request: HttpRequest) -> HttpResponse:
    """They were removed from the workspace they were in, and have another."""
    del request.session[CHOSEN]
    rotate_token(request)  # a form that is still open was meant for the other workspace
    if request.method not in SAFE:
        raise NotAllowed(_("You no longer have a seat in that workspace: nothing was changed."))
    messages.warning(request, _("You no longer have a seat in the workspace you were in."))
    return redirect("board")


def _note_use(request: HttpRequest, login: User) -> None:
    now = int(time.time())
    signed_in_at = int(login.last_login.timestamp()) if login.last_login else 0
    if now - max(signed_in_at, request.session.get(SEEN, 0)) < SEEN_SECONDS:
        return
    request.session[SEEN] = now
    seen = {"last_seen_at": timezone.now(), "ip": get_adapter(request).get_client_ip(request)}
    UserSession.objects.filter(user=login, session_key=request.session.session_key).update(**seen)
