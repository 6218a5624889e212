from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_domain_name
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, AppPosts, User, Workspace
from accounts.reaction_field import ReactionsField
from accounts.time_zones import TimeZoneField

WEEK_MINUTES = 7 * 24 * 60
TAG_LENGTH = 40


class DomainsField(forms.CharField):
    """Domains, separated by commas, spaces or line breaks; a leading @ is taken off. Cleans to a list."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        text: str = super().clean(value)
        domains = list(dict.fromkeys(part.removeprefix("@") for part in re.split(r"[\s,;]+", text.lower()) if part))
        for domain in domains:
            self._check(domain)
        return domains

    def _check(self, domain: str) -> None:
        try:
            validate_domain_name(domain)
        except ValidationError:
            message = _("“%(domain)s” is not a domain. Write it like acme.example.")
            raise ValidationError(message % {"domain": domain}) from None


class WorkspaceForm(forms.ModelForm[Workspace]):
    time_zone = TimeZoneField(
        label=_("Time zone"),
        required=False,
        help_text=_("Of teammates who have none of their own, and of new calendars."),
    )
    email_domains = DomainsField(
        label=_("Our e-mail domains"),
        required=False,
        widget=forms.TextInput(attrs={"class": "input", "placeholder": "acme.example"}),
        help_text=_(
            "People of our own Slack workspace whose address has another domain count as customers. "
            "Empty: everybody in our workspace is a teammate."
        ),
    )
    quiet_minutes = forms.IntegerField(
        label=_("Quiet minutes"),
        min_value=1,
        max_value=WEEK_MINUTES,
        widget=forms.NumberInput(attrs={"class": "input"}),
        help_text=_("After this long a silence, a message outside a thread starts a new conversation."),
    )

    app_posts = forms.ChoiceField(
        label=_("Posts of apps in customers’ channels"),
        choices=AppPosts.choices,
        required=False,
        widget=forms.Select(attrs={"class": "select"}),
        help_text=_("Which of them are captured. Pylon’s own never are."),
    )
    forgets_deleted = forms.TypedChoiceField(
        label=_("Messages deleted in Slack"),
        choices=[("False", _("Keep what they said, shown to nobody")), ("True", _("Forget what they said"))],
        coerce=lambda value: value == "True",
        required=False,
        empty_value="",  # which is as false
        widget=forms.Select(attrs={"class": "select"}),
        help_text=_("Forgotten are their words, files and former wordings, from now on. Their place remains."),
    )

    reactions = ReactionsField(
        label=_("Teammates’ emoji"),
        required=False,
        help_text=_(
            "What they do on a customer’s message, one a line: close, start (In Progress), reopen (To Do), "
            "open (a conversation of its own). Others’ emoji do nothing."
        ),
    )

    class Meta:
        model = Workspace
        fields = ["name", "time_zone", "email_domains", "quiet_minutes", "app_posts", "forgets_deleted", "reactions"]
        labels = {"name": _("Name")}
        widgets = {"name": forms.TextInput(attrs={"class": "input"})}

    def clean_time_zone(self) -> str:
        """Without one nothing can be told: then it stays."""
        chosen: str = self.cleaned_data["time_zone"]
        return chosen or self.instance.time_zone


class SignInRulesForm(forms.ModelForm[Workspace]):
    class Meta:
        model = Workspace
        fields = ["admits_slack_members", "requires_second_factor"]
        labels = {
            "admits_slack_members": _("Every full member of our Slack workspace may sign in"),
            "requires_second_factor": _("Everybody needs a second factor"),
        }
        help_texts = {
            "admits_slack_members": _("Otherwise only those whom Pylon has seen in a channel, and those you invite."),
            "requires_second_factor": _("Whoever has none is led to set one up before going on."),
        }


class TeammateField(forms.ModelChoiceField[User]):
    """An active teammate of one workspace, or none."""

    def __init__(self, *, workspace_id: int, nobody: str, label: str) -> None:
        super().__init__(
            User.objects.filter(workspace=workspace_id, is_active=True),
            label=label,
            required=False,
            empty_label=nobody,
            widget=forms.Select(attrs={"class": "select"}),
            error_messages={"invalid_choice": _("Choose one of the active teammates.")},
        )


class AccountForm(forms.ModelForm[Account]):
    """Targets and triage channels go by the tier and the tags."""

    domains = DomainsField(
        label=_("Domains"), required=False, help_text=_("Channels and people of these belong to the account."),
        widget=forms.TextInput(attrs={"class": "input", "placeholder": "globex.example"}),
    )  # fmt: skip
    tags = forms.CharField(
        required=False, max_length=800, label=_("Tags"), help_text=_("Separated by commas."),
        widget=forms.TextInput(attrs={"class": "input"}),
    )  # fmt: skip
    notes = forms.CharField(
        required=False, max_length=20_000, label=_("Notes"),
        help_text=_("What the team should know. Customers never see it."),
        widget=forms.Textarea(attrs={"class": "textarea", "rows": 6}),
    )  # fmt: skip

    class Meta:
        model = Account
        fields = ["name", "tier", "tags", "domains", "notes"]
        labels = {"name": _("Name"), "tier": _("Tier")}
        help_texts = {"tier": _("As you call it, for instance Enterprise.")}
        widgets = {
            "name": forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
            "tier": forms.TextInput(attrs={"class": "input", "list": "tiers", "autocomplete": "off"}),
        }

    def __init__(self, data: Any = None, *, instance: Account) -> None:
        super().__init__(data, instance=instance, initial={"tags": ", ".join(instance.tags)})
        self.tiers = tiers(instance.workspace_id)

    def clean_tier(self) -> str:
        return as_known(self.cleaned_data["tier"], self.tiers)

    def clean_tags(self) -> list[str]:
        tags = list(dict.fromkeys(filter(None, map(str.strip, self.cleaned_data["tags"].split(",")))))
        for tag in tags:
            if len(tag) > TAG_LENGTH:
                message = _("“%(tag)s” is too long: a tag has at most %(most)d characters.")
                raise ValidationError(message % {"tag": tag, "most": TAG_LENGTH})
        return tags


def tiers(workspace_id: int) -> list[str]:
    """Those that accounts have."""
    named = Account.objects.filter(workspace=workspace_id).exclude(tier="")
    return list(named.order_by("tier").values_list("tier", flat=True).distinct())


def as_known(tier: str, known: Iterable[str]) -> str:
    """As it is written already, in whatever case it comes: a tier of another case would be another."""
    tier = tier.strip()
    return next((one for one in known if one.casefold() == tier.casefold()), tier)


class OwnerForm(forms.Form):
    def __init__(self, *args: Any, workspace_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"] = TeammateField(
            workspace_id=workspace_id, nobody=gettext("No owner"), label=gettext("New owner")
        )


class ContactForm(forms.Form):
    """To which account a contact belongs."""

    def __init__(self, *args: Any, workspace_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["account"] = forms.ModelChoiceField(
            Account.objects.filter(workspace=workspace_id),
            label=_("Account"),
            required=False,
            empty_label=gettext("No account"),
            widget=forms.Select(attrs={"class": "select"}),
            error_messages={"invalid_choice": _("Choose one of the accounts.")},
        )
