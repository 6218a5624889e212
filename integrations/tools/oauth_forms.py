"""What is entered of a workspace's own OAuth app in a support tool."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class AppForm(forms.Form):
    """Goes before the form of what is entered by hand, whose token it leaves out. `known`: what was entered before; of
    that, secrets stay as they are where nothing is entered, as long as they go to the same app at the same address."""

    client_id = forms.CharField(
        label=gettext_lazy("Client ID"), max_length=400,
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
    )  # fmt: skip
    client_secret = forms.CharField(
        label=gettext_lazy("Client secret"), max_length=400, required=False,
        widget=forms.PasswordInput(attrs={"class": "input", "autocomplete": "off"}),
    )  # fmt: skip

    def __init__(self, data: Any = None, *, known: Mapping[str, Any] | None = None) -> None:
        self._known = known or {}
        super().__init__(data, initial=dict(self._known), auto_id="app_%s")
        self.order_fields(["address", "client_id", "client_secret"])
        if self._known:
            self.fields["client_secret"].help_text = _("Empty: the one that was entered before.")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if all(cleaned.get(name) == self._known.get(name) for name in ("client_id", "address")):
            for name in self._secrets:
                cleaned[name] = cleaned.get(name) or self._known.get(name, "")
        if not self.errors and not cleaned.get("client_secret"):
            self.add_error("client_secret", _("Enter the client secret of this app."))
        return cleaned

    @property
    def _secrets(self) -> list[str]:
        return [name for name, field in self.fields.items() if isinstance(field.widget, forms.PasswordInput)]
