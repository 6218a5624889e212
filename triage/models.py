"""Who in the team gets told, where, and by when."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Channel, User, Workspace
from conversations.models import Conversation, Priority


class TriageChannel(models.Model):
    """A Slack channel in which conversations are worked: those that its filter lets through, or (the general one)
    those that no other shows. `filter`: see `triage.routing`."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="triage_channels")
    channel = models.OneToOneField(Channel, on_delete=models.CASCADE, related_name="triage")
    name = models.CharField(max_length=80, blank=True, help_text="What it shows, in your words.")
    is_general = models.BooleanField(default=False)
    filter = models.JSONField(default=dict, blank=True)
    outsiders = models.PositiveIntegerField(
        default=0, editable=False, help_text="Members who are none of us: customers, guests, people of other teams."
    )
    members_read_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When the members were read last; empty: they changed since."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace"], condition=Q(is_general=True), name="triage_general_once"),
        ]

    def __str__(self) -> str:
        return str(self.channel)


class Calendar(models.Model):
    """Working hours. `hours`: by weekday (0 is Monday) a list of ["09:00", "17:30"]; `holidays`: by date
    ("2026-12-25") a name."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="calendars")
    name = models.CharField(max_length=80)
    time_zone = models.CharField(max_length=64, default="UTC")
    hours = models.JSONField(default=dict)
    holidays = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="calendar_name_once")]

    def __str__(self) -> str:
        return self.name


class ResponseTarget(models.Model):
    """How fast we mean to answer. The first that fits counts, by `position`; empty `tier` or `priority` fits all."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="response_targets")
    position = models.PositiveSmallIntegerField(default=0)
    tier = models.CharField(max_length=40, blank=True)
    priority = models.CharField(max_length=16, choices=Priority.choices, blank=True)
    minutes = models.PositiveIntegerField(help_text="To the next answer, in working time.")
    warn_minutes = models.PositiveIntegerField(default=0, help_text="Before the end; 0: no warning.")
    escalate_minutes = models.PositiveIntegerField(default=0, help_text="After the end; 0: no escalation.")
    escalate_to = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    calendar = models.ForeignKey(
        Calendar, on_delete=models.SET_NULL, null=True, blank=True, help_text="Empty: all hours of all days."
    )

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return f"{self.minutes} min ({self.tier or 'all tiers'}, {self.priority or 'any priority'})"


class ReminderKind(models.TextChoices):
    WARNING = "warning", _("Soon due")
    DUE = "due", _("Due")
    ESCALATION = "escalation", _("Escalated")


class Reminder(models.Model):
    """What was said about one wait of a customer. The constraint is what says it once."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="reminders")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="reminders")
    kind = models.CharField(max_length=16, choices=ReminderKind.choices)
    waiting_since = models.DateTimeField()
    due_at = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation", "waiting_since", "kind"], name="reminder_once_for_a_wait")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.conversation}"


class Digest(models.Model):
    """One teammate's summary of one day."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="digests")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="digests")
    on = models.DateField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "on"], name="digest_once_a_day")]

    def __str__(self) -> str:
        return f"{self.user}, {self.on}"


class WeeklyPost(models.Model):
    """When and where a workspace's weekly summary is posted. Weekday 0 is Monday; the hour is the workspace's."""

    workspace = models.OneToOneField(Workspace, on_delete=models.CASCADE, related_name="weekly_post")
    channel = models.ForeignKey(Channel, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    weekday = models.PositiveSmallIntegerField(default=0)
    hour = models.PositiveSmallIntegerField(default=9)
    is_on = models.BooleanField(default=False)
    begins_at = models.DateTimeField(
        default=timezone.now, help_text="Since when it is as it is; no earlier one is due."
    )

    def __str__(self) -> str:
        return f"{self.workspace}, {self.channel}"


class WeeklySummary(models.Model):
    """That a summary was posted in a week. `week`: the Monday. The constraint is what posts it once."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="weekly_summaries")
    week = models.DateField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name_plural = "weekly summaries"
        constraints = [models.UniqueConstraint(fields=["workspace", "week"], name="weekly_summary_once")]

    def __str__(self) -> str:
        return f"{self.workspace}, {self.week}"
