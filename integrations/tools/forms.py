"""What a workspace chooses for one of its tools."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.status import Status
from integrations.tools.config import EVERYTHING, Automatic, Config
from integrations.tools.protocol import Abilities, ChoiceField, Choices
from triage.forms import PARTS, TriageForm
from triage.routing import Filter

WHEN = {
    Automatic.NEVER: gettext_lazy("Never: somebody connects them"),
    Automatic.RULE: gettext_lazy("By a rule"),
    Automatic.ALWAYS: gettext_lazy("Always"),
}


class ConfigForm(forms.Form):
    """`choices`: as the tool tells them at this moment. Cleans to `config`."""

    automatic = forms.ChoiceField(
        label=gettext_lazy("New conversations connect by themselves"), choices=list(WHEN.items()),
        widget=forms.Select(attrs={"class": "select"}),
    )  # fmt: skip
    sends_notes = forms.BooleanField(label=gettext_lazy("Internal notes go over, as private comments"), required=False)
    sends_public = forms.BooleanField(
        label=gettext_lazy("What was said with the customer goes over as public comments"), required=False,
        help_text=gettext_lazy("The tool may send e-mail to the requester about public comments: see its triggers."),
    )  # fmt: skip
    brings_replies = forms.BooleanField(
        label=gettext_lazy("Public comments of teammates are sent to the customer as replies"), required=False,
        help_text=gettext_lazy("Otherwise they become internal notes, as private comments do."),
    )  # fmt: skip

    def __init__(
        self, data: Any = None, *, workspace_id: int, config: Config, choices: Choices, can: Abilities
    ) -> None:
        initial = {
            "automatic": config.automatic.value, "sends_notes": config.sends_notes,
            "sends_public": config.sends_public, "brings_replies": config.brings_replies, **config.rule.stored(),
        }  # fmt: skip
        super().__init__(data, initial=initial)
        self._choices, self._config = choices, config
        if not (can.public and can.private):  # then there is nothing to choose between
            del self.fields["sends_public"]
        if not can.public:
            del self.fields["brings_replies"]
        elif not can.private:
            del self.fields["sends_notes"]
        rule = TriageForm(workspace_id=workspace_id)
        for part in PARTS:
            self.fields[part] = rule.fields[part]
        theirs = [("", _("leaves it as it is")), *((one.value, one.label) for one in choices.statuses)]
        for ours in Status:
            self._add(f"out_{ours.value}", str(ours.label), theirs, config.status_out.get(ours.value, ""))
        kept = [("", _("leaves it as it is")), *((status.value, str(status.label)) for status in Status)]
        for number, one in enumerate(choices.statuses):
            self._add(f"in_{number}", one.label, kept, config.status_in.get(one.value, ""))
        for number, field in enumerate(choices.fields):
            self._add_field(f"field_{number}", field, config.fields.get(field.name, ""))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            self._check_round_trip(cleaned)
            if cleaned["automatic"] == Automatic.RULE and self._rule(cleaned) == EVERYTHING:
                self.add_error("automatic", _("Choose at least one thing below that a conversation must fit."))
        return cleaned

    @property
    def config(self) -> Config:
        """What was entered, once it is valid. What the tool can't do stays as it was."""
        cleaned = self.cleaned_data
        return Config(
            automatic=Automatic(cleaned["automatic"]), rule=self._rule(cleaned),
            sends_notes=cleaned.get("sends_notes", self._config.sends_notes),
            sends_public=cleaned.get("sends_public", self._config.sends_public),
            brings_replies=cleaned.get("brings_replies", False),
            status_out=self._out(cleaned), status_in=self._in(cleaned),
            fields={
                one.name: cleaned[f"field_{n}"] for n, one in enumerate(self._choices.fields) if cleaned[f"field_{n}"]
            },
        )  # fmt: skip

    def behaviour(self) -> list[forms.BoundField]:
        names = ["sends_notes", "sends_public", "brings_replies"]
        return [self[name] for name in names if name in self.fields]

    def rule_parts(self) -> list[forms.BoundField]:
        return [self[name] for name in PARTS if self.fields[name].choices]  # type: ignore[attr-defined]

    def outward(self) -> list[forms.BoundField]:
        return [field for field in self if field.name.startswith("out_")]

    def inward(self) -> list[forms.BoundField]:
        return [field for field in self if field.name.startswith("in_")]

    def of_tickets(self) -> list[forms.BoundField]:
        return [field for field in self if field.name.startswith("field_")]

    def _check_round_trip(self, cleaned: dict[str, Any]) -> None:
        """Otherwise a status that we set would come back as another one."""
        back = self._in(cleaned)
        labels = {one.value: one.label for one in self._choices.statuses}
        for ours, theirs in self._out(cleaned).items():
            if back.get(theirs, ours) != ours:
                words = {"ours": Status(ours).label, "theirs": labels[theirs], "back": Status(back[theirs]).label}
                self.add_error(f"out_{ours}", _("%(ours)s becomes %(theirs)s, which comes back as %(back)s.") % words)

    def _rule(self, cleaned: dict[str, Any]) -> Filter:
        return Filter(**{part: frozenset(cleaned[part]) for part in PARTS})

    def _out(self, cleaned: dict[str, Any]) -> dict[str, str]:
        return {ours: theirs for ours in Status.values if (theirs := cleaned[f"out_{ours}"])}

    def _in(self, cleaned: dict[str, Any]) -> dict[str, str]:
        named = enumerate(self._choices.statuses)
        return {one.value: ours for number, one in named if (ours := cleaned[f"in_{number}"])}

    def _add_field(self, name: str, field: ChoiceField, chosen: str) -> None:
        options = [(one.value, one.label) for one in field.options]
        if not field.is_required:
            options.insert(0, ("", _("as the tool has it")))
        known = {value for value, _label in options}
        self._add(name, field.label, options, chosen if chosen in known else field.default, required=field.is_required)
        self.fields[name].help_text = field.help

    def _add(
        self, name: str, label: str, options: list[tuple[str, str]], chosen: str, *, required: bool = False
    ) -> None:
        self.fields[name] = forms.ChoiceField(
            label=label, choices=options, required=required, widget=forms.Select(attrs={"class": "select"})
        )
        self.initial[name] = chosen
