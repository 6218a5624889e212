"""Which buttons and menus of ours teammates press. Everybody else's clicks do nothing.

Those under a conversation's post are in `post_actions.ACTIONS`, all others in `views_registry.BUTTONS`.
"""

from __future__ import annotations

from typing import Any

from conversations.models import Conversation
from integrations.models import Installation, Link, LinkKind
from integrations.slack.acting import teammate, why_not
from integrations.slack.answering import answer
from integrations.slack.post_actions import ACTIONS
from integrations.slack.views_registry import BUTTONS


def press(installation: Installation, payload: dict[str, Any]) -> str:
    """A button or menu of ours. Answers what was done, in words."""
    user = teammate(installation, payload.get("user"))
    if user is None or not user.may_change:
        answer(installation, payload, why_not(user))
        who = "is no teammate" if user is None else "may only read"
        return f"pressed by somebody who {who}: nothing done"
    acts = payload.get("actions")
    pressed = [str(act.get("action_id")) for act in acts if isinstance(act, dict)] if isinstance(acts, list) else []
    if button := next((BUTTONS[action_id] for action_id in pressed if action_id in BUTTONS), None):
        return button(installation, user, payload)
    conversation = _conversation(installation, payload.get("container"), payload)
    if conversation is None:
        answer(installation, payload, "Pylon no longer knows the conversation of this post.")
        return "a post that belongs to no conversation"
    if act := next((ACTIONS[action_id] for action_id in pressed if action_id in ACTIONS), None):
        return act(installation, user, conversation, payload)
    return f"nothing to do for {', '.join(pressed)[:100]}"


def _conversation(installation: Installation, container: Any, payload: dict[str, Any]) -> Conversation | None:
    container = container if isinstance(container, dict) else {}
    channel = payload.get("channel")
    place = container.get("channel_id") or (channel.get("id") if isinstance(channel, dict) else "")
    link = (
        Link.objects.select_related("conversation__merged_into")
        .filter(
            installation=installation, kind=LinkKind.TRIAGE_POST, place=str(place or ""),
            external_id=str(container.get("message_ts") or "-"),
        )
        .first()
    )  # fmt: skip
    return link.conversation if link else None
