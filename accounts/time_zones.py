"""Time zones as people name them."""

from __future__ import annotations

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


@cache
def offered() -> list[str]:
    """Those of places, and UTC. Others that this machine knows are taken too."""
    return ["UTC", *sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))]


def known(name: str) -> str:
    """The zone of that name, in any case, as it is written; empty when this machine knows none."""
    return _by_name().get(name.strip().casefold(), "")


class TimeZoneField(forms.CharField):
    """Cleans to a zone's proper name, or to nothing. Its page includes `settings/_time_zones.html`."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"class": "input", "list": "time-zones", "placeholder": "Europe/Berlin", "autocomplete": "off"}
        super().__init__(max_length=64, widget=forms.TextInput(attrs=attrs), **kwargs)

    def clean(self, value: Any) -> str:
        text: str = super().clean(value)
        if text and not known(text):
            raise ValidationError(
                _("“%(text)s” is no time zone. Write it like Europe/Berlin or America/New_York.") % {"text": text}
            )
        return known(text)


@cache
def _by_name() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones()}
