"""Up to when somebody has looked at a conversation."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
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


def mark_all_seen(user: User) -> tuple[datetime, datetime]:
    """All that there is now, everywhere. Answers from when on things were new before, and from when on they are now."""
    with transaction.atomic():
        before = User.objects.select_for_update(no_key=True).values_list("read_before_at", flat=True).get(pk=user.pk)
        now = timezone.now()
        User.objects.filter(pk=user.pk).update(read_before_at=now)
    return before, now


def unmark_all_seen(user: User, *, before: datetime, since: datetime) -> bool:
    """Takes back what `mark_all_seen` answered; what was looked at one by one stays seen. Answers whether it is taken
    back, which it isn't once everything was marked anew."""
    User.objects.filter(pk=user.pk, read_before_at=since).update(read_before_at=before)
    return User.objects.filter(pk=user.pk, read_before_at=before).exists()
