from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Channel, ChannelKind

DAYS = 90
"""How far back is read where nobody says."""
QUIET_DAYS = 14


class HistoryForm(forms.Form):
    """Whose past is to be brought in, and how much of it. Days are those of UTC, the last one included."""

    since = forms.DateField(
        label=gettext_lazy("From"), widget=forms.DateInput(attrs={"class": "input", "type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(
        label=gettext_lazy("To"),
        required=False,
        widget=forms.DateInput(attrs={"class": "input", "type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("Empty: until now."),
    )
    quiet_days = forms.IntegerField(
        label=gettext_lazy("Close after quiet days"),
        min_value=0,
        max_value=3650,
        widget=forms.NumberInput(attrs={"class": "input"}),
        help_text=gettext_lazy(
            "What was quiet for longer is closed, and nobody is told of it. What is newer counts as just said."
        ),
    )

    def __init__(self, *args: Any, workspace_id: int, **kwargs: Any) -> None:
        since = timezone.now().date() - timedelta(days=DAYS)
        kwargs["initial"] = {"since": since, "quiet_days": QUIET_DAYS} | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        self.fields["channel"] = forms.ModelChoiceField[Channel](
            readable_channels(workspace_id),
            required=False,
            empty_label=_("All customers’ channels"),
            widget=forms.Select(attrs={"class": "select"}),
            label=_("Channel"),
            error_messages={"invalid_choice": _("Choose a customer’s channel that Pylon is in.")},
        )
        self.order_fields(["channel", "since", "until", "quiet_days"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and since > min(until or date.max, timezone.now().date()):
            raise ValidationError(_("The first day must not come after the last."))
        return cleaned


def readable_channels(workspace_id: int | None = None) -> QuerySet[Channel]:
    """Those whose past can be read; of one workspace or of all."""
    channels = Channel.objects.filter(kind=ChannelKind.CUSTOMER, left_at=None).order_by("name", "pk")
    return channels.filter(workspace=workspace_id) if workspace_id else channels


def bounds(since: date, until: date | None) -> tuple[datetime, datetime]:
    """From the first moment of the one day to the last of the other, or until now."""
    now = timezone.now()
    end = datetime.combine(until + timedelta(days=1), time(), UTC) if until else now
    return datetime.combine(since, time(), UTC), min(end, now)
