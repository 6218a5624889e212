"""Signing in to Intercom by OAuth.

Facts: developers.intercom.com/docs/build-an-integration/learn-more/authentication/setting-up-oauth. What the app may do
is chosen in the app; tokens do not end by themselves; PKCE is not spoken of.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from integrations.intercom.forms import IntercomForm
from integrations.tools.oauth import OAuth
from integrations.tools.oauth_forms import AppForm

SIGN_IN = {
    "https://api.intercom.io": "https://app.intercom.com",
    "https://api.eu.intercom.io": "https://app.eu.intercom.com",
    "https://api.au.intercom.io": "https://app.au.intercom.com",
}
"""Where people sign in, by the address of the API."""


class IntercomAppForm(AppForm, IntercomForm):
    token = None  # type: ignore[assignment]  # this is how Django leaves out a field


def _consent_page(app: Mapping[str, Any]) -> str:
    address = str(app["address"]).rstrip("/")
    return f"{SIGN_IN.get(address, address)}/oauth"


INTERCOM_OAUTH = OAuth(
    name="Intercom",
    authorize=_consent_page,
    token=lambda app: f"{str(app['address']).rstrip('/')}/auth/eagle/token",
    form=IntercomAppForm,
    steps=[
        _("In Intercom, open Settings → Integrations → Developer Hub, and make a new app in your workspace."),
        _("Under Authentication, press Edit, choose Use OAuth, and add the address below to the redirect URLs."),
        _(
            "There, let it read and list users and companies, write users, read admins, read and write conversations, "
            "and for tickets read and write tickets."
        ),
        _("Copy client ID and client secret from Basic information."),
    ],
    pkce=False,
)
