"""What is entered to connect Salesforce."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class SalesforceForm(forms.Form):
    address = forms.URLField(
        label=_("My Domain address"), assume_scheme="https", widget=forms.URLInput(attrs={"class": "input"}),
        help_text=_("https://yourcompany.my.salesforce.com; of a sandbox https://yourcompany--name.sandbox.my.salesforce.com."),
    )  # fmt: skip
    client_id = forms.CharField(
        label=_("Consumer key"), max_length=400, widget=forms.TextInput(attrs={"class": "input"}),
        help_text=_("Of your external client app or connected app: Settings → OAuth Settings."),
    )  # fmt: skip
    client_secret = forms.CharField(
        label=_("Consumer secret"), max_length=400, widget=forms.PasswordInput(attrs={"class": "input"})
    )
    refresh_token = forms.CharField(
        label=_("Refresh token"), max_length=800, required=False, widget=forms.PasswordInput(attrs={"class": "input"}),
        help_text=_("Empty: we sign in as the user that the app’s client credentials flow runs as."),
    )  # fmt: skip
