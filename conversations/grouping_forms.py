"""How messages are put together: the workspace's way, a channel's own, and one to try out."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms import WEEK_MINUTES
from accounts.models import Channel, ChannelKind, Grouping, Workspace

MODES = {
    Grouping.AUTOMATIC: gettext_lazy(
        "By who speaks to whom, when, and which words are shared. After a silence of the quiet "
        "minutes a question that has nothing in common with what was said before starts anew."
    ),
    Grouping.QUIET_PERIOD: gettext_lazy("Whoever writes within the quiet minutes goes on with what was said last."),
    Grouping.EACH_MESSAGE: gettext_lazy(
        "Every message outside a Slack thread starts a conversation; replies in its thread join it."
    ),
    Grouping.THREADS: gettext_lazy(
        "A message waits outside all conversations until somebody replies to it in its Slack thread."
    ),
    Grouping.MANUAL: gettext_lazy(
        "Nothing is a conversation until a teammate marks the message with the emoji or starts one on its page."
    ),
}


def customer_channels(workspace_id: int) -> Any:
    """Those whose messages are grouped."""
    return Channel.objects.filter(workspace=workspace_id, kind=ChannelKind.CUSTOMER).select_related("account")


def _minutes(**more: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=gettext_lazy("Quiet minutes"), min_value=1, max_value=WEEK_MINUTES,
        widget=forms.NumberInput(attrs={"class": "input"}), **more,
    )  # fmt: skip


class WorkspaceGroupingForm(forms.ModelForm[Workspace]):
    quiet_minutes = _minutes()

    class Meta:
        model = Workspace
        fields = ["grouping", "quiet_minutes"]
        labels = {"grouping": gettext_lazy("Grouping")}
        widgets = {"grouping": forms.RadioSelect}


class ChannelGroupingForm(forms.ModelForm[Channel]):
    quiet_minutes = _minutes(required=False)

    class Meta:
        model = Channel
        fields = ["grouping", "quiet_minutes"]
        labels = {"grouping": gettext_lazy("Grouping")}
        widgets = {"grouping": forms.Select(attrs={"class": "select"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["grouping"].choices = [("", _("As the workspace")), *Grouping.choices]  # type: ignore[attr-defined]
        self.fields["quiet_minutes"].widget.attrs["placeholder"] = self.instance.workspace.quiet_minutes


class SimulationForm(forms.Form):
    mode = forms.ChoiceField(
        label=gettext_lazy("Way"), choices=Grouping.choices, widget=forms.Select(attrs={"class": "select"})
    )
    minutes = _minutes(required=False)

    def __init__(self, *args: Any, workspace_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        channel = forms.ModelChoiceField(
            customer_channels(workspace_id), label=_("Channel"), empty_label=None,
            widget=forms.Select(attrs={"class": "select"}),
        )  # fmt: skip
        self.fields = {"channel": channel, **self.fields}
