"""Each morning a direct message to every teammate who has something open."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from integrations.discussing import direct_message
from integrations.slack.digest_text import draw
from triage.digests import day_due, summarise
from triage.models import Digest


def make_digests(*, now: datetime | None = None) -> int:
    """Those that are due. Answers how many messages wait to be sent; each teammate gets one a day."""
    now = now or timezone.now()
    users = User.objects.filter(is_active=True).exclude(digest_at=None).exclude(external_id=None)
    made = 0
    for user in users.filter(owned_conversations__isnull=False).distinct().select_related("workspace"):
        day = day_due(user, now)
        if day and not Digest.objects.filter(user=user, on=day).exists():
            made += _make(user, day, now)
    return made


def _make(user: User, day: date, now: datetime) -> bool:
    summary = summarise(user, day)
    with transaction.atomic():
        _, is_new = Digest.objects.get_or_create(user=user, on=day, defaults={"workspace_id": user.workspace_id})
        delivery = direct_message(user, draw(summary, user), at=now) if is_new and summary else None
        if delivery:
            delivery.save()
    return delivery is not None
