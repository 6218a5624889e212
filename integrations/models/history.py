"""A channel's past."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Channel, User, Workspace
from accounts.roles import require_admin
from integrations.models.installation import Installation


class ReadingState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    READING = "reading", _("Reading")
    DONE = "done", _("Done")
    STOPPED = "stopped", _("Stopped")
    FAILED = "failed", _("Failed")


UNDER_WAY = [ReadingState.WAITING, ReadingState.READING]
EXPLANATIONS = {
    "capped": _("Slack gives this app 15 messages a minute"),
    "paced": _("Slack allows 50 requests a minute"),
    "ratelimited": _("Slack asked for a pause"),
    "not_in_channel": _("Pylon is not in the channel: invite it"),
    "channel_not_found": _("Pylon does not see the channel: invite it"),
    "missing_scope": _("The Slack app may not read the channel’s history: install it again"),
    "not_connected": _("The Slack workspace is not connected"),
    "not_a_customers_channel": _("The channel is not a customer’s any more"),
}
"""What the errors that a person can do something about mean."""


class HistoryReadingQuerySet(models.QuerySet["HistoryReading"]):
    def under_way(self) -> Self:
        return self.filter(state__in=UNDER_WAY)


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

    objects = HistoryReadingQuerySet.as_manager()

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

    def stop(self, *, by: User | None) -> Self:
        """What was brought in stays. A worker that is at it lets go before its next request is kept. `by` None: an
        operator."""
        require_admin(by)
        return self._move(UNDER_WAY, state=ReadingState.STOPPED, finished_at=timezone.now())

    def resume(self, *, by: User | None) -> Self:
        """Go on where it stopped or failed. ValidationError when another reading of the channel is under way."""
        require_admin(by)
        others = HistoryReading.objects.under_way().filter(channel=self.channel_id, is_check=self.is_check)
        if others.exclude(pk=self.pk).exists():
            raise ValidationError(gettext("The past of %(channel)s is being read already.") % {"channel": self.channel})
        return self._move(
            [ReadingState.STOPPED, ReadingState.FAILED], state=ReadingState.WAITING, finished_at=None,
            next_attempt_at=timezone.now(), attempts=0, error="",
        )  # fmt: skip

    def _move(self, states: Collection[str], **changes: Any) -> Self:
        """Nothing happens when it is in none of these states."""
        mine = HistoryReading.objects.filter(pk=self.pk, state__in=states)
        mine.update(updated_at=timezone.now(), **changes)
        self.refresh_from_db()
        return self

    @property
    def is_under_way(self) -> bool:
        return self.state in UNDER_WAY

    @property
    def percent(self) -> int:
        """How much of the time asked for has been read."""
        if self.state == ReadingState.DONE:
            return 100
        start, end = float(self.oldest or 0), float(self.latest or 0)
        return round(100 * (float(self.reached or start) - start) / (end - start)) if end > start else 0

    @property
    def reached_at(self) -> datetime | None:
        return _moment(self.reached)

    @property
    def oldest_at(self) -> datetime | None:
        return _moment(self.oldest)

    @property
    def latest_at(self) -> datetime | None:
        return _moment(self.latest)

    @property
    def explanation(self) -> str:
        return str(EXPLANATIONS.get(self.error, self.error))


def _moment(ts: str) -> datetime | None:
    return datetime.fromtimestamp(float(ts), UTC) if ts else None
