"""What staff may choose of one channel, of many at once, and by which names channels are found."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms import WEEK_MINUTES, TeammateField
from accounts.models import Account, Channel, ChannelKind, Grouping, User, Workspace

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

SAME, NONE = "", "none"
_WORDS: Final = {
    "account": (gettext_lazy("Account"), gettext_lazy("Account: as it is"), gettext_lazy("No account")),
    "owner": (gettext_lazy("Owner"), gettext_lazy("Owner: as it is"), gettext_lazy("No owner")),
}
"""Of a field for many channels: its name, left as it is, none."""
PATTERNS = 20


class ChannelForm(forms.ModelForm[Channel]):
    """`changes()` is what `conversations.channel_changes.change_channel` takes."""

    class Meta:
        model = Channel
        fields = ["kind", "account", "owner", "grouping", "quiet_minutes"]

    def __init__(self, data: QueryDict | None = None, *, instance: Channel) -> None:
        super().__init__(data, instance=instance, auto_id=f"channel-{instance.pk}-%s")
        workspace = instance.workspace
        select = forms.Select(attrs={"class": "select"})
        self.fields["kind"] = forms.ChoiceField(label=_("Kind"), choices=kinds_of([instance]), widget=select)
        self.fields["account"] = forms.ModelChoiceField(
            Account.objects.filter(workspace=workspace), label=_("Account"), required=False,
            empty_label=_("No account"), widget=select,
        )  # fmt: skip
        self.fields["owner"] = TeammateField(workspace_id=workspace.pk, nobody=_("No owner"), label=_("Owner"))
        as_workspace = _("As the workspace: %(way)s") % {"way": Grouping(workspace.grouping).label}
        self.fields["grouping"] = forms.ChoiceField(
            label=_("Grouping"), choices=[("", as_workspace), *Grouping.choices], required=False, widget=select,
        )  # fmt: skip
        self.fields["quiet_minutes"] = forms.IntegerField(
            label=_("Quiet minutes"), required=False, min_value=1, max_value=WEEK_MINUTES,
            widget=forms.NumberInput(attrs={"class": "input", "placeholder": f"{workspace.quiet_minutes} min"}),
        )  # fmt: skip

    def changes(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.changed_data}


class BulkForm(forms.Form):
    """For each field: as it is, none, or one for all."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), required=False,
        choices=[(SAME, gettext_lazy("Kind: as it is")), *ChannelKind.choices],
        widget=forms.Select(attrs={"class": "select", "aria-label": gettext_lazy("Kind")}),
    )  # fmt: skip

    def __init__(self, *args: Any, workspace_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.options: dict[str, dict[str, Account | User]] = {
            "account": {str(one.pk): one for one in Account.objects.filter(workspace=workspace_id)},
            "owner": {str(one.pk): one for one in User.objects.filter(workspace=workspace_id, is_active=True)},
        }
        for name, options in self.options.items():
            label, same, none = _WORDS[name]
            choices: list[tuple[str, StrOrPromise]] = [(SAME, same), (NONE, none)]
            choices += [(pk, str(option)) for pk, option in options.items()]
            self.fields[name] = forms.ChoiceField(
                label=label, required=False, choices=choices,
                widget=forms.Select(attrs={"class": "select", "aria-label": label}),
            )  # fmt: skip

    def changes(self) -> dict[str, Any]:
        found: dict[str, Any] = {"kind": self.cleaned_data["kind"]} if self.cleaned_data["kind"] else {}
        for name, options in self.options.items():
            if value := self.cleaned_data[name]:
                found[name] = options.get(value)
        return found


class PatternsForm(forms.ModelForm[Workspace]):
    channel_patterns = forms.CharField(
        label=gettext_lazy("Names"),
        required=False,
        widget=forms.TextInput(attrs={"class": "input", "placeholder": "ext-*, *-support"}),
        help_text=gettext_lazy("Separated by commas; * stands for anything."),
    )

    class Meta:
        model = Workspace
        fields = ["channel_patterns"]

    def __init__(self, data: QueryDict | None = None, *, instance: Workspace) -> None:
        shown = {"channel_patterns": ", ".join(instance.channel_patterns)}
        super().__init__(data, instance=instance, initial=shown)

    def clean_channel_patterns(self) -> list[str]:
        text = str(self.cleaned_data["channel_patterns"]).lower()
        patterns = list(dict.fromkeys(part.lstrip("#") for part in re.split(r"[\s,;]+", text) if part.lstrip("#")))
        if len(patterns) > PATTERNS or any(len(pattern) > 80 for pattern in patterns):
            raise ValidationError(_("At most %(patterns)s names of at most 80 characters.") % {"patterns": PATTERNS})
        if any(not pattern.strip("*?[]!") for pattern in patterns):
            raise ValidationError(_("That would be every channel: write a part of the name, like ext-*."))
        return patterns


def kinds_of(channels: Iterable[Channel]) -> list[tuple[str, StrOrPromise]]:
    """Without those that a shared channel can't have, unless it has one already."""
    kept = {ChannelKind.CUSTOMER, ChannelKind.IGNORED}
    for channel in channels:
        kept |= {ChannelKind(channel.kind)} if channel.is_shared else {*ChannelKind}
    return [(value, label) for value, label in ChannelKind.choices if value in kept]
