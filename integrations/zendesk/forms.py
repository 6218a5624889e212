"""What is entered to connect Zendesk."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

SUBDOMAIN = re.compile(r"[a-z0-9][a-z0-9-]{0,62}", re.IGNORECASE)
ADDRESS = re.compile(r"https?://[^/\s?#@]+/?", re.IGNORECASE)


class ZendeskForm(forms.Form):
    """`address` cleans to the full address."""

    address = forms.CharField(
        label=gettext_lazy("Subdomain or address"), max_length=200, widget=forms.TextInput(attrs={"class": "input"}),
        help_text=gettext_lazy("acme, for acme.zendesk.com; or the whole address."),
    )  # fmt: skip
    email = forms.EmailField(
        label=gettext_lazy("E-mail address of an agent"), required=False,
        widget=forms.EmailInput(attrs={"class": "input"}),
        help_text=gettext_lazy("In whose name we write there. Empty for an OAuth token."),
    )  # fmt: skip
    token = forms.CharField(
        label=gettext_lazy("API token or OAuth token"), max_length=400,
        widget=forms.PasswordInput(attrs={"class": "input", "autocomplete": "off"}),
        help_text=gettext_lazy("Admin Center → Apps and integrations → APIs."),
    )  # fmt: skip
    webhook_secret = forms.CharField(
        label=gettext_lazy("Signing secret of the webhook"), max_length=200, required=False,
        widget=forms.PasswordInput(attrs={"class": "input", "autocomplete": "off"}),
        help_text=gettext_lazy("Empty: the test button makes the webhook, where the token’s user is an administrator."),
    )  # fmt: skip
    follow_up = forms.BooleanField(
        label=gettext_lazy("Make a follow-up ticket when something is said after a ticket was closed for good"),
        required=False,
    )  # fmt: skip

    def clean_address(self) -> Any:
        entered = str(self.cleaned_data["address"]).strip()
        if SUBDOMAIN.fullmatch(entered):
            return f"https://{entered.lower()}.zendesk.com"
        if re.fullmatch(r"[a-z0-9.-]+\.[a-z]+", entered, re.IGNORECASE):
            return f"https://{entered.lower()}"
        if ADDRESS.fullmatch(entered):
            return entered.rstrip("/")
        raise forms.ValidationError(_("Enter a subdomain, or an address such as https://acme.zendesk.com."))
