"""Signing in to Salesforce by OAuth: Salesforce Help, OAuth 2.0 Web Server Flow, OAuth 2.0 Refresh Token Flow."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from integrations.salesforce.forms import SalesforceForm
from integrations.tools.oauth import OAuth
from integrations.tools.oauth_forms import AppForm


class SalesforceAppForm(AppForm, SalesforceForm):
    refresh_token = None  # type: ignore[assignment]  # this is how Django leaves out a field

    def clean_address(self) -> str:
        return str(self.cleaned_data["address"]).rstrip("/")


SALESFORCE_OAUTH = OAuth(
    name="Salesforce",
    authorize=lambda app: f"{app['address']}/services/oauth2/authorize",
    token=lambda app: f"{app['address']}/services/oauth2/token",
    form=SalesforceAppForm,
    steps=[
        _("In Salesforce, open Setup → External Client App Manager → New External Client App."),
        _("Enable OAuth, and enter the address below as callback URL."),
        _(
            "Choose the scopes “Manage user data via APIs (api)” and “Perform requests at any time (refresh_token, "
            "offline_access)”."
        ),
        _("Require a secret for the web server flow and for the refresh token flow; PKCE may be required."),
        _(
            "Copy the consumer key as client ID, the consumer secret as client secret. A new app works after up to ten "
            "minutes."
        ),
    ],
    asked={"scope": "api refresh_token"},
)
