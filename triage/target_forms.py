"""Forms of response targets and calendars."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, gettext_lazy

from accounts.forms import TeammateField, as_known, tiers
from accounts.time_zones import TimeZoneField
from triage.hours import read_holidays, read_hours
from triage.models import Calendar, ResponseTarget

LONGEST = 30 * 24 * 60
"""Minutes. Nobody plans an answer further ahead."""
DAYS = [
    gettext_lazy("Monday"),
    gettext_lazy("Tuesday"),
    gettext_lazy("Wednesday"),
    gettext_lazy("Thursday"),
    gettext_lazy("Friday"),
    gettext_lazy("Saturday"),
    gettext_lazy("Sunday"),
]
OFFICE = "09:00–17:00"


class TargetForm(forms.ModelForm[ResponseTarget]):
    class Meta:
        model = ResponseTarget
        fields = ["tier", "priority", "minutes", "warn_minutes", "escalate_minutes", "escalate_to", "calendar"]
        labels = {
            "tier": gettext_lazy("Tier"),
            "priority": gettext_lazy("Priority"),
            "minutes": gettext_lazy("Answer within"),
            "calendar": gettext_lazy("Calendar"),
        }
        widgets = {
            "tier": forms.TextInput(attrs={"class": "input", "list": "tiers", "autocomplete": "off"}),
            "priority": forms.Select(attrs={"class": "select"}),
        }
        help_texts = {"tier": gettext_lazy("Of the account, as on its page. Empty: all tiers.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = {"workspace": self.instance.workspace_id}
        self.tiers = tiers(self.instance.workspace_id)
        self.fields["priority"].choices = [("", gettext("Any priority")), *self.fields["priority"].choices[1:]]  # type: ignore[attr-defined]
        self.fields["minutes"] = _minutes(
            gettext("Answer within"), gettext("Minutes of working time, to each next answer."), least=1
        )
        self.fields["warn_minutes"] = _minutes(
            gettext("Warn before"), gettext("Minutes before the end. 0: no warning.")
        )
        self.fields["escalate_minutes"] = _minutes(
            gettext("Escalate after"), gettext("Minutes after the end. 0: no escalation.")
        )
        self.fields["escalate_to"] = TeammateField(
            workspace_id=self.instance.workspace_id,
            nobody=gettext("Nobody but the owner"),
            label=gettext("Escalate to"),
        )
        self.fields["calendar"] = forms.ModelChoiceField[Calendar](
            Calendar.objects.filter(**mine).order_by("name"), label=gettext("Calendar"), required=False,
            empty_label=gettext("All hours of all days"), widget=forms.Select(attrs={"class": "select"}),
        )  # fmt: skip

    def clean_tier(self) -> str:
        return as_known(self.cleaned_data["tier"], self.tiers)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        minutes, warn = cleaned.get("minutes"), cleaned.get("warn_minutes")
        if minutes and warn and warn >= minutes:
            self.add_error(
                "warn_minutes",
                gettext("A warning comes before the end: less than %(minutes)s minutes.") % {"minutes": minutes},
            )
        if cleaned.get("escalate_to") and not cleaned.get("escalate_minutes"):
            self.add_error(
                "escalate_minutes",
                gettext("Say after how many minutes %(who)s is told.") % {"who": cleaned["escalate_to"]},
            )
        return cleaned


class CalendarForm(forms.ModelForm[Calendar]):
    """A line of hours for each weekday, and a line for each holiday."""

    time_zone = TimeZoneField(
        label=gettext_lazy("Time zone"), help_text=gettext_lazy("Its clocks decide when a day begins.")
    )
    days_off = forms.CharField(
        label=gettext_lazy("Holidays"), required=False, max_length=20_000,
        help_text=gettext_lazy("One a line: the date, then its name, as 2026-12-25 Christmas Day."),
        widget=forms.Textarea(attrs={"class": "textarea", "rows": 5, "placeholder": "2026-12-25 Christmas Day"}),
    )  # fmt: skip

    class Meta:
        model = Calendar
        fields = ["name", "time_zone"]
        labels = {"name": gettext_lazy("Name")}
        widgets = {"name": forms.TextInput(attrs={"class": "input", "placeholder": "Berlin office"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = self.instance.hours if self.instance.pk else {str(day): [OFFICE.split("–")] for day in range(5)}
        for number, day in enumerate(DAYS):
            self.fields[f"day_{number}"] = forms.CharField(
                label=day, required=False, max_length=80,
                initial=", ".join("–".join(stretch) for stretch in kept.get(str(number), [])),
                widget=forms.TextInput(attrs={"class": "input", "placeholder": gettext("closed")}),
            )  # fmt: skip
        self.fields["days_off"].initial = "\n".join(
            f"{on} {name}" for on, name in sorted(self.instance.holidays.items())
        )
        self.order_fields(["name", "time_zone", *_DAY_FIELDS, "days_off"])

    @property
    def days(self) -> list[forms.BoundField]:
        return [self[name] for name in _DAY_FIELDS]

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"].strip()
        others = Calendar.objects.filter(workspace=self.instance.workspace_id).exclude(pk=self.instance.pk)
        if others.filter(name=name).exists():
            raise ValidationError(gettext("There is a calendar %(name)s already.") % {"name": name})
        return name

    def clean_days_off(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for number, line in enumerate(self.cleaned_data["days_off"].splitlines(), start=1):
            on, _, name = line.strip().partition(" ")
            if not on:
                continue
            try:
                (day,) = read_holidays({on: name})
            except ValueError:
                raise ValidationError(
                    gettext("Line %(number)s: “%(on)s” is no date. Write it like 2026-12-25.")
                    % {"number": number, "on": on}
                ) from None
            if day.isoformat() in found:
                raise ValidationError(
                    gettext("Line %(number)s: %(day)s stands there twice.") % {"number": number, "day": day}
                )
            found[day.isoformat()] = name.strip()[:80]
        return found

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        hours: dict[str, list[list[str]]] = {}
        for number, name in enumerate(_DAY_FIELDS):
            try:
                stretches = _stretches(cleaned.get(name, ""))
                read_hours({str(number): stretches})
            except ValueError as error:
                self.add_error(name, str(error))
                continue
            if stretches:
                hours[str(number)] = stretches
        if not hours and not self.errors:
            raise ValidationError(
                gettext("Without working hours no answer would ever be due: fill in at least one day.")
            )
        cleaned["hours"] = hours
        return cleaned

    def save(self, commit: bool = True) -> Calendar:
        self.instance.hours = self.cleaned_data["hours"]
        self.instance.holidays = self.cleaned_data["days_off"]
        return super().save(commit)


_DAY_FIELDS = [f"day_{number}" for number in range(7)]
_TIME = r"(\d{1,2}:\d{2})"
_STRETCH = re.compile(rf"{_TIME}\s*(?:[-–—]|to)\s*{_TIME}", re.ASCII)


def _stretches(text: str) -> list[list[str]]:
    """Pairs of "HH:MM", from "9:00–12:00, 13:00 to 17:30". ValueError, in words, for what is no stretch."""
    found = []
    for part in filter(None, (part.strip() for part in re.split(r"[,;]", text))):
        stretch = _STRETCH.fullmatch(part)
        if stretch is None:
            raise ValueError(gettext("“%(part)s” can’t be read. Write hours like 09:00–17:00.") % {"part": part})
        found.append([time.zfill(5) for time in stretch.groups()])
    return found


def _minutes(label: str, hint: str, *, least: int = 0) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, help_text=hint, min_value=least, max_value=LONGEST, initial=None if least else 0,
        widget=forms.NumberInput(attrs={"class": "input"}),
    )  # fmt: skip
