"""What a person put right about the grouping. The labels from which the rules can be judged."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User, Workspace


class CorrectionKind(models.TextChoices):
    MOVE = "move", _("Moved")
    SPLIT = "split", _("Split")
    MERGE = "merge", _("Merged")


class Correction(models.Model):
    """Messages that a person took from `source` to `target`. `before` holds, by message id, how each had been
    placed, so that it can be undone."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="corrections")
    kind = models.CharField(max_length=16, choices=CorrectionKind.choices)
    source = models.ForeignKey("conversations.Conversation", on_delete=models.CASCADE, related_name="corrections_from")
    target = models.ForeignKey("conversations.Conversation", on_delete=models.CASCADE, related_name="corrections_to")
    before = models.JSONField(default=dict)
    by_user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["workspace", "created_at"], name="correction_newest")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.source_id} to {self.target_id}"
