"""What one teammate alone is told after they pressed, typed or reacted, and the dialogs that open for them.

Everything is a Delivery: nothing here calls Slack.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from integrations.models import Delivery, DeliveryKind, Installation
from integrations.tasks import send_deliveries
from integrations.wake import wake

AHEAD = timedelta(hours=1)
"""A dialog goes before all that waits to be sent: Slack lets it open for three seconds."""


def answer(installation: Installation, payload: dict[str, Any], text: str) -> bool:
    """To the address that came with a command or shortcut, seen by whoever acted. False where it isn't Slack's."""
    url = str(payload.get("response_url") or "")
    if not _is_slack(url):
        return False
    body = {"response_type": "ephemeral", "replace_original": False, "text": text}
    _send(installation, kind=DeliveryKind.ANSWER, request={"url": url, "body": body})
    return True


def whisper(installation: Installation, user: User, channel_id: str, text: str) -> None:
    """In a channel that Pylon is in, shown to this teammate alone."""
    _send(installation, kind=DeliveryKind.DIALOG, place=channel_id, request=_whispered(user, channel_id, text))


def open_dialog(
    installation: Installation, user: User, payload: dict[str, Any], view: dict[str, Any], *, channel_id: str
) -> None:
    """After a click, whose trigger Slack takes for three seconds; they are told in the channel when it was too late."""
    _send(
        installation,
        kind=DeliveryKind.DIALOG,
        place=user.external_id or "",
        next_attempt_at=timezone.now() - AHEAD,
        request={
            "method": "views.open",
            "arguments": {"trigger_id": str(payload.get("trigger_id") or ""), "view": view},
            "otherwise": _whispered(user, channel_id, "That took too long for Slack. Please try once more."),
        },
    )


def _whispered(user: User, channel_id: str, text: str) -> dict[str, Any]:
    arguments = {"channel": channel_id, "user": user.external_id, "text": text}
    return {"method": "chat.postEphemeral", "arguments": arguments}


def _send(installation: Installation, **fields: Any) -> None:
    Delivery.objects.create(workspace=installation.workspace, installation=installation, **fields)
    transaction.on_commit(partial(wake, send_deliveries))


def _is_slack(url: str) -> bool:
    """Answers go to Slack alone: to its hooks, or to the server that stands in for it."""
    try:
        address, slack = urlsplit(url), urlsplit(settings.SLACK_API_URL)
    except ValueError:
        return False
    if (address.scheme, address.netloc) == (slack.scheme, slack.netloc):
        return True
    return address.scheme == "https" and address.hostname == "hooks.slack.com"
