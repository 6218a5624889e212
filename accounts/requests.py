from __future__ import annotations

from django.http import HttpRequest

from accounts.models import User


class SignedInRequest(HttpRequest):
    """What a view behind `login_required` is given. `user`: the teammate in the chosen workspace; `login`: the row
    they signed in with, which is the same for most."""

    user: User
    login: User
