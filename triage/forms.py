from __future__ import annotations

from typing import Any

from django import forms

from accounts.forms import TeammateField
from accounts.models import Channel
from triage.services import choosable_channels


class TriageForm(forms.Form):
    def __init__(self, *args: Any, workspace_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"] = TeammateField(
            workspace_id=workspace_id, nobody="Everybody else", label="Whose conversations"
        )
        self.fields["channel"] = forms.ModelChoiceField[Channel](
            choosable_channels(workspace_id),
            label="Slack channel",
            empty_label="Choose …",
            widget=forms.Select(attrs={"class": "select"}),
            error_messages={
                "invalid_choice": "Choose one of our own channels that Pylon is in: a channel shared with "
                "another company would show our notes to it."
            },
        )
