"""Pylon's Home tab in Slack: a teammate's own open conversations. Who is no teammate sees none."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from conversations.finding import numbered
from integrations.models import Delivery, DeliveryKind, DeliveryState, Installation
from integrations.slack.home_drawing import ACKNOWLEDGE
from integrations.tasks import send_deliveries
from integrations.wake import wake


def opened(installation: Installation, event: dict[str, Any]) -> str:
    """Somebody, teammate or not, looks at it."""
    user_id = str(event.get("user") or "")
    if event.get("tab") != "home" or not user_id:
        return "not the Home tab"
    mine = {"installation": installation, "kind": DeliveryKind.HOME, "place": user_id}
    waiting = Delivery(workspace=installation.workspace, **mine)
    Delivery.objects.bulk_create([waiting], ignore_conflicts=True)
    Delivery.objects.filter(**mine, state=DeliveryState.PENDING).update(next_attempt_at=timezone.now())
    transaction.on_commit(partial(wake, send_deliveries))
    return "the Home tab is drawn"


def acknowledge(installation: Installation, user: User, payload: dict[str, Any]) -> str:
    pressed = [act for act in payload["actions"] if isinstance(act, dict) and act.get("action_id") == ACKNOWLEDGE]
    conversation = numbered(installation.workspace, str(pressed[0].get("value") or ""))
    if conversation is None:
        return "no conversation of ours"
    conversation.close(by=user)
    return "acknowledged"
