"""A channel's past."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Channel, User, Workspace
from integrations.models.installation import Installation


class ReadingState(models.TextChoices):
    WAITING = "waiting", "Waiting"
    READING = "reading", "Reading"
    DONE = "done", "Done"
    STOPPED = "stopped", "Stopped"
    FAILED = "failed", "Failed"


class HistoryReading(models.Model):
    """A channel's past being read: asked for by somebody (`is_check` False) or to find what is missing.

    `oldest`, `latest` and the cursors are Slack's time stamps. What was read up to `reached` is stored for good, so
    that a reading goes on where it was interrupted.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="readings")
    installation = models.ForeignKey(Installation, on_delete=models.CASCADE, related_name="readings")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="readings")
    is_check = models.BooleanField(default=False)
    oldest = models.CharField(max_length=32, blank=True)
    latest = models.CharField(max_length=32, blank=True)
    reached = models.CharField(max_length=32, blank=True)
    cursor = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=16, choices=ReadingState.choices, default=ReadingState.WAITING)
    messages_seen = models.PositiveIntegerField(default=0)
    messages_new = models.PositiveIntegerField(default=0)
    edits_found = models.PositiveIntegerField(default=0)
    deletions_found = models.PositiveIntegerField(default=0)
    quiet_days = models.PositiveSmallIntegerField(
        default=14, help_text="A conversation that was quiet for so long when we learned of it is closed."
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    error = models.CharField(max_length=300, blank=True)
    by_user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "is_check"],
                condition=Q(state__in=["waiting", "reading"]),
                name="reading_under_way_once",
            )
        ]
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=Q(state__in=["waiting", "reading"]), name="reading_due")
        ]

    def __str__(self) -> str:
        return f"{self.channel} ({self.get_state_display()})"
