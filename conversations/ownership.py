"""Giving accounts to another teammate, with what follows told before and a way back after."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Count, Q

from accounts.models import Account, Channel, User
from accounts.roles import require_change
from conversations.models import Conversation
from conversations.services import change_account_owner
from conversations.status import Status


@dataclass(frozen=True, slots=True)
class Following:
    """What would go with an account."""

    account: Account
    channels: int
    conversations: int

    def changes(self, owner: User | None) -> bool:
        return self.account.owner != owner or bool(self.conversations)


def following(workspace_id: int, ids: Collection[int], owner: User | None) -> list[Following]:
    """Of each account by name. Three queries."""
    accounts = Account.objects.filter(workspace=workspace_id, pk__in=ids).select_related("owner")
    channels = dict(
        Channel.objects.filter(account__in=accounts).order_by().values_list("account").annotate(count=Count("pk"))
    )
    stay = Q(owner=owner)
    open_ones = Conversation.objects.filter(account__in=accounts).exclude(status=Status.CLOSED).exclude(stay)
    conversations = dict(open_ones.order_by().values_list("account").annotate(count=Count("pk")))
    return [Following(one, channels.get(one.pk, 0), conversations.get(one.pk, 0)) for one in accounts]


def hand_over(account: Account, owner: User | None, *, by: User) -> dict[str, Any]:
    """One transaction. Answers what `take_back` needs; plain values."""
    require_change(by)
    with transaction.atomic():
        locked = Channel.objects.select_for_update(no_key=True).filter(account=account).order_by("pk")
        channels = [[channel.pk, channel.owner_id] for channel in locked]
        account = (
            Account.objects.select_related("owner").select_for_update(of=("self",), no_key=True).get(pk=account.pk)
        )
        before = account.owner_id
        open_ones = Conversation.objects.filter(account=account).unclosed()
        owners = dict(open_ones.select_for_update(no_key=True).order_by("pk").values_list("pk", "owner"))
        followers = change_account_owner(account=account, owner=owner, by=by)
        return {
            "id": account.pk, "from": before, "to": owner.pk if owner else None, "channels": channels,
            "conversations": [[one.pk, owners.get(one.pk)] for one in followers],
        }  # fmt: skip


def take_back(steps: Sequence[dict[str, Any]], *, by: User) -> int:
    """Each account, channel and conversation to whom it had, unless somebody gave it to another since. One transaction
    for each account. Answers how many accounts went back."""
    require_change(by)
    people: dict[int | None, User | None] = {one.pk: one for one in User.objects.filter(workspace=by.workspace_id)}
    return sum(_take_back(step, people, by) for step in steps)


def _take_back(step: dict[str, Any], people: dict[int | None, User | None], by: User) -> bool:
    given = {"workspace": by.workspace_id, "owner": step["to"]}
    former_channels, former = dict(step["channels"]), dict(step["conversations"])
    with transaction.atomic():
        channels = Channel.objects.filter(**given, pk__in=former_channels).select_for_update(no_key=True)
        for channel in channels.order_by("pk"):
            channel.owner = people.get(former_channels[channel.pk])
            channel.save(update_fields=["owner"])
        moved = Account.objects.filter(**given, pk=step["id"]).update(owner=people.get(step["from"]))
        conversations = Conversation.objects.filter(**given, pk__in=former).unclosed()
        for conversation in conversations.select_for_update(of=("self",), no_key=True).order_by("pk"):
            reason = "The change of the account’s owner was taken back"
            conversation.assign(people.get(former[conversation.pk]), by=by, reason=reason)
    return bool(moved)
