"""Channels becoming ours: whose they are, and which account they belong to."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from accounts.models import Account, Channel, ChannelKind, Contact, User, Workspace

AFFIXES = {"ext", "external", "shared", "customer", "client", "support", "help", "slack", "connect"}
"""Words of a channel's name that don't name the company."""
PUBLIC_MAIL = {
    "gmail.com",
    "googlemail.com",
    "outlook.com",
    "hotmail.com",
    "yahoo.com",
    "icloud.com",
    "proton.me",
}
"""Domains that belong to no company."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """What is known of a channel when we see it. Empty or None where the other side did not tell.

    `creator_id`: who made it, by Slack's id. `is_whole`: nothing more would be told if we asked again.
    """

    external_id: str
    external_team_id: str
    name: str = ""
    is_shared: bool = False
    is_private: bool | None = None
    is_archived: bool | None = None
    creator_id: str = ""
    member_teams: Collection[str] = ()
    member_domains: Collection[str] = ()
    is_whole: bool = False


def add_channel(
    *, workspace: Workspace, sighting: Sighting, inviter: User | None, creator: User | None = None
) -> Channel:
    """Make or refresh a channel. Whoever invited us owns it; if nobody did, the account's owner, or else its creator.
    Its account is matched or made, and the account's owner follows when it has none. A person's later choice of kind,
    account or owner stands, also when we left and come back."""
    with transaction.atomic():
        channel, made = Channel.objects.select_for_update().get_or_create(
            workspace=workspace,
            external_id=sighting.external_id,
            defaults={
                "external_team_id": sighting.external_team_id,
                "kind": _kind(sighting),
                "joined_at": timezone.now(),
            },
        )
        if not channel.name and channel.kind == ChannelKind.CUSTOMER:
            channel.kind = _kind(sighting)
        channel.name = sighting.name[:120] or channel.name
        channel.is_shared = sighting.is_shared or channel.is_shared
        if (made and channel.kind == ChannelKind.CUSTOMER) or channel.left_at:
            channel.joined_at, channel.left_at = timezone.now(), None
        if sighting.is_private is not None:
            channel.is_private = sighting.is_private
        if sighting.is_archived is not None:
            channel.archived_at = (channel.archived_at or timezone.now()) if sighting.is_archived else None
        if channel.kind == ChannelKind.CUSTOMER:
            _settle(channel, sighting, inviter, creator)
        elif channel.owner is None:
            channel.owner = inviter or creator
        if sighting.is_whole:
            channel.details_read_at = timezone.now()
        channel.save()
    return channel


def await_channel(*, workspace: Workspace, sighting: Sighting, account: Account | None, owner: User | None) -> Channel:
    """A channel that we are about to enter, with whose it will be. Until we are in, it counts as left. One that is
    known stays as it is."""
    channel, _ = Channel.objects.get_or_create(
        workspace=workspace,
        external_id=sighting.external_id,
        defaults={
            "external_team_id": sighting.external_team_id, "name": sighting.name[:120],
            "is_shared": sighting.is_shared, "account": account, "owner": owner, "left_at": timezone.now(),
        },
    )  # fmt: skip
    return channel


def guess_account(workspace: Workspace, sighting: Sighting) -> Account | None:
    """The account to which a channel seems to belong: by Slack team, by e-mail domain, by its name."""
    accounts = Account.objects.filter(workspace=workspace)
    teams, domains = _foreign_teams(sighting), _company_domains(sighting)
    return (
        (accounts.filter(external_team_id__in=teams).first() if teams else None)
        or (accounts.filter(domains__overlap=domains).first() if domains else None)
        or accounts.filter(name__iexact=company_name(sighting.name, workspace.name)).first()
    )


def account_named(workspace: Workspace, name: str) -> Account:
    """The account of that name, in any case, or a new one."""
    name = name.strip()[:120]
    if not name:
        raise ValidationError({"name": gettext("An account needs a name.")})
    known = Account.objects.filter(workspace=workspace, name__iexact=name).first()
    return known or Account.objects.get_or_create(workspace=workspace, name=name)[0]


def _kind(sighting: Sighting) -> ChannelKind:
    """A channel of our own whose name says triage is one; any other that we are invited to is a customer's."""
    if not sighting.is_shared and "triage" in re.split(r"[-_]", sighting.name):
        return ChannelKind.TRIAGE
    return ChannelKind.CUSTOMER


def _settle(channel: Channel, sighting: Sighting, inviter: User | None, creator: User | None) -> None:
    if channel.account is None:
        channel.account = guess_account(channel.workspace, sighting) or _make_account(channel.workspace, sighting)
    if channel.account:
        Contact.objects.filter(
            workspace=channel.workspace, account=None, external_team_id__in=_foreign_teams(sighting)
        ).update(account=channel.account)
    if channel.owner is None:
        channel.owner = inviter or (channel.account.owner if channel.account else None) or creator
    if channel.account and channel.account.owner is None and channel.owner:
        channel.account.owner = channel.owner
        channel.account.save(update_fields=["owner"])


def _make_account(workspace: Workspace, sighting: Sighting) -> Account | None:
    """None while nothing is known that could be its name."""
    teams = _foreign_teams(sighting)
    name = company_name(sighting.name, workspace.name) or (sighting.external_id if sighting.is_whole else "")
    if not name:
        return None
    account, _ = Account.objects.get_or_create(
        workspace=workspace,
        name=name,
        defaults={
            "domains": _company_domains(sighting),
            "external_team_id": teams[0] if len(teams) == 1 else "",
        },
    )
    return account


def company_name(channel_name: str, our_name: str) -> str:
    """ "ext-globex-corp" → "Globex Corp", also without our own name: "acme-globex" → "Globex"."""
    ours = {word for word in re.split(r"\W+", our_name.lower()) if word}
    words = [word for word in re.split(r"[-_\s]+", channel_name.lower()) if word]
    kept = [word for word in words if word not in AFFIXES | ours]
    return " ".join(word.capitalize() for word in kept or words)[:120]


def _foreign_teams(sighting: Sighting) -> list[str]:
    return sorted(set(sighting.member_teams) - {sighting.external_team_id, ""})


def _company_domains(sighting: Sighting) -> list[str]:
    return sorted(set(sighting.member_domains) - PUBLIC_MAIL - {""})
