"""What a teammate keeps of the board: views saved by name, and what they have seen."""

from __future__ import annotations

import secrets

from django.db import models
from django.utils import timezone

from accounts.models import User, Workspace
from conversations.models.conversation import Conversation


def new_key() -> str:
    return secrets.token_urlsafe(8)


class SavedView(models.Model):
    """A board as somebody filtered it, under an address that stays: `/board/?view=<key>`."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="saved_views")
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_views")
    is_shared = models.BooleanField(
        default=False, help_text="Everybody of the workspace sees it; only its owner and admins change it."
    )
    key = models.CharField(max_length=16, unique=True, default=new_key, editable=False)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000, blank=True, help_text="The board’s query string.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="saved_view_name_once")]

    def __str__(self) -> str:
        return self.name


class Seen(models.Model):
    """Up to when a teammate has looked at a conversation. Without a row `User.read_before_at` counts."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="seen")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="seen")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "conversation"], name="seen_once")]

    def __str__(self) -> str:
        return f"{self.user}: {self.conversation} until {self.at:%Y-%m-%d %H:%M}"
