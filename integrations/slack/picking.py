"""Public channels that staff pick by hand, many at once, with whose each shall be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import Account, Channel, User
from accounts.services import Sighting, account_named, await_channel
from integrations.models import InboundEvent, Installation, Provider
from integrations.slack.entering import ENTER, enter_later

REMEMBERED = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Pick:
    """A public channel that staff have picked, with whose it shall be. `new_account` counts where there is no
    `account`."""

    sighting: Sighting
    account: Account | None = None
    new_account: str = ""
    owner: User | None = None


def add(installation: Installation, picks: Sequence[Pick]) -> list[Channel]:
    """Have picked channels entered, each with its account and owner; a new account gets its channel's owner."""
    workspace, added = installation.workspace, []
    with transaction.atomic():
        for pick in picks:
            account = pick.account or (account_named(workspace, pick.new_account) if pick.new_account.strip() else None)
            if account and account.owner is None and pick.owner:
                account.owner = pick.owner
                account.save(update_fields=["owner"])
            owner = pick.owner or (account.owner if account else None)
            added.append(await_channel(workspace=workspace, sighting=pick.sighting, account=account, owner=owner))
        enter_later(installation, [channel.external_id for channel in added], again=True)
    return added


def last_try(channel: Channel) -> str:
    """What became of the last try to enter it, if there was any."""
    lane = f"{channel.external_team_id}:{channel.external_id}"
    tries = InboundEvent.objects.filter(provider=Provider.SLACK, kind=ENTER, lane=lane)
    last = tries.filter(received_at__gt=timezone.now() - REMEMBERED).order_by("-pk").first()
    if last is None:
        return ""
    return last.outcome or ("Slack did not answer; tried again soon" if not last.failed_at else "Slack did not answer")
