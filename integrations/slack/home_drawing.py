"""The Home tab in Block Kit. Pure.

https://docs.slack.dev/surfaces/app-home
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings

from conversations.models import Conversation
from integrations.slack.lines import line

ACKNOWLEDGE = "home_acknowledge"
SHOWN = 30
"""Conversations: Slack allows a hundred blocks, of which each takes two."""


def draw_home(conversations: Sequence[Conversation], more: int) -> dict[str, Any]:
    """`more`: how many are not among them."""
    blocks: list[dict[str, Any]] = [_header("Your open conversations")]
    if not conversations:
        blocks.append(_section(f"Nothing waits for you. <{settings.BASE_URL}/board/|The board>"))
    for conversation in conversations:
        blocks += [_section(line(conversation)), _buttons(conversation)]
    if more:
        blocks.append(_section(f"and {more} more on <{settings.BASE_URL}/board/|the board>"))
    return {"type": "home", "blocks": blocks}


def draw_for_others() -> dict[str, Any]:
    said = "Pylon helps a support team to keep track of conversations. This page is for the team’s own people."
    return {"type": "home", "blocks": [_header("Hello"), _section(said)]}


def _buttons(conversation: Conversation) -> dict[str, Any]:
    number = str(conversation.number)
    page = f"{settings.BASE_URL}{conversation.get_absolute_url()}"
    close = {"type": "button", "action_id": ACKNOWLEDGE, "value": number, "text": _plain("Acknowledge")}
    look = {"type": "button", "action_id": "home_open", "value": number, "url": page, "text": _plain("Open in Pylon")}
    return {"type": "actions", "block_id": f"conversation-{number}", "elements": [close, look]}


def _header(text: str) -> dict[str, Any]:
    return {"type": "header", "text": _plain(text)}


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}
