"""Message shortcuts: what a teammate does with one message from its menu in Slack. Nobody else can."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from django.core.exceptions import ValidationError

from accounts.models import Channel, ChannelKind, User
from conversations.corrections import move_messages, split_off
from conversations.finding import numbered, recent_of, waiting_for
from conversations.models import Conversation, Message
from integrations.models import Installation
from integrations.slack.acting import teammate, why_not
from integrations.slack.answering import answer, open_dialog, whisper
from integrations.slack.channels import find
from integrations.slack.lines import named
from integrations.slack.requests import channel_of
from integrations.slack.shortcut_drawing import CONVERSATION, NUMBER, OPTIONS, draw_choice, draw_thread_choice
from integrations.slack.triage_post import escape
from integrations.threads import link_thread
from triage.services import OURS

Payload: TypeAlias = dict[str, Any]
ADD, START, LINK = "add_to_conversation", "start_conversation", "link_internal_thread"


def run(installation: Installation, payload: Payload) -> str:
    """A `message_action`. Answers what was done, in words; what went wrong is told to its user alone."""
    user = teammate(installation, payload.get("user"))
    if user is None:
        return "chosen by somebody who is no teammate: nothing done"
    if why := why_not(user):
        answer(installation, payload, why)
        return "chosen by somebody who may only read: nothing done"
    callback_id = str(payload.get("callback_id") or "")
    shortcut = SHORTCUTS.get(callback_id)
    if shortcut is None:
        return f"no shortcut of ours: {callback_id[:100]}"
    try:
        return shortcut(installation, user, payload)
    except ValidationError as error:
        why = " ".join(error.messages)
        answer(installation, payload, escape(why))
        return f"not done: {why}"


def add(installation: Installation, user: User, payload: Payload) -> str:
    channel = _channel(installation, payload)
    message = _message(channel, _ts(payload))
    others = [one for one in recent_of(channel, most=OPTIONS + 1) if one.pk != message.conversation_id][:OPTIONS]
    if not others:
        raise ValidationError("There is no other conversation in this channel: choose Start a conversation instead.")
    view = draw_choice(ADD, others, metadata=_metadata(channel, _ts(payload)))
    open_dialog(installation, user, payload, view, channel_id=channel.external_id)
    return "the dialog opens"


def start(installation: Installation, user: User, payload: Payload) -> str:
    message = _message(_channel(installation, payload), _ts(payload))
    target = split_off(messages=[message], by=user).target
    answer(installation, payload, f"A conversation of its own: {named(target)}")
    return f"started #{target.number}"


def link(installation: Installation, user: User, payload: Payload) -> str:
    channel = _channel(installation, payload, ours=True)
    waiting = list(waiting_for(user)[:OPTIONS])
    newest = installation.workspace.conversations.listed().unclosed().newest_first()
    others = newest.exclude(pk__in=[one.pk for one in waiting])[: OPTIONS - len(waiting)]
    view = draw_thread_choice(LINK, [*waiting, *others], metadata=_metadata(channel, _root(payload)))
    open_dialog(installation, user, payload, view, channel_id=channel.external_id)
    return "the dialog opens"


def save_addition(installation: Installation, user: User, payload: Payload) -> str:
    def act(channel: Channel, ts: str) -> str:
        move_messages(messages=[_message(channel, ts)], to=_chosen(installation, payload), by=user)
        return f"Added to {named(_chosen(installation, payload))}"

    return _save(installation, user, payload, act)


def save_thread(installation: Installation, user: User, payload: Payload) -> str:
    def act(channel: Channel, ts: str) -> str:
        chosen = _chosen(installation, payload)
        link_thread(conversation=chosen, installation=installation, channel=channel, ts=ts, by=user)
        return (
            f"This thread is kept with {named(chosen)}. What teammates write in it from now on is an internal note "
            "there, and notes written there appear here."
        )

    return _save(installation, user, payload, act)


SHORTCUTS: Mapping[str, Callable[[Installation, User, Payload], str]] = {ADD: add, START: start, LINK: link}


# What a shortcut and its dialog are about ─────────────────────────────────────────────────────────────


def _channel(installation: Installation, payload: Payload, *, ours: bool = False) -> Channel:
    """The customer's channel, or one of `ours` alone. Raises ValidationError."""
    channel = find(installation, channel_of(payload))
    if channel is None or channel.left_at:
        raise ValidationError("Pylon is not in this channel.")
    if ours and (channel.kind not in OURS or channel.is_shared):
        raise ValidationError("Choose a thread in an internal channel: customers must not read your notes.")
    if not ours and channel.kind != ChannelKind.CUSTOMER:
        raise ValidationError("This is for messages in customers’ channels.")
    return channel


def _message(channel: Channel, ts: str) -> Message:
    message = Message.objects.select_related("conversation").filter(channel=channel, ts=ts, deleted_at=None).first()
    if message is None:
        raise ValidationError("Pylon has not captured this message.")
    return message


def _ts(payload: Payload) -> str:
    message = payload.get("message")
    return str((message.get("ts") if isinstance(message, dict) else "") or payload.get("message_ts") or "")


def _root(payload: Payload) -> str:
    message = payload.get("message")
    return str((message.get("thread_ts") if isinstance(message, dict) else "") or _ts(payload))


def _metadata(channel: Channel, ts: str) -> str:
    return json.dumps({"channel": channel.external_id, "ts": ts})


def _save(installation: Installation, user: User, payload: Payload, act: Callable[[Channel, str], str]) -> str:
    """Do what the dialog was opened for, and tell its user."""
    about = json.loads(payload["view"].get("private_metadata") or "{}")
    channel = find(installation, str(about.get("channel") or ""))
    if channel is None:
        return "a channel that is none of ours"
    try:
        said, outcome = act(channel, str(about.get("ts") or "")), "done"
    except ValidationError as error:
        why = " ".join(error.messages)
        said, outcome = f"Not done. {escape(why)}", f"not done: {why}"
    whisper(installation, user, channel.external_id, said)
    return outcome


def _chosen(installation: Installation, payload: Payload) -> Conversation:
    """By number, which goes before the list: whoever types one means it."""
    state = payload["view"].get("state")
    values = state.get("values") if isinstance(state, dict) else None
    typed, listed = _value(values, NUMBER), _value(values, CONVERSATION)
    conversation = numbered(installation.workspace, typed or listed)
    if conversation is None:
        raise ValidationError(f"There is no conversation {typed[:20]}." if typed else "Choose a conversation.")
    return conversation


def _value(values: Any, name: str) -> str:
    """What a field holds: of a menu the chosen option's value, of a line its text."""
    block = values.get(name) if isinstance(values, dict) else None
    element = block.get(name) if isinstance(block, dict) else None
    if not isinstance(element, dict):
        return ""
    option = element.get("selected_option")
    value = option.get("value") if isinstance(option, dict) else element.get("value")
    return value.strip() if isinstance(value, str) else ""
