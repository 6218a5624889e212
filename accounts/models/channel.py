"""The Slack channels we are in, and who is who there."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models.account import Account
from accounts.models.user import User
from accounts.models.workspace import Grouping, Workspace


class ChannelKind(models.TextChoices):
    CUSTOMER = "customer", _("Customer")
    TRIAGE = "triage", _("Triage")
    INTERNAL = "internal", _("Internal")
    IGNORED = "ignored", _("Ignored")


class Channel(models.Model):
    """A Slack channel we are, or were, in."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="channels")
    kind = models.CharField(max_length=16, choices=ChannelKind.choices, default=ChannelKind.CUSTOMER)
    name = models.CharField(max_length=120, blank=True)
    external_id = models.CharField("Slack channel id", max_length=64)
    former_ids = ArrayField(
        models.CharField(max_length=64), default=list, blank=True, help_text="Its ids before Slack gave it another."
    )
    external_team_id = models.CharField(
        "installed Slack team",
        max_length=64,
        blank=True,
        help_text="The team through which we see the channel.",
    )
    account = models.ForeignKey(Account, on_delete=models.SET_NULL, null=True, blank=True, related_name="channels")
    owner = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="owned_channels")
    quiet_minutes = models.PositiveIntegerField(
        null=True, blank=True, help_text="Instead of the workspace's, when set."
    )
    grouping = models.CharField(
        max_length=16, choices=Grouping.choices, blank=True, help_text="Empty: as the workspace has it."
    )
    is_shared = models.BooleanField("shared with other companies", default=False)
    is_private = models.BooleanField(default=False)
    is_sample = models.BooleanField("sample data", default=False, editable=False)
    joined_at = models.DateTimeField(null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)
    details_read_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "external_id"], name="channel_external_id_once"),
        ]

    def __str__(self) -> str:
        return f"#{self.name}" if self.name else self.external_id

    def clean(self) -> None:
        if self.is_shared and self.kind in {ChannelKind.TRIAGE, ChannelKind.INTERNAL}:
            raise ValidationError({"kind": gettext("Another company reads this channel: it can't be one of our own.")})


class Side(models.TextChoices):
    CUSTOMER = "customer", _("Customer")
    US = "us", _("One of us")


class SideOverride(models.Model):
    """A person's word on who somebody is in one channel: a teammate who asks there as a customer would, or somebody
    from outside who answers for us. It says how their messages count, and gives no rights."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="side_overrides")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="side_overrides")
    external_id = models.CharField("Slack user id", max_length=64)
    side = models.CharField(max_length=16, choices=Side.choices)
    by_user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "external_id"], name="side_override_once")]

    def __str__(self) -> str:
        return f"{self.external_id} in {self.channel}: {self.get_side_display()}"
