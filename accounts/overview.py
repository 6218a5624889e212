"""What the pages of accounts show. A conversation that isn't closed has no `closed_at`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Count, Exists, Max, Min, OuterRef

from accounts.listing import OPEN
from accounts.models import Account, AccountMerge, Channel, Contact
from accounts.weeks import Weeks, weeks

if TYPE_CHECKING:
    from conversations.models import Conversation

SHOWN_OPEN, SHOWN_CLOSED, SHOWN_CONTACTS, SHOWN_CHANNELS = 100, 20, 50, 3


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list. `waiting_since`: when the customer who waits longest began to wait."""

    account: Account
    channels: list[Channel]
    open_count: int
    waiting_since: datetime | None
    last_message_at: datetime | None

    @property
    def first_channels(self) -> list[Channel]:
        return self.channels[:SHOWN_CHANNELS]

    @property
    def more_channels(self) -> int:
        return max(0, len(self.channels) - SHOWN_CHANNELS)


@dataclass(frozen=True, slots=True)
class Overview:
    """One account's page. Of many conversations and contacts the first ones, and their number."""

    account: Account
    channels: list[Channel]
    contacts: list[Contact]
    contact_count: int
    open_ones: list[Conversation]
    open_count: int
    closed_ones: list[Conversation]
    closed_count: int
    unsorted: list[Conversation]
    """Of each channel that has some: its messages that are in no conversation."""
    waiting_count: int
    waiting_since: datetime | None
    last_message_at: datetime | None
    weeks: Weeks
    merges: list[AccountMerge]
    """What was taken in and could be taken apart again."""


def rows(accounts: Iterable[Account]) -> list[Row]:
    """The accounts in the order given, in two queries."""
    accounts = list(accounts)
    standing = (
        Account.objects.filter(pk__in=[account.pk for account in accounts])
        .annotate(
            open_count=Count("conversations", filter=OPEN),
            waiting_since=Min("conversations__waiting_since"),
            last_message_at=Max("conversations__last_message_at"),
        )
        .values_list("pk", "open_count", "waiting_since", "last_message_at")
    )
    figures = {pk: rest for pk, *rest in standing}
    channels: dict[int | None, list[Channel]] = {account.pk: [] for account in accounts}
    for channel in Channel.objects.filter(account__in=accounts, left_at=None):
        channels[channel.account_id].append(channel)
    return [Row(account, channels[account.pk], *figures[account.pk]) for account in accounts]


def overview(account: Account) -> Overview:
    conversations = account.conversations.filter(merged_into=None, is_unsorted=False)
    conversations = conversations.select_related("owner").order_by("-last_message_at", "-pk")
    unsorted = account.conversations.filter(is_unsorted=True, message_count__gt=0)
    open_ones = conversations.filter(closed_at=None)
    closed_ones = conversations.exclude(closed_at=None)
    figures = conversations.order_by().aggregate(
        waiting=Count("waiting_since"), since=Min("waiting_since"), last=Max("last_message_at")
    )
    return Overview(
        account=account,
        channels=list(account.channels.select_related("owner")),
        contacts=list(account.contacts.all()[:SHOWN_CONTACTS]),
        contact_count=account.contacts.count(),
        open_ones=list(open_ones[:SHOWN_OPEN]),
        open_count=open_ones.count(),
        closed_ones=list(closed_ones[:SHOWN_CLOSED]),
        closed_count=closed_ones.count(),
        unsorted=list(unsorted.select_related("channel").order_by("channel__name", "pk")),
        waiting_count=figures["waiting"],
        waiting_since=figures["since"],
        last_message_at=figures["last"],
        weeks=weeks(conversations.order_by()),
        merges=list(account.merges.filter(undone_at=None).select_related("by_user").order_by("-pk")),
    )


def conversations_of(contact: Contact) -> tuple[list[Conversation], int]:
    """Those in which the contact has written, the newest first, and their number."""
    written = contact.messages.filter(conversation=OuterRef("pk"))
    found = contact.workspace.conversations.filter(Exists(written), merged_into=None, is_unsorted=False)
    shown = found.select_related("owner").order_by("-last_message_at", "-pk")[:SHOWN_OPEN]
    return list(shown), found.count()
