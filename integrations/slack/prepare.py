"""Before a batch is worked: what it needs to know, asked of Slack where we don't know it. Holds no lock."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from accounts.models import Channel
from accounts.services import Sighting
from integrations.models import InboundEvent, Installation
from integrations.slack import channels, entering, files, people
from integrations.slack.connect import ENDS, LEARN_TEAM, check_access, installation_for, learn_team
from integrations.slack.content import named
from integrations.slack.messages import Deleted, Edited, Ignored, Ours, Said, understand
from integrations.slack.naming import MENTION
from integrations.slack.requests import channel_of, team_of

Heard: TypeAlias = Said | Edited | Deleted | Ignored

CLICKS = {"block_actions", "message_action", "view_submission"}
MENTIONED = 20
"""People who are only named in a text: a message with thousands of names must not cost thousands of calls."""


@dataclass
class Prepared:
    """What a batch needs to know. All its events are of one channel of one team."""

    installation: Installation | None
    channel: Channel | None = None
    sighting: Sighting | None = None
    payloads: dict[int, dict[str, Any]] = field(default_factory=dict)
    heard: dict[int, Heard] = field(default_factory=dict)
    untold: set[str] = field(default_factory=set)
    """People about whom Slack would not tell us."""
    entered: dict[int, str] = field(default_factory=dict)
    """Of the events that have us enter a channel: Slack's reason where it refused, else nothing."""

    def event(self, row: InboundEvent) -> dict[str, Any]:
        event = self.payloads[row.pk].get("event")
        return event if isinstance(event, dict) else {}


def prepare(batch: Sequence[InboundEvent]) -> Prepared:
    payloads = {row.pk: json.loads(row.body) for row in batch}
    installation = installation_for(team_of(payloads[batch[0].pk]))
    prepared = Prepared(installation, payloads=payloads)
    if installation is None:
        return prepared
    if any(row.kind in ENDS for row in batch):
        check_access(installation)
    if any(row.kind == LEARN_TEAM for row in batch):
        learn_team(installation)
    ours = ours_of(installation)
    prepared.heard = {row.pk: _hear(prepared.event(row), ours) for row in batch if row.kind == "message"}
    channel_id = next(filter(None, (channel_of(prepared.event(row)) for row in batch)), "")
    prepared.entered = _enter(installation, batch, prepared)
    prepared.channel = channels.find(installation, channel_id)
    joins = any(is_our_join(row, prepared.event(row), installation) or row.kind == channels.LOOK_AGAIN for row in batch)
    joins |= "" in prepared.entered.values()
    speaks = any(not isinstance(heard, Ignored) for heard in prepared.heard.values())
    prepared.untold = people.learn(installation, _people(batch, prepared) - {ours.bot_user_id})
    prepared.untold |= learn_about(installation, prepared.heard.values())
    is_read = prepared.channel is not None and prepared.channel.details_read_at is not None
    if channel_id and (joins or (speaks and not is_read)):
        prepared.sighting = channels.look(
            installation, prepared.channel.external_id if prepared.channel else channel_id
        )
    return prepared


def ours_of(installation: Installation) -> Ours:
    return Ours(
        installation.external_id, installation.bot_id, installation.bot_user_id, installation.app_id,
        installation.enterprise_id, installation.workspace.app_posts,
    )  # fmt: skip


def learn_about(installation: Installation, heard: Iterable[Heard]) -> set[str]:
    """Ask Slack about what these messages need and we don't know. Answers who spoke and of whom Slack won't tell."""
    said = [one for one in map(_said, heard) if one]
    untold = people.learn(installation, {one.user_id for one in said} - {installation.bot_user_id})
    mentioned = {i for one in said for i in named(one.text, one.blocks) if i.startswith(("U", "W"))}
    people.learn(installation, mentioned - {installation.bot_user_id}, most=MENTIONED)
    files.complete(installation, [file for one in said for file in one.files])
    return untold


def is_our_join(row: InboundEvent, event: dict[str, Any], installation: Installation) -> bool:
    return row.kind == "member_joined_channel" and event.get("user") == installation.bot_user_id


def _hear(event: dict[str, Any], ours: Ours) -> Heard:
    if event.get("channel_type") in {"im", "mpim"}:
        return Ignored("a direct message")
    return understand(event, ours)


def _enter(installation: Installation, batch: Iterable[InboundEvent], prepared: Prepared) -> dict[int, str]:
    tried = {row.pk: entering.enter(installation, row.kind, prepared.event(row)) for row in batch}
    return {pk: refusal for pk, refusal in tried.items() if refusal is not None}


def _people(batch: Iterable[InboundEvent], prepared: Prepared) -> set[str]:
    """Who invited us, opened the Home tab, reacted, pressed, submitted or typed."""
    ids: set[Any] = set()
    for row in batch:
        payload = prepared.payloads[row.pk]
        if row.kind == "member_joined_channel":
            ids.add(prepared.event(row).get("inviter"))
        elif row.kind in {"app_home_opened", "reaction_added"}:
            ids.add(prepared.event(row).get("user"))
        elif row.kind in CLICKS and isinstance(payload.get("user"), dict):
            ids.add(payload["user"].get("id"))
        elif row.kind == "slash_command":
            ids |= {payload.get("user_id"), *MENTION.findall(str(payload.get("text") or ""))}
    return {i for i in ids if isinstance(i, str) and i}


def _said(heard: Heard) -> Said | None:
    said = heard.message if isinstance(heard, Edited) else heard
    return said if isinstance(said, Said) else None
