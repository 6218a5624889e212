from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Account, Channel, ChannelKind, User
from conversations.models import Conversation, Priority
from conversations.status import Status
from triage.routing import Filter
from triage.services import choosable_channels

PARTS = ["owners", "accounts", "channels", "tiers", "tags", "priorities", "statuses"]
ATTRS = {"class": "select", "size": "4"}


class TriageForm(forms.Form):
    """What a triage channel shows. `shown()` is the filter that was chosen; None: the general channel."""

    name = forms.CharField(
        max_length=80,
        required=False,
        label=gettext_lazy("Name"),
        widget=forms.TextInput(attrs={"class": "input", "placeholder": "Dana’s accounts"}),
    )
    is_general = forms.BooleanField(required=False, label=gettext_lazy("Everything that no other triage channel shows"))

    def __init__(self, *args: Any, workspace_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channel"] = forms.ModelChoiceField[Channel](
            choosable_channels(workspace_id),
            label=_("Slack channel"),
            empty_label=_("Choose …"),
            widget=forms.Select(attrs={"class": "select"}),
            error_messages={
                "invalid_choice": _(
                    "Choose one of our own channels that Pylon is in: a channel shared with "
                    "another company would show our notes to it."
                )
            },
        )
        owners = [(0, _("Nobody")), *_named(User.objects.filter(workspace=workspace_id, is_active=True))]
        accounts = Account.objects.filter(workspace=workspace_id)
        channels = Channel.objects.filter(workspace=workspace_id, kind=ChannelKind.CUSTOMER, left_at=None)
        self._add("owners", _("Owners"), owners, int)
        self._add("accounts", _("Accounts"), _named(accounts), int)
        self._add("channels", _("Customer channels"), [(c.pk, str(c)) for c in channels], int)
        tiers = accounts.exclude(tier="").order_by("tier").values_list("tier", flat=True).distinct()
        self._add("tiers", _("Tiers"), _same(tiers), str)
        self._add("tags", _("Tags"), _same(_tags(workspace_id)), str)
        self._add("priorities", _("Priorities"), Priority.choices, str)
        self._add("statuses", _("Statuses, when it first appears"), Status.choices, str)
        self.order_fields(["channel", "name", "is_general", *PARTS])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not cleaned["is_general"] and self.shown() == Filter():
            raise forms.ValidationError(_("Choose at least one thing that it shows, or everything else."))
        return cleaned

    def shown(self) -> Filter | None:
        if self.cleaned_data["is_general"]:
            return None
        return Filter(**{part: frozenset(self.cleaned_data[part]) for part in PARTS})

    def _add(self, name: str, label: str, choices: Any, coerce: Callable[[Any], Any]) -> None:
        self.fields[name] = forms.TypedMultipleChoiceField(
            choices=list(choices), coerce=coerce, required=False, label=label, empty_value=[],
            widget=forms.SelectMultiple(attrs=ATTRS),
        )  # fmt: skip


def _named(rows: Any) -> list[tuple[int, str]]:
    return list(rows.values_list("pk", "name"))


def _same(values: Any) -> list[tuple[str, str]]:
    return [(value, value) for value in values]


def _tags(workspace_id: int) -> list[str]:
    """Those in use, of accounts and of conversations."""
    found: set[str] = set()
    for model in (Account, Conversation):
        rows = model.objects.filter(workspace=workspace_id).exclude(tags=[])
        found |= {tag for tags in rows.values_list("tags", flat=True).distinct()[:1_000] for tag in tags}
    return sorted(found, key=str.casefold)
