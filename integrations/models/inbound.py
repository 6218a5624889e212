"""What came in."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from integrations.models.installation import Provider


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
