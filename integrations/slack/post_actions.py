"""What the buttons and menus under a conversation's post do: by action id."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from accounts.models import User
from conversations.models import Conversation
from integrations.models import Installation
from integrations.slack.triage_post import ACKNOWLEDGE

PostAct: TypeAlias = Callable[[Installation, User, Conversation, dict[str, Any]], str]
"""(installation, the teammate who acts, the post's conversation, Slack's payload) → what was done, in words."""


def acknowledge(_installation: Installation, user: User, conversation: Conversation, _payload: dict[str, Any]) -> str:
    conversation.close(by=user)
    return "acknowledged"


ACTIONS: Mapping[str, PostAct] = {ACKNOWLEDGE: acknowledge}
