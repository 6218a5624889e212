"""Every other system: how we are connected, what came in, what went out, what belongs to what."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import Workspace
from conversations.models import Conversation, ConversationEvent
from integrations.fields import EncryptedJSONField


class Provider(models.TextChoices):
    SLACK = "slack", "Slack"


class Installation(models.Model):
    """A connected system of a workspace. For Slack: one Slack team in which our app is installed."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="installations")
    provider = models.CharField(max_length=16, choices=Provider.choices)
    external_id = models.CharField("team id", max_length=64)
    name = models.CharField(max_length=120, blank=True)
    url = models.URLField("address", blank=True, help_text="Where the other system's pages are.")
    enterprise_id = models.CharField(max_length=64, blank=True)
    app_id = models.CharField(max_length=64, blank=True)
    bot_id = models.CharField(max_length=64, blank=True)
    bot_user_id = models.CharField(max_length=64, blank=True)
    credentials = EncryptedJSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "external_id"], name="installation_once")]

    def __str__(self) -> str:
        return f"{self.get_provider_display()}: {self.name or self.external_id}"


class InboundEvent(models.Model):
    """A webhook as received, stored before it is understood. The table is its own queue."""

    provider = models.CharField(max_length=16, choices=Provider.choices)
    external_id = models.CharField(max_length=128, help_text="The sender's id of the delivery; stored once.")
    kind = models.CharField(max_length=64)
    lane = models.CharField(max_length=160, help_text="What must be worked in order: a channel of a team.")
    body = models.TextField()
    received_at = models.DateTimeField(db_default=Now())
    processed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=200, db_default="", blank=True)
    attempts = models.PositiveSmallIntegerField(db_default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True, help_text="Given up after the last attempt.")
    error = models.TextField(db_default="", blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "external_id"], name="inbound_event_once")]
        indexes = [
            models.Index(fields=["lane", "id"], condition=Q(processed_at=None, failed_at=None), name="inbound_waiting"),
            models.Index(fields=["received_at"], name="inbound_received"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.external_id}"


class LinkKind(models.TextChoices):
    TRIAGE_POST = "triage_post", "Triage post"


class Link(models.Model):
    """A conversation's counterpart elsewhere. Of a triage post: `place` is the channel, `external_id` its ts."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="links")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="links")
    installation = models.ForeignKey(Installation, on_delete=models.CASCADE, related_name="links")
    kind = models.CharField(max_length=32, choices=LinkKind.choices)
    place = models.CharField(max_length=64, blank=True)
    external_id = models.CharField(max_length=128)
    drawn_version = models.PositiveIntegerField(default=0, help_text="The conversation's version last shown there.")
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


class DeliveryKind(models.TextChoices):
    TRIAGE_POST = "triage_post", "Triage post"
    ANSWER = "answer", "Answer to a click or command"


class DeliveryState(models.TextChoices):
    PENDING = "pending", "Waiting"
    SENDING = "sending", "In flight"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


class Delivery(models.Model):
    """One send to one system, with what was sent and what came back.

    A triage post has at most one waiting row per conversation and place: it draws the newest state when sent,
    so that a burst of changes costs one call.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="deliveries")
    installation = models.ForeignKey(Installation, on_delete=models.CASCADE, related_name="deliveries")
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, null=True, blank=True, related_name="deliveries"
    )
    event = models.ForeignKey(
        ConversationEvent, on_delete=models.SET_NULL, null=True, blank=True, related_name="deliveries"
    )
    kind = models.CharField(max_length=32, choices=DeliveryKind.choices)
    place = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=16, choices=DeliveryState.choices, default=DeliveryState.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    claimed_at = models.DateTimeField(null=True, blank=True)
    request = models.JSONField(default=dict, blank=True)
    response = models.JSONField(default=dict, blank=True)
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "kind", "place"],
                condition=Q(state="pending", kind="triage_post"),
                name="delivery_waiting_once",
            )
        ]
        indexes = [
            models.Index(F("next_attempt_at"), condition=Q(state__in=["pending", "sending"]), name="delivery_due"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.get_state_display()})"
