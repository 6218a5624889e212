"""Who in the team gets told, and where."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import Channel, User, Workspace


class TriageChannel(models.Model):
    """A Slack channel in which conversations are worked: one owner's, or (without owner) the workspace's."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="triage_channels")
    channel = models.OneToOneField(Channel, on_delete=models.CASCADE, related_name="triage")
    owner = models.ForeignKey(
        User, on_delete=models.CASCADE, null=True, blank=True, related_name="triage_channels",
        help_text="Whose conversations it shows; empty: those of all owners without one of their own.",
    )  # fmt: skip

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "owner"], name="triage_once_per_owner"),
            models.UniqueConstraint(
                fields=["workspace"], condition=Q(owner__isnull=True), name="triage_once_for_workspace"
            ),
        ]

    def __str__(self) -> str:
        return str(self.channel)
