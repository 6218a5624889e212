"""What is entered to connect Intercom."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

KINDS = [("ticket", _("Tickets")), ("conversation", _("Conversations"))]


class IntercomForm(forms.Form):
    token = forms.CharField(
        label=_("Access token"), max_length=400, widget=forms.PasswordInput(attrs={"class": "input"}),
        help_text=_("Of your app in Intercom: Developer Hub → the app → Authentication."),
    )  # fmt: skip
    client_secret = forms.CharField(
        label=_("Client secret"), max_length=200, required=False, widget=forms.PasswordInput(attrs={"class": "input"}),
        help_text=_("Of the same app: Basic information. By it we know that a notification is Intercom’s."),
    )  # fmt: skip
    kind = forms.ChoiceField(
        label=_("A conversation here becomes"), choices=KINDS, widget=forms.Select(attrs={"class": "select"}),
        help_text=_("For both, connect twice, each with an app of its own."),
    )  # fmt: skip
    writer = forms.EmailField(
        label=_("We write as"), required=False, widget=forms.EmailInput(attrs={"class": "input"}),
        help_text=_(
            "The address of a teammate there, in whose name we write what nobody there has said; "
            "empty: whoever made the token."
        ),
    )  # fmt: skip
    address = forms.URLField(
        label=_("Address"), initial="https://api.intercom.io", assume_scheme="https",
        widget=forms.URLInput(attrs={"class": "input"}),
        help_text=_("In Europe https://api.eu.intercom.io, in Australia https://api.au.intercom.io."),
    )  # fmt: skip
