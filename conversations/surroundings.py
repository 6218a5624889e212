"""What stands around a conversation on its page: its account, who wrote in it, and what else they asked."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from accounts.models import Account, Contact
from conversations.models import Conversation, Message

CONTACTS = 8
"""People who wrote, at most."""
OTHERS = 5
"""Other conversations that are named, of the account and of each contact."""
LOOKED_THROUGH = 40
"""Of the contacts' other conversations, the newest."""
RECALLED = 400
"""Of the contacts' messages, the newest: whoever writes every day has thousands."""
NAMED = ("account", "number", "title", "status")
"""What a conversation is named by, and through which it is found: of a hundred, the other columns are not read."""
COUNTED = 100
"""An account's open conversations are counted up to here."""


@dataclass(frozen=True, slots=True)
class AboutContact:
    contact: Contact
    others: list[Conversation]
    """What else they wrote in, the newest first."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    account: Account | None
    open_ones: list[Conversation]
    """The account's other open conversations: who waits longest first."""
    open_count: str
    contacts: list[AboutContact]


def surroundings(conversation: Conversation) -> Surroundings:
    """Three queries, or two without an account."""
    contacts = _contacts(conversation)
    others = _others(conversation, contacts)
    account = conversation.account
    open_ones = _open_ones(conversation, account) if account else []
    count = f"{COUNTED}+" if len(open_ones) > COUNTED else str(len(open_ones))
    about = [AboutContact(contact, others[contact.pk][:OTHERS]) for contact in contacts]
    return Surroundings(account, open_ones[:OTHERS], count, about)


def _contacts(conversation: Conversation) -> list[Contact]:
    wrote = Message.objects.filter(conversation=conversation, author_contact__isnull=False)
    found = Contact.objects.filter(pk__in=wrote.values("author_contact"))
    return list(found.select_related("account").order_by("name", "pk")[:CONTACTS])


def _others(conversation: Conversation, contacts: list[Contact]) -> dict[int, list[Conversation]]:
    by_contact: dict[int, list[Conversation]] = defaultdict(list)
    wrote = Message.objects.filter(author_contact__in=contacts).exclude(conversation=conversation)
    theirs = Message.objects.filter(pk__in=wrote.order_by("-sent_at").values("pk")[:RECALLED])
    pairs = (
        theirs.filter(conversation__merged_into=None, conversation__is_unsorted=False)
        .order_by("-conversation__last_message_at", "-conversation", "author_contact")
        .values_list("author_contact", "conversation")
        .distinct()[:LOOKED_THROUGH]
    )
    found = list(pairs)
    conversations = Conversation.objects.only(*NAMED).in_bulk({pk for _, pk in found})
    for contact, pk in found:
        by_contact[contact].append(conversations[pk])
    return by_contact


def _open_ones(conversation: Conversation, account: Account) -> list[Conversation]:
    others = account.conversations.filter(workspace=conversation.workspace_id).listed().unclosed()
    others = others.exclude(pk=conversation.pk).order_by("waiting_since", "-last_message_at")
    return list(others.only(*NAMED)[: COUNTED + 1])
