"""A page of what was found, as it is shown: each conversation once, with the message that fits best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection
from django.utils.safestring import SafeString

from accounts.models import Account, Contact, User
from conversations.finding import numbered
from conversations.models import Conversation, Message
from conversations.search.asking import PAGE, Asked, ask, prepare
from conversations.search.marking import marked
from conversations.search.words import Query, parse

PEOPLE = 5
"""Accounts, and contacts, that are named beside the conversations."""
SHORTEST = 2
"""Characters of what is looked for among their names."""


@dataclass(frozen=True, slots=True)
class Hit:
    """`message`: None where the words are in the title, the account or the like."""

    conversation: Conversation
    title: SafeString
    message: Message | None
    excerpt: SafeString


@dataclass(frozen=True, slots=True)
class Page:
    query: Query
    hits: Sequence[Hit] = ()
    next: str = ""
    is_ranked: bool = False
    back_to: datetime | None = None
    problems: Sequence[str] = ()
    accounts: Sequence[Account] = field(default=())
    contacts: Sequence[Contact] = field(default=())


def search(user: User, typed: str, *, after: str = "", most: int = PAGE) -> Page:
    """In the user's workspace. Raises ValueError for a key that none of our pages has given."""
    query = parse(typed)
    asked = prepare(query, user)
    found = ask(asked, after=after, most=most)
    ids = list(found.ids)
    exact = None if after or query.filters else numbered(user.workspace, typed)
    if exact:
        ids = [exact.pk, *(pk for pk in ids if pk != exact.pk)]
    is_for_names = not after and not query.filters and len(typed.strip()) >= SHORTEST
    return Page(
        query, _hits(user, asked, query, ids), found.next, found.is_ranked, found.back_to, asked.meaning.problems,
        accounts=accounts(user, asked) if is_for_names else (),
        contacts=contacts(user, asked) if is_for_names else (),
    )  # fmt: skip


def accounts(user: User, asked: Asked, *, most: int = PEOPLE) -> list[Account]:
    """With all of the words in their name or domains."""
    words = "to_tsvector('simple', search_plain(name || ' ' || array_to_string_plain(domains)))"
    ids = _named("accounts_account", words, user, asked, most)
    return list(user.workspace.accounts.filter(pk__in=ids).select_related("owner"))


def contacts(user: User, asked: Asked, *, most: int = PEOPLE) -> list[Contact]:
    """With all of the words in their name or e-mail address."""
    ids = _named("accounts_contact", "to_tsvector('simple', search_plain(name || ' ' || email))", user, asked, most)
    return list(user.workspace.contacts.filter(pk__in=ids).select_related("account"))


def _named(table: str, words: str, user: User, asked: Asked, most: int) -> list[int]:
    # The expression is that of the tables' own text indexes (migration 0011).
    if not asked.wanted:
        return []
    every = " & ".join(f"({text})" for text in asked.wanted)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id FROM {table} WHERE {words} @@ %s::tsquery AND workspace_id = %s ORDER BY name LIMIT %s",  # noqa: S608 - our own names
            [every, user.workspace_id, most],
        )
        return [pk for (pk,) in cursor.fetchall()]


def _hits(user: User, asked: Asked, query: Query, ids: Sequence[int]) -> list[Hit]:
    """Through the reader's workspace once more: an id from anywhere else leads nowhere."""
    found = user.workspace.conversations.filter(pk__in=ids).select_related("account", "channel", "owner")
    by_id = {conversation.pk: conversation for conversation in found}
    best = _best_messages(asked, ids)
    return [_hit(by_id[pk], best.get(pk), query) for pk in ids if pk in by_id]


def _hit(conversation: Conversation, message: Message | None, query: Query) -> Hit:
    said = message.text or message.files_line if message else conversation.last_message_text
    return Hit(conversation, marked(conversation.title, query, length=200), message, marked(said, query))


def _best_messages(asked: Asked, ids: Sequence[int]) -> dict[int, Message]:
    """Of each conversation the message with most of the words, the newest of equal ones."""
    if not asked.wanted or not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT best.message_id FROM unnest(%s::bigint[]) AS asked(id) CROSS JOIN LATERAL ("
            " SELECT message_id FROM conversations_searchtext s WHERE s.conversation_id = asked.id"
            " AND s.message_id IS NOT NULL AND s.words @@ %s::tsquery"
            " ORDER BY ts_rank(s.words, %s::tsquery) DESC, message_id DESC LIMIT 1) best",
            [list(ids), asked.any_wanted, asked.any_wanted],
        )
        messages = Message.objects.filter(pk__in=[pk for (pk,) in cursor.fetchall()], deleted_at=None)
    return {message.conversation_id: message for message in messages}
