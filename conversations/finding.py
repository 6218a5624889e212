"""Conversations by what somebody remembers of them: the number, or words of the title and of what was said."""

from __future__ import annotations

import re
from functools import reduce
from operator import and_

from django.db.models import Q

from accounts.models import Channel, User, Workspace
from conversations.models import Conversation, ConversationQuerySet, Message
from conversations.regrouping import follow_merges

NUMBER = re.compile(r"#?([0-9]{1,9})")
WORDS = 8
"""Of a question, the first."""


def numbered(workspace: Workspace, text: str) -> Conversation | None:
    """By `#12` or `12`; of one that was merged, the one that it is part of now."""
    match = NUMBER.fullmatch(text.strip())
    if match is None:
        return None
    found = workspace.conversations.filter(number=int(match[1]), is_unsorted=False).first()
    return follow_merges(found) if found else None


def find(workspace: Workspace, question: str, *, most: int, channel: Channel | None = None) -> list[Conversation]:
    """The number asked for first, then those whose title has all the words, then those of which one message has;
    the newest first. `channel`: of that alone."""
    words = question.split()[:WORDS]
    if not words:
        return []
    mine = workspace.conversations.listed().select_related("account", "channel", "owner").newest_first()
    exact = numbered(workspace, question)
    if channel:
        mine = mine.filter(channel=channel)
        exact = exact if exact and exact.channel_id == channel.pk else None
    found = {exact.pk: exact} if exact else {}
    for conversation in mine.filter(_all("title", words))[:most]:
        found.setdefault(conversation.pk, conversation)
    if len(found) < most:
        said = Message.objects.filter(_all("text", words), workspace=workspace, deleted_at=None)
        said = said.filter(channel=channel) if channel else said
        for conversation in mine.filter(pk__in=said.values("conversation")).exclude(pk__in=found)[: most - len(found)]:
            found[conversation.pk] = conversation
    return list(found.values())[:most]


def waiting_for(user: User) -> ConversationQuerySet:
    """A teammate's open ones that are in sight: whoever waits longest first, then the newest."""
    mine = user.owned_conversations.filter(workspace=user.workspace_id, snoozed_until=None).listed().unclosed()
    return mine.select_related("account", "channel", "owner").order_by(
        "waiting_since", "-last_message_at", "-pk"
    )  # PostgreSQL puts those that wait for nothing last


def recent_of(channel: Channel, *, most: int) -> list[Conversation]:
    return list(channel.conversations.listed().newest_first()[:most])


def _all(field: str, words: list[str]) -> Q:
    return reduce(and_, (Q(**{f"{field}__icontains": word}) for word in words))
