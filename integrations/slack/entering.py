"""Channels that we enter unasked: those with a name that the workspace looks for, and those that staff have picked.

Only public channels can be entered without an invitation. Each is an event of our own in the inbox, which is tried
again like any other, at Slack's pace; what became of it stands in its outcome.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Any

import structlog
from django.core.cache import cache
from django.utils import timezone

from accounts.models import Channel, Workspace
from accounts.services import Sighting
from integrations.models import InboundEvent, Installation, Provider
from integrations.slack import channels
from integrations.slack.channel_lives import UNARCHIVED
from integrations.slack.client import SlackError, call, pages
from integrations.slack.requests import Received, channel_of
from integrations.slack.storage import store

log = structlog.get_logger(__name__)

ENTER = "enter_channel"
KINDS = {ENTER, "channel_created", *UNARCHIVED}
PAGES = 19
"""Of 200 public channels each: what Slack lets us list in a minute."""
AT_ONCE = 20
"""Channels entered by their name in one go."""
LISTED_SECONDS = 120


def is_wanted(workspace: Workspace, name: str) -> bool:
    """Whether its name is one of those that the workspace looks for."""
    return any(fnmatchcase(name.lower(), pattern.lower().lstrip("#")) for pattern in workspace.channel_patterns)


def plan() -> int:
    """Have public channels entered that have such a name. Answers how many. Not those that we have been in: whoever
    removed us meant it."""
    planned = 0
    installations = Installation.objects.filter(provider=Provider.SLACK, revoked_at=None)
    for installation in installations.exclude(workspace__channel_patterns=[]).select_related("workspace"):
        try:
            found = public_channels(installation)
        except SlackError as error:
            log.warning("public channels could not be listed", team=installation.external_id, code=error.code)
            continue
        wanted = [one.external_id for one in found if is_wanted(installation.workspace, one.name)]
        planned += enter_later(installation, _untried(installation, wanted)[:AT_ONCE])
    return planned


def public_channels(installation: Installation) -> list[Sighting]:
    """Those that we are not in and have not been in, as Slack lists them; for two minutes from memory. Raises
    SlackError."""
    key = f"public-channels:{installation.pk}"
    listed: list[dict[str, Any]] | None = cache.get(key)
    if listed is None:
        found = pages(
            installation, "conversations.list", "channels", most=PAGES, types="public_channel", exclude_archived=True
        )
        listed = [_kept(channel) for channel in found if not channel.get("is_member")]
        cache.set(key, listed, LISTED_SECONDS)
    known = _known(installation)
    return [_sighting(installation, channel) for channel in listed if channel["id"] not in known]


def enter_later(installation: Installation, channel_ids: Iterable[str], *, again: bool = False) -> int:
    """By a worker; each at most once a day, unless it is asked for `again`. Answers how many are new."""
    team_id = installation.external_id
    return store([
        Received(
            _event_id(team_id, channel_id, again=again), ENTER, f"{team_id}:{channel_id}",
            json.dumps({"team_id": team_id, "event": {"type": ENTER, "channel": channel_id}}),
        )
        for channel_id in channel_ids
    ])  # fmt: skip


def enter(installation: Installation, kind: str, event: dict[str, Any]) -> str | None:
    """Enter the channel of such an event, where it asks for that. Never within a transaction. Answers Slack's reason
    if it refuses, an empty text when we are in, None when there is nothing to enter. Raises SlackError for what
    passes."""
    channel_id = channel_of(event)
    if kind in UNARCHIVED:
        channel = channels.find(installation, channel_id)
        return _stay(installation, channel_id) if channel and channel.left_at is None else None
    if kind == "channel_created" and not is_wanted(installation.workspace, _name(event)):
        return None
    return _join(installation, channel_id) if kind in KINDS else None


def _stay(installation: Installation, channel_id: str) -> str:
    """Slack does not always leave us in a channel that it archives; into a public one we go again."""
    try:
        info = call(installation, "conversations.info", channel=channel_id).get("channel")
    except SlackError as error:
        return _refusal(error)
    if isinstance(info, dict) and info.get("is_member"):
        return ""
    return _join(installation, channel_id)


def _join(installation: Installation, channel_id: str) -> str:
    try:
        call(installation, "conversations.join", channel=channel_id)
    except SlackError as error:
        return _refusal(error)
    return ""


def _refusal(error: SlackError) -> str:
    if not error.permanent:
        raise error
    return error.code


def _untried(installation: Installation, channel_ids: list[str]) -> list[str]:
    """A channel that refuses us is tried once a day, and keeps none of the others waiting."""
    ids = {_event_id(installation.external_id, i, again=False): i for i in channel_ids}
    tried = InboundEvent.objects.filter(provider=Provider.SLACK, external_id__in=ids)
    return [ids[i] for i in ids.keys() - set(tried.values_list("external_id", flat=True))]


def _event_id(team_id: str, channel_id: str, *, again: bool) -> str:
    now = timezone.now()
    return f"{ENTER}:{team_id}:{channel_id}:{now.timestamp() if again else f'{now:%Y%m%d}'}"


def _known(installation: Installation) -> set[str]:
    ids: set[str] = set()
    for external_id, former in Channel.objects.filter(workspace=installation.workspace_id).values_list(
        "external_id", "former_ids"
    ):
        ids |= {external_id, *former}
    return ids


def _kept(channel: dict[str, Any]) -> dict[str, Any]:
    names = ("id", "name", "creator", "is_ext_shared", "is_private", "connected_team_ids")
    return {name: channel.get(name) for name in names}


def _sighting(installation: Installation, channel: dict[str, Any]) -> Sighting:
    return Sighting(
        external_id=str(channel["id"]),
        external_team_id=installation.external_id,
        name=str(channel["name"] or ""),
        is_shared=bool(channel["is_ext_shared"]),
        creator_id=str(channel["creator"] or ""),
        member_teams=[str(team) for team in channel["connected_team_ids"] or []],
    )


def _name(event: dict[str, Any]) -> str:
    made = event.get("channel")
    return str(made.get("name") or "") if isinstance(made, dict) else ""
