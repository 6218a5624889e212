"""What belongs to what."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from accounts.models import Workspace
from conversations.models import Conversation
from integrations.models.installation import Installation


class LinkKind(models.TextChoices):
    TRIAGE_POST = "triage_post", "Triage post"
    THREAD = "thread", "Internal thread"


class Link(models.Model):
    """A conversation's counterpart elsewhere. Of a triage post: `place` is the channel, `external_id` its ts; of an
    internal thread: `external_id` is its root's."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="links")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="links")
    installation = models.ForeignKey(Installation, on_delete=models.CASCADE, related_name="links")
    kind = models.CharField(max_length=32, choices=LinkKind.choices)
    place = models.CharField(max_length=64, blank=True)
    external_id = models.CharField(max_length=128)
    drawn_version = models.PositiveIntegerField(default=0, help_text="The conversation's version last shown there.")
    told_message_id = models.BigIntegerField(
        default=0, help_text="Up to which message a triage post’s thread tells what was said."
    )
    ended_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="Since when it is kept up to date no more: it is shown elsewhere.",
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["installation", "kind", "place", "external_id"], name="link_counterpart_once"
            ),
            models.UniqueConstraint(fields=["conversation", "kind", "place"], name="link_once_per_place"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.external_id}"
