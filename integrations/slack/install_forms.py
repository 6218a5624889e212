"""What staff paste to connect Slack. Secrets are taken in and never shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.slack.credentials import Pasted

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


def _secret(label: StrOrPromise, help_text: StrOrPromise = "", *, required: bool = True) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"class": "input mono", "autocomplete": "off"})
    return forms.CharField(label=label, help_text=help_text, required=required, max_length=300, widget=widget)


class SlackAppForm(forms.Form):
    client_id = forms.RegexField(
        r"^[0-9]+\.[0-9]+$",
        label="Client ID",
        max_length=64,
        widget=forms.TextInput(attrs={"class": "input mono", "autocomplete": "off"}),
        error_messages={"invalid": gettext_lazy("A client id is two numbers with a dot between them.")},
    )
    client_secret = _secret("Client Secret")
    signing_secret = _secret("Signing Secret")
    app_token = _secret(
        gettext_lazy("App-level token"),
        gettext_lazy(
            "Only for Socket Mode. Made on the same page under App-Level Tokens, with the scope connections:write."
        ),
        required=False,
    )

    def clean_app_token(self) -> str:
        token = str(self.cleaned_data["app_token"])
        if token and not token.startswith("xapp-"):
            raise forms.ValidationError(_("An app-level token begins with xapp-."))
        return token

    def pasted(self) -> Pasted:
        return Pasted(**self.cleaned_data)


class BotTokenForm(forms.Form):
    bot_token = _secret("Bot User OAuth Token")

    def clean_bot_token(self) -> str:
        token = str(self.cleaned_data["bot_token"])
        if not token.startswith("xoxb-"):
            raise forms.ValidationError(_("A bot token begins with xoxb-."))
        return token
