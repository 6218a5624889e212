"""*Create ticket …* under a triage post: a dialog asks in which tool, and connects the conversation."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError

from accounts.models import User
from conversations.excerpts import one_line
from conversations.finding import numbered
from conversations.models import Conversation
from integrations.models import Installation
from integrations.slack.answering import open_dialog, whisper
from integrations.slack.post.words import escape, plain
from integrations.tools.linking import choosable, connect

CALLBACK = "create_ticket"
OPTION = 75
"""Characters of an option, as Slack has it."""


def ask(installation: Installation, user: User, conversation: Conversation, payload: dict[str, Any]) -> str:
    channel_id = _place(payload)
    if merged := conversation.merged_into:
        return _refused(installation, user, channel_id, f"#{conversation.number} is part of #{merged.number} now.")
    tools = choosable(conversation)
    if not tools:
        why = "There is no support tool that it is not connected with already. Connect one in Pylon’s settings."
        return _refused(installation, user, channel_id, why)
    open_dialog(installation, user, payload, draw(conversation, tools, channel_id), channel_id=channel_id)
    return "the dialog opens"


def save(installation: Installation, user: User, payload: dict[str, Any]) -> str:
    """What was chosen. The post shows the ticket once it is there."""
    view = payload["view"]
    number, _, channel_id = str(view.get("private_metadata") or "").partition(" ")
    conversation = numbered(user.workspace, number)
    chosen = _chosen(view)
    tool = next((one for one in choosable(conversation) if str(one.pk) == chosen), None) if conversation else None
    if conversation is None or tool is None:
        return _refused(installation, user, channel_id, "It is connected with that tool already, or the tool is gone.")
    try:
        connect(conversation, tool, by=user)
    except ValidationError as error:
        return _refused(installation, user, channel_id, " ".join(error.messages))
    return f"connects with {tool.get_provider_display()}"


def draw(conversation: Conversation, tools: list[Installation], channel_id: str) -> dict[str, Any]:
    options = [{"value": str(tool.pk), "text": plain(one_line(str(tool), OPTION))} for tool in tools]
    menu = {
        "type": "static_select", "action_id": "tool", "options": options, "initial_option": options[0],
    }  # fmt: skip
    about = f"*{escape(one_line(str(conversation), 200))}*\nWhat was said so far goes along, and from now on both sides"
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "private_metadata": f"{conversation.number} {channel_id}",
        "title": plain("Create a ticket"),
        "submit": plain("Create"),
        "close": plain("Cancel"),
        "blocks": [
            {"type": "section", "text": {"type": "mrkdwn", "text": f"{about} stay in step.", "verbatim": True}},
            {"type": "input", "block_id": "tool", "label": plain("Support tool"), "element": menu},
        ],
    }


def _refused(installation: Installation, user: User, channel_id: str, why: str) -> str:
    if channel_id:
        whisper(installation, user, channel_id, escape(why))
    return f"refused: {why}"


def _chosen(view: dict[str, Any]) -> str:
    state = view.get("state")
    values = state.get("values") if isinstance(state, dict) else None
    block = values.get("tool") if isinstance(values, dict) else None
    element = block.get("tool") if isinstance(block, dict) else None
    option = element.get("selected_option") if isinstance(element, dict) else None
    return str(option.get("value") if isinstance(option, dict) else "")


def _place(payload: dict[str, Any]) -> str:
    """The channel of the post."""
    container, channel = payload.get("container"), payload.get("channel")
    place = container.get("channel_id") if isinstance(container, dict) else ""
    return str(place or (channel.get("id") if isinstance(channel, dict) else "") or "")
