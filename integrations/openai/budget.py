"""What a workspace's questions may cost between two midnights (UTC)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db.models import F, Q, Sum
from django.utils import timezone

from integrations.models import ModelCall

PATIENCE: Final = timedelta(hours=1)
"""After so long a question is not asked any more: what it is about has moved on."""


def left(workspace_id: int) -> int:
    """Tokens that may still be used today; negative when the last answers took more than was guessed."""
    return int(settings.OPENAI_DAILY_TOKENS) - spent(workspace_id)


def spent(workspace_id: int) -> int:
    today = begun_at()
    # A question that was put before midnight may be answered after it. The first condition is the index's.
    calls = ModelCall.objects.filter(workspace=workspace_id, created_at__gte=today - PATIENCE).filter(
        Q(finished_at=None) | Q(finished_at__gte=today)
    )
    return int(calls.aggregate(tokens=Sum(F("tokens_in") + F("tokens_out")))["tokens"] or 0)


def begun_at() -> datetime:
    """The last midnight, UTC."""
    return timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
