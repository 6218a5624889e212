"""What is entered to connect Linear."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

ADDRESS = "https://api.linear.app"


class LinearForm(forms.Form):
    api_key = forms.CharField(
        label=_("API key"), max_length=400, widget=forms.PasswordInput(attrs={"class": "input"}),
        help_text=_("Settings → Security & access → Personal API keys, best of a user made for Pylon."),
    )  # fmt: skip
    team = forms.CharField(
        label=_("Team"), max_length=80, widget=forms.TextInput(attrs={"class": "input"}),
        help_text=_("Its identifier, such as SUP, or its name. New issues are made in it."),
    )  # fmt: skip
    signing_secret = forms.CharField(
        label=_("Signing secret"), max_length=400, required=False, widget=forms.PasswordInput(attrs={"class": "input"}),
        help_text=_("Of the webhook. Empty: we ask every ten minutes."),
    )  # fmt: skip
    address = forms.URLField(
        label=_("Address of the API"), assume_scheme="https", required=False, initial=ADDRESS,
        widget=forms.URLInput(attrs={"class": "input"}),
    )  # fmt: skip
