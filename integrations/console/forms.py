"""What is entered to connect the console: nothing. And what is written on its pages."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from integrations.models import ConsoleStatus
from integrations.tools.limits import LONGEST_COMMENT


class ConsoleForm(forms.Form):
    """The console needs no keys."""


class CommentForm(forms.Form):
    text = forms.CharField(
        label=_("Comment"), max_length=LONGEST_COMMENT, widget=forms.Textarea(attrs={"class": "input", "rows": 4})
    )
    is_public = forms.BooleanField(label=_("Public: the requester may read it"), required=False)


class TicketForm(forms.Form):
    status = forms.ChoiceField(
        label=_("Status"), choices=ConsoleStatus.choices, widget=forms.Select(attrs={"class": "select"})
    )
    owner = forms.EmailField(
        label=_("Owner’s address"), required=False, widget=forms.EmailInput(attrs={"class": "input"})
    )
