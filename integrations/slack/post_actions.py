"""What the buttons and menus under a conversation's post do: by action id. What they look like: `post/controls`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import User
from conversations.models import Conversation
from conversations.snoozing import until
from conversations.status import Status
from conversations.undoing import undo_status
from integrations.models import Installation
from integrations.slack import ticket_dialog
from integrations.slack.answering import whisper
from integrations.slack.post.closing import ACKNOWLEDGED
from integrations.slack.post.controls import (
    ACKNOWLEDGE,
    ASSIGN,
    ASSIGN_ME,
    REOPEN,
    SNOOZE,
    SNOOZES,
    STATUS,
    TICKET,
    UNDO,
    WAKE,
)  # fmt: skip

PostAct: TypeAlias = Callable[[Installation, User, Conversation, dict[str, Any]], str]
"""(installation, the teammate who acts, the post's conversation, Slack's payload) → what was done, in words."""

_Act: TypeAlias = Callable[[User, Conversation, dict[str, Any]], str]
"""(who acts, the conversation, the button or menu with what was chosen) → what was done. ValidationError: why not."""


def _answering(action_id: str, act: _Act) -> PostAct:
    """Who acts in vain is told why, they alone."""

    def press(installation: Installation, user: User, conversation: Conversation, payload: dict[str, Any]) -> str:
        try:
            if merged := conversation.merged_into:
                raise ValidationError(f"#{conversation.number} is part of #{merged.number} now.")
            return act(user, conversation, _pressed(payload, action_id))
        except ValidationError as error:
            why = " ".join(error.messages)
            if channel_id := _place(payload):
                whisper(installation, user, channel_id, why)
            return f"refused: {why}"

    return press


def _acknowledge(user: User, conversation: Conversation, _pressed: dict[str, Any]) -> str:
    conversation.close(by=user, reason=ACKNOWLEDGED)
    return "acknowledged"


def _set_status(user: User, conversation: Conversation, pressed: dict[str, Any]) -> str:
    chosen = _option(pressed)
    if chosen not in Status.values:
        raise ValidationError("There is no such status.")
    conversation.set_status(Status(chosen), by=user)
    return f"moved to {Status(chosen).label}"


def _reopen(user: User, conversation: Conversation, _pressed: dict[str, Any]) -> str:
    conversation.reopen(by=user)
    return "reopened"


def _undo(user: User, conversation: Conversation, pressed: dict[str, Any]) -> str:
    event = str(pressed.get("value") or "")
    undo_status(conversation, event_id=int(event) if event.isascii() and event.isdigit() else 0, by=user)
    return "taken back"


def _assign_me(user: User, conversation: Conversation, _pressed: dict[str, Any]) -> str:
    conversation.assign(user, by=user)
    return "assigned"


def _assign(user: User, conversation: Conversation, pressed: dict[str, Any]) -> str:
    chosen = str(pressed.get("selected_user") or "-")
    owner = User.objects.filter(workspace=user.workspace_id, is_active=True, external_id=chosen).first()
    if owner is None:
        raise ValidationError("Only an active teammate can be the owner: nothing was changed.")
    conversation.assign(owner, by=user)
    return "assigned"


def _snooze(user: User, conversation: Conversation, pressed: dict[str, Any]) -> str:
    chosen = _option(pressed)
    if chosen not in SNOOZES:
        raise ValidationError("That is no time to snooze until.")
    conversation.snooze(_end(chosen, timezone.now(), ZoneInfo(user.workspace.time_zone)), by=user)
    return "snoozed"


def _wake(user: User, conversation: Conversation, _pressed: dict[str, Any]) -> str:
    conversation.wake(by=user)
    return "woken"


def _end(chosen: str, now: datetime, zone: ZoneInfo) -> datetime:
    """Next week begins on Monday."""
    if chosen == "next week":
        today = now.astimezone(zone).date()
        chosen = (today + timedelta(days=7 - today.weekday())).isoformat()
    return until(chosen, now=now, zone=zone)


def _pressed(payload: dict[str, Any], action_id: str) -> dict[str, Any]:
    acts = payload.get("actions")
    acts = acts if isinstance(acts, list) else []
    return next((act for act in acts if isinstance(act, dict) and act.get("action_id") == action_id), {})


def _option(pressed: dict[str, Any]) -> str:
    option = pressed.get("selected_option")
    return str(option.get("value") if isinstance(option, dict) else "")


def _place(payload: dict[str, Any]) -> str:
    """The channel of the post."""
    container, channel = payload.get("container"), payload.get("channel")
    place = container.get("channel_id") if isinstance(container, dict) else ""
    return str(place or (channel.get("id") if isinstance(channel, dict) else "") or "")


_ACTS: Mapping[str, _Act] = {
    ACKNOWLEDGE: _acknowledge,
    STATUS: _set_status,
    ASSIGN_ME: _assign_me,
    ASSIGN: _assign,
    SNOOZE: _snooze,
    WAKE: _wake,
    UNDO: _undo,
    REOPEN: _reopen,
}
ACTIONS: Mapping[str, PostAct] = {
    **{action_id: _answering(action_id, act) for action_id, act in _ACTS.items()},
    TICKET: ticket_dialog.ask,
}
