"""Signing in to Linear by OAuth: linear.app/developers/oauth-2-0-authentication. A token lives for a day; its refresh
token works once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from integrations.linear.forms import ADDRESS, LinearForm
from integrations.tools.oauth import OAuth
from integrations.tools.oauth_forms import AppForm

SIGN_IN = "https://linear.app"


class LinearAppForm(AppForm, LinearForm):
    api_key = None  # type: ignore[assignment]  # this is how Django leaves out a field


def _api(app: Mapping[str, Any]) -> str:
    return str(app.get("address") or ADDRESS).rstrip("/")


LINEAR_OAUTH = OAuth(
    name="Linear",
    authorize=lambda app: f"{SIGN_IN if _api(app) == ADDRESS else _api(app)}/oauth/authorize",
    token=lambda app: f"{_api(app)}/oauth/token",
    form=LinearAppForm,
    steps=[
        _("In Linear, as an admin, open Settings → API → OAuth applications, and make a new one."),
        _("Callback URLs: the address below. Leave Public off."),
        _("Copy client ID and client secret."),
        _("Sign in there as a user made for Pylon, who sees the team: Pylon works in their name."),
    ],
    asked={"scope": "read,write", "prompt": "consent"},
)
