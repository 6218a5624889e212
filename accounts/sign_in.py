"""How people come in: what django-allauth is told to do in our way."""

from __future__ import annotations

from typing import Any

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.forms import LoginForm, ResetPasswordForm
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts.models import User
from accounts.seats import choose, count_seats, login_of, seats_of

log = structlog.get_logger(__name__)

QUIET = {"account/messages/logged_in.txt", "account/messages/logged_out.txt"}
"""What one sees without being told."""


def come_in(request: HttpRequest, seat: User, *, by: str, next_page: str | None = None) -> HttpResponse:
    """Sign somebody in of whom we know who they are, and lead them on: past their second factor, if they have one."""
    if request.user.is_authenticated:
        logout(request)
    login = login_of(seat)
    choose(seat, request.session)
    record_authentication(request, login, method=by)
    response: HttpResponse = perform_login(request, Login(user=login, redirect_url=next_page))
    return response


class Adapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False  # invitations and Slack are the ways in

    def pre_login(self, request: HttpRequest, user: User, **_: Any) -> HttpResponse | None:
        """Somebody removed from the workspace of their login may still have a seat in another."""
        if not seats_of(user).exists():
            refusal: HttpResponse = self.respond_user_inactive(request, user)
            return refusal
        return None

    def login(self, request: HttpRequest, user: User) -> None:
        super().login(request, user)
        count_seats(user, request.session)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:  # noqa: ARG002
        return reverse("security")

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **kwargs: Any
    ) -> None:
        if message_template not in QUIET:
            super().add_message(request, level, message_template, *args, **kwargs)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """The page says the same whether the address is known or not: so it does when the mail server is away."""
        try:
            super().send_mail(template_prefix, email, context)
        except OSError as error:  # smtplib's errors are such
            log.exception("an e-mail was not sent", template=template_prefix, error=type(error).__name__)


class Backend(AuthenticationBackend):
    def user_can_authenticate(self, user: User) -> bool:
        return user.is_active or seats_of(user).exists()


class SignInForm(LoginForm):
    """The fields' names in the page are those that password managers and scripts know."""

    def add_prefix(self, field_name: str) -> str:
        return {"login": "username"}.get(field_name, field_name)


class ForgottenForm(ResetPasswordForm):
    def clean_email(self) -> str:
        """Only who has a password can have forgotten it: an address told by Slack alone opens nothing."""
        email: str = super().clean_email()
        self.users: list[User] = [user for user in self.users if user.has_usable_password()]
        return email
