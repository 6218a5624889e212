"""What teammates press and type in Slack. Everybody else's clicks do nothing."""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from conversations.models import Conversation
from integrations.models import Delivery, DeliveryKind, Installation, Link, LinkKind
from integrations.slack.acting import teammate
from integrations.slack.triage_post import ACKNOWLEDGE
from integrations.slack.views_registry import BUTTONS
from integrations.tasks import send_deliveries
from integrations.wake import wake

HELP = (
    "*Pylon* keeps track of the conversations with customers in this workspace's shared channels.\n"
    "• Invite me to a channel with `/invite @Pylon`: whoever invites me owns its conversations.\n"
    "• *Acknowledge* under a post in the triage channel closes its conversation.\n"
    "• A reply in the thread of such a post is an internal note. Customers never see it.\n"
    "The board: {board}"
)


def press(installation: Installation, payload: dict[str, Any]) -> str:
    """A button or menu of ours. Answers what was done, in words."""
    user = teammate(installation, payload.get("user"))
    if user is None:
        return "pressed by somebody who is no teammate: nothing done"
    acts = payload.get("actions")
    pressed = [str(act.get("action_id")) for act in acts if isinstance(act, dict)] if isinstance(acts, list) else []
    if act := next((BUTTONS[action_id] for action_id in pressed if action_id in BUTTONS), None):
        return act(installation, user, payload)
    conversation = _conversation(installation, payload.get("container"), payload)
    if conversation is None:
        return "a post that belongs to no conversation"
    if ACKNOWLEDGE in pressed:
        conversation.close(by=user)
        return "acknowledged"
    return f"nothing to do for {', '.join(pressed)[:100]}"


def command(installation: Installation, payload: dict[str, Any]) -> str:
    """`/pylon`, by a teammate. The answer is seen by them only."""
    if teammate(installation, {"id": payload.get("user_id"), "team_id": payload.get("team_id")}) is None:
        return "typed by somebody who is no teammate: nothing done"
    url = str(payload.get("response_url") or "")
    if not _is_slack(url):
        return "an answer's address that isn't Slack's: nothing sent"
    Delivery.objects.create(
        workspace=installation.workspace,
        installation=installation,
        kind=DeliveryKind.ANSWER,
        request={
            "url": url,
            "body": {"response_type": "ephemeral", "text": HELP.format(board=f"{settings.BASE_URL}/board/")},
        },
    )
    transaction.on_commit(partial(wake, send_deliveries))
    return "help"


def _conversation(installation: Installation, container: Any, payload: dict[str, Any]) -> Conversation | None:
    container = container if isinstance(container, dict) else {}
    channel = payload.get("channel")
    place = container.get("channel_id") or (channel.get("id") if isinstance(channel, dict) else "")
    link = (
        Link.objects.select_related("conversation")
        .filter(
            installation=installation, kind=LinkKind.TRIAGE_POST, place=str(place or ""),
            external_id=str(container.get("message_ts") or "-"),
        )
        .first()
    )  # fmt: skip
    return link.conversation if link else None


def _is_slack(url: str) -> bool:
    """Answers go to Slack alone: to its hooks, or to the server that stands in for it."""
    try:
        address, slack = urlsplit(url), urlsplit(settings.SLACK_API_URL)
    except ValueError:
        return False
    if (address.scheme, address.netloc) == (slack.scheme, slack.netloc):
        return True
    return address.scheme == "https" and address.hostname == "hooks.slack.com"
