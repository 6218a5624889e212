"""Signing in to Zendesk by OAuth.

Facts: developer.zendesk.com/api-reference/ticketing/oauth/grant_type_tokens; …/api-basics/authentication/refresh-token.
A refresh token works once, and ends the access token before it.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from integrations.tools.oauth import OAuth
from integrations.tools.oauth_forms import AppForm
from integrations.zendesk.forms import ZendeskForm


class ZendeskAppForm(AppForm, ZendeskForm):
    email = None  # type: ignore[assignment]  # this is how Django leaves out a field
    token = None  # type: ignore[assignment]


ZENDESK_OAUTH = OAuth(
    name="Zendesk",
    authorize=lambda app: f"{app['address']}/oauth/authorizations/new",
    token=lambda app: f"{app['address']}/oauth/tokens",
    form=ZendeskAppForm,
    steps=[
        _("In Zendesk, open Admin Center → Apps and integrations → APIs → OAuth clients, and add a client."),
        _("Client kind: confidential. Redirect URLs: the address below."),
        _("Save it. Copy its identifier as client ID, and its secret, which is shown once."),
        _("Sign in there as an administrator, or as an agent who sees all tickets: Pylon works in their name."),
    ],
    asked={"scope": "read write"},
    sends_json=True,
)
