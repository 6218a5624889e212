"""A teammate's emoji on a customer's message, or on a triage post, does what the workspace's mapping says.

Everybody else's emoji does nothing, and taking one away undoes nothing: what followed may be others' work.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Channel, ChannelKind, ReactionAction, User
from conversations.corrections import split_off
from conversations.intake import sent_at
from conversations.models import Conversation, Message
from conversations.regrouping import follow_merges
from integrations.models import Installation, Link, LinkKind
from integrations.slack.acting import teammate, why_not
from integrations.slack.answering import whisper
from integrations.slack.errors import Later
from integrations.slack.triage_post import escape

SKIN = re.compile(r"::skin-tone-[2-6]$")


@dataclass(frozen=True, slots=True)
class _Reaction:
    """What a teammate's emoji asks for. `ts`: of what it is on; `at`: when it was put there, where Slack says so."""

    installation: Installation
    user: User
    channel: Channel
    action: ReactionAction
    ts: str
    at: datetime | None
    is_on_ours: bool


def react(installation: Installation, channel: Channel | None, event: Mapping[str, Any]) -> str:
    """Answers what was done, in words. Raises Later for an emoji on what has not come yet."""
    user = teammate(installation, {"id": event.get("user")})
    if user is None:
        return "an emoji of somebody who is no teammate: nothing done"
    name = SKIN.sub("", str(event.get("reaction") or ""))
    action = installation.workspace.reactions.get(name)
    if action not in ReactionAction.values:
        return "an emoji that does nothing"
    item = event.get("item")
    if why := why_not(user):
        whisper(installation, user, str(item.get("channel") if isinstance(item, dict) else ""), why)
        return "an emoji of somebody who may only read: nothing done"
    if channel is None or not isinstance(item, dict) or item.get("type") != "message":
        return "on nothing that we know"
    reaction = _Reaction(
        installation, user, channel, ReactionAction(action), str(item.get("ts") or ""), _at(event.get("event_ts")),
        is_on_ours=event.get("item_user") == installation.bot_user_id,
    )  # fmt: skip
    return _on_message(reaction) if channel.kind == ChannelKind.CUSTOMER else _on_post(reaction)


def _on_message(reaction: _Reaction) -> str:
    channel = reaction.channel
    message = Message.objects.select_related("conversation").filter(channel=channel, ts=reaction.ts).first()
    if message is None:
        said_at = _at(reaction.ts)
        return _unknown(is_awaited=bool(channel.joined_at and said_at and said_at >= channel.joined_at))
    if reaction.action == ReactionAction.OPEN:
        return _open(reaction, message)
    if message.conversation.is_unsorted:
        return "on a message that is in no conversation"
    return _act(reaction, message.conversation)


def _on_post(reaction: _Reaction) -> str:
    links = Link.objects.filter(installation=reaction.installation, kind=LinkKind.TRIAGE_POST)
    link = links.filter(place=reaction.channel.external_id, external_id=reaction.ts).first()
    if link is None:
        return _unknown(is_awaited=reaction.is_on_ours)
    if reaction.action == ReactionAction.OPEN:
        return "it is a conversation of its own already"
    return _act(reaction, follow_merges(link.conversation))


def _open(reaction: _Reaction, message: Message) -> str:
    try:
        with transaction.atomic():
            correction = split_off(messages=[message], by=reaction.user)
    except ValidationError as error:
        why = " ".join(error.messages)
        whisper(reaction.installation, reaction.user, reaction.channel.external_id, escape(why))
        return f"not opened: {why}"
    return f"opened #{correction.target.number}"


def _act(reaction: _Reaction, conversation: Conversation) -> str:
    is_late = reaction.at is not None and reaction.at < conversation.last_message_at
    if reaction.action == ReactionAction.CLOSE and conversation.last_message_inbound and is_late:
        return "not closed: the customer has written since"
    verbs = {
        ReactionAction.CLOSE: conversation.close,
        ReactionAction.START: conversation.start,
        ReactionAction.REOPEN: conversation.reopen,
    }
    verbs[reaction.action](by=reaction.user)
    return f"{reaction.action.label}: #{conversation.number}"


def _at(ts: object) -> datetime | None:
    try:
        return sent_at(str(ts))
    except ValueError:
        return None


def _unknown(*, is_awaited: bool) -> str:
    if is_awaited:
        raise Later("what the emoji is on is not known")
    return "on nothing that we know"
