"""The buttons and menus of a triage post. What they do: `post_actions`."""

from __future__ import annotations

from typing import Any

from conversations.models import Conversation, ConversationEvent
from conversations.status import Status
from integrations.slack.post.words import plain
from integrations.tools.linking import choosable

ACKNOWLEDGE, STATUS, ASSIGN_ME, ASSIGN = "acknowledge", "status", "assign_me", "assign"
TICKET = "ticket"
SNOOZE, WAKE, UNDO, REOPEN, OPEN = "snooze", "wake", "undo", "reopen", "open"
SNOOZES = {"1h": "1 hour", "3h": "3 hours", "tomorrow": "Tomorrow morning", "next week": "Next week"}


def controls(conversation: Conversation, page: str) -> dict[str, Any]:
    """Of a conversation that is not closed."""
    elements = [
        _button(conversation, ACKNOWLEDGE, "Acknowledge") | {"style": "primary"},
        _status(conversation),
        _button(conversation, ASSIGN_ME, "Assign to me"),
        _assign(conversation),
        _button(conversation, WAKE, "Wake") if conversation.snoozed_until else _snooze(),
        *([_button(conversation, TICKET, "Create ticket …")] if choosable(conversation) else []),
        _open(conversation, page),
    ]
    return _actions(conversation, elements)


def closed_controls(conversation: Conversation, closing: ConversationEvent | None, page: str) -> dict[str, Any]:
    """`closing`: what closed it, when that can be taken back."""
    reopen, to_page = _button(conversation, REOPEN, "Reopen"), _open(conversation, page)
    if closing is None:
        return _actions(conversation, [reopen, to_page])
    return _actions(conversation, [_button(conversation, UNDO, "Undo", value=str(closing.pk)), reopen, to_page])


def _actions(conversation: Conversation, elements: list[dict[str, Any]]) -> dict[str, Any]:
    # Another id with each drawing: Slack's clients keep what was chosen in a menu as long as its block has the same.
    block_id = f"conversation-{conversation.number}-{conversation.version}"
    return {"type": "actions", "block_id": block_id, "elements": elements}


def _button(conversation: Conversation, action_id: str, words: str, *, value: str = "") -> dict[str, Any]:
    return {
        "type": "button", "action_id": action_id, "text": plain(words), "value": value or str(conversation.number),
    }  # fmt: skip


def _open(conversation: Conversation, page: str) -> dict[str, Any]:
    return _button(conversation, OPEN, "Open in Pylon") | {"url": page}


def _status(conversation: Conversation) -> dict[str, Any]:
    options = {status: _option(status, str(Status(status).label)) for status in Status.values}
    return _menu(STATUS, "Status", list(options.values())) | {"initial_option": options[conversation.status]}


def _assign(conversation: Conversation) -> dict[str, Any]:
    menu = {"type": "users_select", "action_id": ASSIGN, "placeholder": plain("Assign to …")}
    owner = conversation.owner
    return menu | ({"initial_user": owner.external_id} if owner and owner.external_id else {})


def _snooze() -> dict[str, Any]:
    return _menu(SNOOZE, "Snooze", [_option(value, words) for value, words in SNOOZES.items()])


def _menu(action_id: str, placeholder: str, options: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "static_select", "action_id": action_id, "placeholder": plain(placeholder), "options": options}


def _option(value: str, words: str) -> dict[str, Any]:
    return {"text": plain(words), "value": value}
