"""A teammate's own settings."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.forms import TeammateField
from accounts.models import User
from accounts.quiet import zone_of
from accounts.time_zones import TimeZoneField

MINUTE = "%Y-%m-%dT%H:%M"
"""What browsers write for a moment without a zone."""


class ProfileForm(forms.ModelForm[User]):
    """Moments are in the teammate's own time zone: the one that is chosen with them."""

    language = forms.ChoiceField(
        label=_("Language"), required=False, help_text=_("Of the pages. What goes to Slack is in English."),
        choices=[("", _("As the browser asks for")), *settings.LANGUAGES],
        widget=forms.Select(attrs={"class": "select"}),
    )  # fmt: skip
    time_zone = TimeZoneField(label=_("Time zone"), required=False)
    away_from = forms.DateTimeField(
        label=_("Away from"), required=False, help_text=_("Empty: from now on."),
        widget=forms.DateTimeInput(attrs={"class": "input", "type": "datetime-local"}, format=MINUTE),
    )  # fmt: skip
    away_until = forms.DateTimeField(
        label=_("Away until"), required=False, help_text=_("Empty: not away."),
        widget=forms.DateTimeInput(attrs={"class": "input", "type": "datetime-local"}, format=MINUTE),
    )  # fmt: skip

    class Meta:
        model = User
        fields = [
            "language",
            "time_zone",
            "away_from",
            "away_until",
            "stand_in",
            "quiet_from",
            "quiet_until",
            "digest_at",
        ]
        labels = {"quiet_from": _("Quiet from"), "quiet_until": _("Quiet until"), "digest_at": _("Daily digest at")}
        help_texts = {
            "quiet_from": _("No direct messages from then; they come when the quiet hours end."),
            "digest_at": _("As a direct message in Slack. Empty: never."),
        }
        widgets = {
            name: forms.TimeInput(attrs={"class": "input", "type": "time"}, format="%H:%M")
            for name in ("quiet_from", "quiet_until", "digest_at")
        }

    def __init__(self, data: Any = None, *, instance: User) -> None:
        super().__init__(data, instance=instance, initial=_away(instance))
        self.fields["time_zone"].help_text = gettext("Empty: the workspace’s, %(time_zone)s.") % {
            "time_zone": instance.workspace.time_zone
        }
        others = TeammateField(workspace_id=instance.workspace_id, nobody=gettext("Nobody"), label=gettext("Stand-in"))
        others.queryset = User.objects.filter(workspace=instance.workspace_id, is_active=True).exclude(pk=instance.pk)
        others.error_messages["invalid_choice"] = gettext("Choose another active teammate.")
        others.help_text = gettext("Who gets new conversations meanwhile.")
        self.fields["stand_in"] = others

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        zone = ZoneInfo(cleaned.get("time_zone") or zone_of(User(workspace=self.instance.workspace)).key)
        begins, ends = (_in_zone(cleaned.get(name), zone) for name in ("away_from", "away_until"))
        cleaned["away_from"], cleaned["away_until"] = begins, ends
        if begins and not ends and "away_until" not in self.errors:
            self.add_error("away_until", gettext("Say until when."))
        elif ends and ends <= timezone.now():
            self.add_error("away_until", gettext("That is over already."))
        elif begins and ends and ends <= begins:
            self.add_error("away_until", gettext("That is before it begins."))
        quiet = cleaned.get("quiet_from"), cleaned.get("quiet_until")
        if not self.errors.keys() & {"quiet_from", "quiet_until"}:
            if (quiet[0] is None) != (quiet[1] is None):
                self.add_error(
                    "quiet_until", gettext("Quiet hours need a beginning and an end; leave both empty for none.")
                )
            elif quiet[0] is not None and quiet[0] == quiet[1]:
                self.add_error("quiet_until", gettext("Quiet hours can’t end when they begin."))
        return cleaned


def _away(user: User) -> dict[str, object]:
    """As the teammate's clocks show it; nothing of what is over."""
    if user.away_until is None or user.away_until <= timezone.now():
        return {"away_from": None, "away_until": None}
    moments = {"away_from": user.away_from, "away_until": user.away_until}
    zone = zone_of(user)
    return {name: at and at.astimezone(zone).replace(tzinfo=None) for name, at in moments.items()}


def _in_zone(at: datetime | None, zone: ZoneInfo) -> datetime | None:
    """What was written means that zone's clocks, not the server's."""
    return at and timezone.make_naive(at).replace(tzinfo=zone)
