"""What the language model is asked."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace
from conversations.models import Conversation, Message


class ModelPurpose(models.TextChoices):
    GROUPING = "grouping", _("Where a message belongs")
    STATUS = "status", _("What a reply does")
    DESCRIPTION = "description", _("Title, summary and topic")


class ModelAnswer(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    ASKING = "asking", _("Being asked")
    USED = "used", _("Used")
    AGREED = "agreed", _("The same as decided offline")
    LATE = "late", _("Too late: somebody acted meanwhile")
    INVALID = "invalid", _("Not a valid answer")
    REFUSED = "refused", _("Not asked: the budget is spent, or the model fails")
    FAILED = "failed", _("No answer")


class ModelCall(models.Model):
    """A question to the language model, with what it cost and what became of the answer. The table is its queue."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="model_calls")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="model_calls")
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="model_calls")
    purpose = models.CharField(max_length=16, choices=ModelPurpose.choices)
    state = models.CharField(max_length=16, choices=ModelAnswer.choices, default=ModelAnswer.WAITING)
    model = models.CharField(max_length=120, blank=True)
    digest = models.CharField(max_length=64, blank=True, help_text="Of what was asked: the same is not asked twice.")
    answer = models.JSONField(default=dict, blank=True)
    error = models.CharField(max_length=300, blank=True)
    tokens_in = models.PositiveIntegerField(default=0)
    tokens_out = models.PositiveIntegerField(default=0)
    milliseconds = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "purpose"], name="model_call_once")]
        indexes = [
            models.Index(fields=["id"], condition=Q(state__in=["waiting", "asking"]), name="model_call_due"),
            models.Index(fields=["workspace", "created_at"], name="model_call_newest"),
            models.Index(fields=["digest"], condition=Q(state__in=["used", "agreed"]), name="model_call_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} ({self.get_state_display()})"
