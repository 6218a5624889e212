"""Conversations by what somebody remembers of them: the number, or words of the title and of what was said."""

from __future__ import annotations

import re

from accounts.models import Channel, User, Workspace
from conversations.models import Conversation, ConversationQuerySet
from conversations.regrouping import follow_merges
from conversations.search.asking import ask, prepare, prepare_words
from conversations.search.meaning import Sql
from conversations.search.words import parse

NUMBER = re.compile(r"#?([0-9]{1,9})")


def numbered(workspace: Workspace, text: str) -> Conversation | None:
    """By `#12` or `12`; of one that was merged, the one that it is part of now."""
    match = NUMBER.fullmatch(text.strip())
    if match is None:
        return None
    found = workspace.conversations.filter(number=int(match[1]), is_unsorted=False).first()
    return follow_merges(found) if found else None


def find(
    workspace: Workspace, question: str, *, most: int, channel: Channel | None = None, reader: User | None = None
) -> list[Conversation]:
    """The number asked for first, then what the search finds. `channel`: in that alone; `reader`: whose words such as
    `owner:me` count."""
    query = parse(question)
    asked = prepare(query, reader) if reader else prepare_words(query, workspace)
    if channel:
        asked.meaning.own.append(Sql("c.channel_id = %s", (channel.pk,)))
    exact = numbered(workspace, question)
    if exact and channel and exact.channel_id != channel.pk:
        exact = None
    ids = ask(asked, most=most).ids if query else ()
    rows = workspace.conversations.listed().filter(pk__in=ids).select_related("account", "channel", "owner")
    by_id = {row.pk: row for row in rows} | ({exact.pk: exact} if exact else {})
    order = [exact.pk] if exact else []
    return [by_id[pk] for pk in dict.fromkeys([*order, *ids]) if pk in by_id][:most]


def waiting_for(user: User) -> ConversationQuerySet:
    """A teammate's open ones that are in sight: whoever waits longest first, then the newest."""
    mine = user.owned_conversations.filter(workspace=user.workspace_id, snoozed_until=None).listed().unclosed()
    return mine.select_related("account", "channel", "owner").order_by(
        "waiting_since", "-last_message_at", "-pk"
    )  # PostgreSQL puts those that wait for nothing last


def recent_of(channel: Channel, *, most: int) -> list[Conversation]:
    return list(channel.conversations.listed().newest_first()[:most])
