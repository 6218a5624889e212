"""Channels that we are added to, or learn more of. What happens to them later: `channel_lives`."""

from __future__ import annotations

import json
from typing import Any

import structlog
from django.utils import timezone

from accounts.models import Channel, ChannelKind, Contact, User
from accounts.services import Sighting, add_channel
from conversations.channel_changes import follow_channel
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
LOOK_AGAIN = "look_again"


def look(installation: Installation, channel_id: str) -> Sighting:
    """Ask Slack what the channel is and who is in it. Never within a transaction. What can't be read is left out."""
    info, info_is_final = _ask(installation, "conversations.info", "channel", channel=channel_id)
    info = info if isinstance(info, dict) else {}
    members, members_are_final = _ask(
        installation, "conversations.members", "members", channel=channel_id, limit=MEMBERS
    )
    creator_id = str(info.get("creator") or "")
    ids = ({str(member) for member in members or []} | {creator_id}) - {installation.bot_user_id, ""}
    people.learn(installation, ids, most=ASKED)
    contacts = [p for p in people.known(installation, ids).values() if isinstance(p, Contact)]
    # A guest of our own team says less about a channel than people of another company.
    foreign = [c for c in contacts if c.external_team_id != installation.external_id] or contacts
    return Sighting(
        external_id=channel_id,
        external_team_id=installation.external_id,
        name=str(info.get("name") or ""),
        is_shared=bool(info.get("is_ext_shared") or info.get("is_pending_ext_shared")),
        is_private=info.get("is_private"),
        is_archived=info.get("is_archived"),
        creator_id=creator_id,
        member_teams={c.external_team_id for c in foreign},
        member_domains={c.email.partition("@")[2] for c in foreign},
        is_whole=info_is_final and members_are_final,
    )


def join(
    installation: Installation, sighting: Sighting, inviter: User | None = None, *, unasked: bool = False
) -> Channel:
    """We were added, or learned more. `unasked`: nobody invited us, so that its creator may own it. Conversations that
    are there already, because a message came first, follow."""
    creator = people.known(installation, [sighting.creator_id]).get(sighting.creator_id) if unasked else None
    channel = add_channel(
        workspace=installation.workspace, sighting=sighting, inviter=inviter,
        creator=creator if isinstance(creator, User) and creator.is_active else None,
    )  # fmt: skip
    show_here_if_first(channel)
    follow_channel(channel)
    if channel.account is None and channel.kind == ChannelKind.CUSTOMER and not sighting.is_whole:
        look_again_later(channel)
    return channel


def show_here_if_first(channel: Channel) -> None:
    """The first triage channel shows everything; others are chosen on the settings page."""
    if channel.kind == ChannelKind.TRIAGE and not channel.workspace.triage_channels.exists():
        TriageChannel.objects.create(workspace=channel.workspace, channel=channel, is_general=True)


def find(installation: Installation, channel_id: str) -> Channel | None:
    """By its id, or one that it had before: an event may have been under way when Slack changed it."""
    if not channel_id:
        return None
    mine = Channel.objects.filter(workspace=installation.workspace)
    return mine.filter(external_id=channel_id).first() or mine.filter(former_ids__contains=[channel_id]).first()


def look_again_later(channel: Channel) -> None:
    """Slack was away: an event of our own, tried again like any other that waits. At most one an hour."""
    team_id, channel_id = channel.external_team_id, channel.external_id
    event = {"type": LOOK_AGAIN, "channel": channel_id}
    body = json.dumps({"team_id": team_id, "event": event})
    external_id = f"{LOOK_AGAIN}:{team_id}:{channel_id}:{timezone.now():%Y%m%d%H}"
    store([Received(external_id, LOOK_AGAIN, f"{team_id}:{channel_id}", body)])


def _ask(installation: Installation, method: str, part: str, **arguments: Any) -> tuple[Any, bool]:
    """A part of the answer, if there is any, and whether another try would answer alike."""
    try:
        return call(installation, method, **arguments).get(part), True
    except SlackError as error:
        log.warning("a channel could not be read", channel_id=arguments["channel"], code=error.code)
        return None, error.permanent
