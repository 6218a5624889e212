"""Channels coming and going."""

from __future__ import annotations

import json
from typing import Any

import structlog
from django.db.models import F
from django.utils import timezone

from accounts.models import Account, Channel, ChannelKind, Contact, User
from accounts.services import Sighting, add_channel
from conversations.announce import announce
from conversations.models import Automatic, Conversation, EventKind
from integrations.models import Installation
from integrations.slack import people
from integrations.slack.client import SlackError, call
from integrations.slack.requests import Received
from integrations.slack.storage import store
from triage.models import TriageChannel

log = structlog.get_logger(__name__)

MEMBERS = 200
"""How many members are looked at when a channel's company is looked for."""
ASKED = 30
"""How many of them Slack is asked about; our own teammates are mostly known."""
FOLLOWERS = 500
"""How many of a channel's older conversations get its owner and account at once."""
LOOK_AGAIN = "look_again"
GONE = {
    "member_left_channel",
    "channel_left",
    "group_left",
    "channel_archive",
    "group_archive",
    "channel_deleted",
    "group_deleted",
}


def look(installation: Installation, channel_id: str) -> Sighting:
    """Ask Slack what the channel is and who is in it. Never within a transaction. What can't be read is left out."""
    info, info_is_final = _ask(installation, "conversations.info", "channel", channel=channel_id)
    info = info if isinstance(info, dict) else {}
    members, members_are_final = _ask(
        installation, "conversations.members", "members", channel=channel_id, limit=MEMBERS
    )
    ids = {str(member) for member in members or []} - {installation.bot_user_id}
    people.learn(installation, ids, most=ASKED)
    contacts = [p for p in people.known(installation, ids).values() if isinstance(p, Contact)]
    # A guest of our own team says less about a channel than people of another company.
    foreign = [c for c in contacts if c.external_team_id != installation.external_id] or contacts
    return Sighting(
        external_id=channel_id,
        external_team_id=installation.external_id,
        name=str(info.get("name") or ""),
        is_shared=bool(info.get("is_ext_shared") or info.get("is_pending_ext_shared")),
        member_teams={c.external_team_id for c in foreign},
        member_domains={c.email.partition("@")[2] for c in foreign},
        is_whole=info_is_final and members_are_final,
    )


def join(installation: Installation, sighting: Sighting, inviter: User | None = None) -> Channel:
    """We were added, or learned more. Conversations that are there already, because a message came first, follow."""
    channel = add_channel(workspace=installation.workspace, sighting=sighting, inviter=inviter)
    if channel.kind == ChannelKind.TRIAGE and not installation.workspace.triage_channels.exists():
        TriageChannel.objects.create(workspace=installation.workspace, channel=channel, is_general=True)
    orphans = Conversation.objects.filter(channel=channel).order_by("-pk")
    reason = Automatic("channel_owner", f"Owns {channel}")
    if channel.owner:
        for conversation in orphans.filter(owner=None).exclude(events__kind=EventKind.OWNER_CHANGED)[:FOLLOWERS]:
            conversation.assign(channel.owner, by=reason)
    if channel.account:
        for conversation in orphans.filter(account=None)[:FOLLOWERS]:
            _belong(conversation, channel.account)
    elif channel.kind == ChannelKind.CUSTOMER and not sighting.is_whole:
        _look_again_later(channel)
    return channel


def _look_again_later(channel: Channel) -> None:
    """Slack was away: an event of our own, tried again like any other that waits. At most one an hour."""
    team_id, channel_id = channel.external_team_id, channel.external_id
    event = {"type": LOOK_AGAIN, "channel": channel_id}
    body = json.dumps({"team_id": team_id, "event": event})
    external_id = f"{LOOK_AGAIN}:{team_id}:{channel_id}:{timezone.now():%Y%m%d%H}"
    store([Received(external_id, LOOK_AGAIN, f"{team_id}:{channel_id}", body)])


def _belong(conversation: Conversation, account: Account) -> None:
    Conversation.objects.filter(pk=conversation.pk).update(account=account, version=F("version") + 1)
    reason = Automatic("channel_account", f"{account} talks in {conversation.channel}")
    event = conversation.event(EventKind.ACCOUNT_CHANGED, by=reason, at=timezone.now())
    event.data = {"from": None, "to": account.name}
    event.save()
    announce(conversation.workspace_id, [conversation.pk])


def change(installation: Installation, kind: str, event: dict[str, Any]) -> str:
    """A channel renamed, shared, gone, or with another id. Answers what was done, in words."""
    named = event.get("channel")
    details = named if isinstance(named, dict) else {}
    channel_id = str(details.get("id") or event.get("old_channel_id") or named or "")
    channel = Channel.objects.filter(workspace=installation.workspace, external_id=channel_id).first()
    if kind not in {*GONE, *CHANGES}:
        return "nothing to do"
    if channel is None:
        return "a channel we don't know"
    if kind in GONE:
        channel.left_at = timezone.now()
        channel.save(update_fields=["left_at"])
        return "left"
    return CHANGES[kind](channel, event | details)


def _rename(channel: Channel, event: dict[str, Any]) -> str:
    channel.name = str(event.get("name") or channel.name)[:120]
    channel.save(update_fields=["name"])
    return "renamed"


def _share(channel: Channel, event: dict[str, Any]) -> str:
    channel.is_shared = event["type"] == "channel_shared" or bool(event.get("is_ext_shared"))
    channel.save(update_fields=["is_shared"])
    return "shared" if channel.is_shared else "no longer shared"


def _change_id(channel: Channel, event: dict[str, Any]) -> str:
    """Slack may give a private channel a new id when it is shared."""
    external_id = str(event.get("new_channel_id") or "")[:64]
    if not external_id or Channel.objects.filter(workspace=channel.workspace, external_id=external_id).exists():
        return "an id that is taken"
    channel.external_id = external_id
    channel.save(update_fields=["external_id"])
    return "has a new id"


CHANGES = {
    "channel_rename": _rename,
    "group_rename": _rename,
    "channel_shared": _share,
    "channel_unshared": _share,
    "channel_id_changed": _change_id,
}


def _ask(installation: Installation, method: str, part: str, **arguments: Any) -> tuple[Any, bool]:
    """A part of the answer, if there is any, and whether another try would answer alike."""
    try:
        return call(installation, method, **arguments).get(part), True
    except SlackError as error:
        log.warning("a channel could not be read", channel_id=arguments["channel"], code=error.code)
        return None, error.permanent
