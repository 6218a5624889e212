from __future__ import annotations

from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from accounts.models import Channel, Workspace
from triage.models import WeeklyPost
from triage.services import choosable_channels

SELECT = {"class": "select"}


class WeeklyForm(forms.Form):
    """When and where the weekly summary is posted."""

    is_on = forms.BooleanField(required=False, label=_("Post a summary every week"))
    weekday = forms.TypedChoiceField(
        choices=list(WEEKDAYS.items()), coerce=int, label=_("Day"), widget=forms.Select(attrs=SELECT)
    )
    hour = forms.TypedChoiceField(
        choices=[(hour, f"{hour:02d}:00") for hour in range(24)], coerce=int, label=_("Hour"),
        widget=forms.Select(attrs=SELECT),
    )  # fmt: skip

    def __init__(self, *args: Any, workspace: Workspace, post: WeeklyPost | None = None, **kwargs: Any) -> None:
        kept: dict[str, object] = (
            {name: getattr(post, name) for name in ("is_on", "weekday", "hour")} if post else {"hour": 9}
        )
        super().__init__(*args, **kwargs)
        self.initial = kept | {"channel": post.channel_id if post else None}
        self.fields["channel"] = forms.ModelChoiceField[Channel](
            choosable_channels(workspace.pk),
            required=False,
            label=_("Slack channel"),
            empty_label=_("Choose …"),
            widget=forms.Select(attrs=SELECT),
            error_messages={"invalid_choice": _("Choose one of our own channels that Pylon is in.")},
        )
        self.order_fields(["is_on", "channel", "weekday", "hour"])
