"""Whose Home tab shows which conversations, kept in Redis: only what somebody has opened is drawn anew. Lost, it is
drawn when they open it next."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta

import redis
import structlog
from django.utils import timezone

from conversations.models import Conversation, ConversationEvent
from integrations.models import Delivery, DeliveryKind, Installation, Provider
from integrations.redis_client import redis_client

log = structlog.get_logger(__name__)

KEPT_SECONDS = 30 * 24 * 3600
GATHER = timedelta(seconds=2)
"""A burst of changes is drawn once."""


def remember_shown(installation: Installation, user_id: str, conversations: Iterable[int]) -> None:
    try:
        redis_client().hset(_key(installation.pk), user_id, json.dumps(sorted(conversations)))
        redis_client().expire(_key(installation.pk), KEPT_SECONDS)
    except redis.RedisError as error:
        log.warning("could not note what a Home tab shows", error=str(error))


def draw_homes_anew(events: Sequence[ConversationEvent]) -> None:
    """Of the owners of what changed, and of those whose tab shows it. Not within a transaction: it asks Redis."""
    changed: dict[int, set[int]] = defaultdict(set)
    for event in events:
        changed[event.workspace_id].add(event.conversation_id)
    found = Conversation.objects.filter(pk__in={event.conversation_id for event in events}).exclude(owner=None)
    owners: dict[int, set[str | None]] = defaultdict(set)
    for workspace_id, user_id in found.values_list("workspace_id", "owner__external_id"):
        owners[workspace_id].add(user_id)
    mine = Installation.objects.filter(workspace__in=changed, provider=Provider.SLACK, revoked_at=None)
    at = timezone.now() + GATHER
    deliveries = [
        Delivery(
            workspace_id=installation.workspace_id, installation=installation, kind=DeliveryKind.HOME, place=user_id,
            next_attempt_at=at,
        )
        for installation in mine
        for user_id, shown in _shown(installation).items()
        if user_id in owners[installation.workspace_id] or shown & changed[installation.workspace_id]
    ]  # fmt: skip
    Delivery.objects.bulk_create(deliveries, ignore_conflicts=True)


def _shown(installation: Installation) -> dict[str, set[int]]:
    try:
        kept = redis_client().hgetall(_key(installation.pk))
    except redis.RedisError as error:
        log.warning("could not read what Home tabs show", error=str(error))
        return {}
    return {_text(user_id): set(json.loads(shown)) for user_id, shown in kept.items()}


def _text(kept: bytes | str) -> str:
    return kept.decode() if isinstance(kept, bytes) else kept


def _key(installation_id: int) -> str:
    return f"pylon:homes:{installation_id}"
