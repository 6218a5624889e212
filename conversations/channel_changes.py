"""A channel gets another kind, account, owner or way of grouping, and its conversations follow where they should."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Account, Channel, Contact, User
from accounts.roles import require_change
from conversations import regrouping
from conversations.announce import announce
from conversations.models import Automatic, Conversation, EventKind, Message, MessageKind
from conversations.models.actors import Actor
from conversations.status import Status
from conversations.writing import insert_rows

MAY_CHANGE = {"kind", "account", "owner", "grouping", "quiet_minutes"}
FOLLOWERS = 500
"""How many of a channel's conversations without owner get its owner at once, the newest first."""
BATCH = 500


def change_channel(*, channel: Channel, by: User, changes: Mapping[str, Any]) -> Channel:
    """Change these fields; what they are already changes nothing. Raises ValidationError by field, with nothing
    changed.

    A new account: the conversations that had the former one, or none, go with the channel. A new owner: those that
    nobody owns follow, and new ones; what somebody has in hand stays theirs.
    """
    require_change(by)
    if unknown := changes.keys() - MAY_CHANGE:
        raise ValueError(f"not to be changed: {', '.join(sorted(unknown))}")
    with transaction.atomic():
        channel = Channel.objects.select_for_update(of=("self",), no_key=True).get(pk=channel.pk)
        former = channel.account
        for name, value in changes.items():
            setattr(channel, name, value)
        _check(channel, changes)
        channel.save(update_fields=[*changes])
        if "account" in changes and channel.account and channel.account != former:
            _take_account(channel, channel.account, former, by)
        if "owner" in changes:
            own_orphans(channel, by=by, reason=f"Owns {channel}")
    return channel


def follow_channel(channel: Channel) -> None:
    """Conversations that were there before it was known whose channel it is."""
    own_orphans(channel, by=Automatic("channel_owner", f"Owns {channel}"))
    if channel.account:
        orphans = Conversation.objects.filter(channel=channel, account=None)
        _belong(orphans, channel.account, by=Automatic("channel_account", f"{channel.account} talks in {channel}"))


def own_orphans(channel: Channel, *, by: Actor, reason: str = "") -> None:
    """Not those that somebody has given up on purpose."""
    if channel.owner is None:
        return
    orphans = Conversation.objects.filter(channel=channel, owner=None).exclude(events__kind=EventKind.OWNER_CHANGED)
    for conversation in orphans.order_by("-pk")[:FOLLOWERS]:
        conversation.assign(channel.owner, by=by, reason=reason)


def count_messages_anew(*, channel: Channel, author: User | Contact, inbound: bool, since: datetime) -> int:
    """Let what they have written since then count for that side, and read the conversations anew, but for those that a
    person has closed. Answers the number of messages. Notes stay notes."""
    mine = {"author_user": author} if isinstance(author, User) else {"author_contact": author}
    kind, other = MessageKind.INBOUND, MessageKind.OUTBOUND
    if not inbound:
        kind, other = other, kind
    with transaction.atomic():
        written = Message.objects.filter(channel=channel, sent_at__gte=since, kind=other, **mine)
        unsettled = written.exclude(conversation__status=Status.CLOSED, conversation__status_by_person=True)
        conversations = regrouping.lock(channel, set(unsettled.values_list("conversation_id", flat=True)))
        count = written.filter(conversation__in=conversations).update(kind=kind)
        whose = "a customer" if inbound else "one of us"
        events = regrouping.reread(conversations.values(), f"{author.name} counts as {whose} in {channel}")
        regrouping.record(events)
        announce(channel.workspace_id, [*conversations])
    return count


def _check(channel: Channel, changes: Mapping[str, Any]) -> None:
    others = [("account", channel.account), ("owner", channel.owner)]
    for name, chosen in others:
        if chosen and chosen.workspace_id != channel.workspace_id:
            raise ValidationError({name: _("Choose one of this workspace.")})
    channel.clean_fields(exclude={field.name for field in Channel._meta.fields} - changes.keys())
    channel.clean()


def _take_account(channel: Channel, account: Account, former: Account | None, by: User) -> None:
    whose = Q(account=None) | Q(account=former) if former else Q(account=None)
    _belong(Conversation.objects.filter(whose, channel=channel), account, by=by)
    Contact.objects.filter(account=None, messages__channel=channel).update(account=account)
    if account.owner is None and channel.owner:
        account.owner = channel.owner
        account.save(update_fields=["owner"])


def _belong(conversations: Any, account: Account, *, by: Actor) -> None:
    """Whoever follows the closed ones is told nothing: they would come up again everywhere."""
    now = timezone.now()
    rows = list(conversations.select_related("account", "channel").order_by("pk"))
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        events = []
        for row in batch:
            event = row.event(EventKind.ACCOUNT_CHANGED, by=by, at=now)
            event.data = {"from": row.account.name if row.account else None, "to": account.name}
            event.published_at = now if row.status == Status.CLOSED else None
            events.append(event)
        Conversation.objects.filter(pk__in=[row.pk for row in batch]).update(account=account, version=F("version") + 1)
        insert_rows(events)
        announce(account.workspace_id, [row.pk for row in batch])
