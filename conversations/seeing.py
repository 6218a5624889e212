"""Up to when somebody has looked at a conversation."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from accounts.models import User
from conversations.models import Conversation, Seen


def seen_until(user: User, conversation: Conversation) -> datetime:
    """What came before counts as seen."""
    at = Seen.objects.filter(user=user, conversation=conversation).values_list("at", flat=True).first()
    return max(at, user.read_before_at) if at else user.read_before_at


def mark_seen(user: User, conversation: Conversation) -> None:
    """All that there is now."""
    Seen.objects.bulk_create(
        [Seen(user=user, conversation=conversation, at=timezone.now())],
        update_conflicts=True, unique_fields=["user", "conversation"], update_fields=["at"],
    )  # fmt: skip
