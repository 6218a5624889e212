"""The dialogs of message shortcuts: which conversation. Pure.

https://docs.slack.dev/reference/views/modal-views
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from conversations.excerpts import one_line
from conversations.models import Conversation

CONVERSATION, NUMBER = "conversation", "number"
"""The dialogs' fields."""
OPTIONS, OPTION = 100, 75
"""Slack's limits of a menu: how many, and how long each."""


def draw_choice(callback_id: str, conversations: Sequence[Conversation], *, metadata: str) -> dict[str, Any]:
    hint = "The thread that the message is in comes along."
    field = _field(CONVERSATION, "Conversation", _menu(conversations)) | {"hint": _plain(hint)}
    return _dialog(callback_id, "Add to conversation", "Add", [field], metadata)


def draw_thread_choice(callback_id: str, conversations: Sequence[Conversation], *, metadata: str) -> dict[str, Any]:
    line = {"type": "plain_text_input", "action_id": NUMBER, "max_length": 12}
    fields = [_field(NUMBER, "Or its number", line, optional=True)]
    if conversations:
        fields.insert(0, _field(CONVERSATION, "Conversation", _menu(conversations), optional=True))
    return _dialog(callback_id, "Link internal thread", "Link", fields, metadata)


def _dialog(callback_id: str, title: str, submit: str, blocks: list[dict[str, Any]], metadata: str) -> dict[str, Any]:
    return {
        "type": "modal", "callback_id": callback_id, "private_metadata": metadata, "title": _plain(title),
        "submit": _plain(submit), "close": _plain("Cancel"), "blocks": blocks,
    }  # fmt: skip


def _field(name: str, label: str, element: dict[str, Any], *, optional: bool = False) -> dict[str, Any]:
    return {"type": "input", "block_id": name, "label": _plain(label), "element": element, "optional": optional}


def _menu(conversations: Sequence[Conversation]) -> dict[str, Any]:
    options = [{"value": str(one.number), "text": _plain(one_line(str(one), OPTION))} for one in conversations]
    return {"type": "static_select", "action_id": CONVERSATION, "options": options}


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}
