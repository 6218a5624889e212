"""The tickets of the console: a small support tool of our own, for trying out what connecting one does."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.models.installation import Installation


class ConsoleStatus(models.TextChoices):
    OPEN = "open", _("Open")
    PENDING = "pending", _("Pending")
    SOLVED = "solved", _("Solved")


class ConsoleTicket(models.Model):
    installation = models.ForeignKey(Installation, on_delete=models.CASCADE, related_name="console_tickets")
    number = models.PositiveIntegerField()
    key = models.CharField(max_length=64)
    title = models.CharField(max_length=200)
    requester = models.CharField(max_length=160, blank=True)
    status = models.CharField(max_length=16, choices=ConsoleStatus.choices, default=ConsoleStatus.OPEN)
    owner_email = models.EmailField(blank=True)
    source = models.CharField("conversation’s address", max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["installation", "number"], name="console_number_once"),
            models.UniqueConstraint(fields=["installation", "key"], name="console_key_once"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class ConsoleComment(models.Model):
    """`key`: of what came from a conversation; empty: written on the console's page."""

    ticket = models.ForeignKey(ConsoleTicket, on_delete=models.CASCADE, related_name="comments")
    key = models.CharField(max_length=64, blank=True)
    text = models.TextField()
    author_name = models.CharField(max_length=160)
    author_email = models.EmailField(blank=True)
    is_ours = models.BooleanField(default=True)
    is_public = models.BooleanField(default=True)
    files = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["ticket", "key"], condition=~Q(key=""), name="console_comment_once"),
        ]

    def __str__(self) -> str:
        return self.text[:60]
