"""Event envelopes: who hears of an event, and how Slack wraps it."""

from __future__ import annotations

import base64
import json
import sqlite3

from sandbox import channels
from sandbox.store import Json, Store
from sandbox.world import World

MESSAGE_EVENTS = {"public": "message.channels", "private": "message.groups", "im": "message.im"}


def installations(store: Store) -> list[sqlite3.Row]:
    """The workspaces that have the app, each by its newest live bot token."""
    return store.all("""
        SELECT * FROM tokens WHERE rowid IN (
            SELECT max(rowid) FROM tokens WHERE kind = 'bot' AND NOT revoked GROUP BY team_id
        ) ORDER BY rowid
    """)


def listener(store: Store, channel: sqlite3.Row) -> sqlite3.Row | None:
    """The installation that hears what happens in a channel: one whose bot is a member, the host's first."""
    members = set(channels.member_ids(store, channel["id"]))
    hearing = [found for found in installations(store) if found["user_id"] in members]
    hearing.sort(key=lambda found: found["team_id"] != channel["team_id"])
    return hearing[0] if hearing else None


def emit_in_channel(
    world: World,
    channel: sqlite3.Row,
    event: Json,
    *,
    actor_team: str | None,
    at: float,
    installation: sqlite3.Row | None = None,
) -> None:
    """Send an event of a channel to the app if it is a member there.

    `actor_team` is the workspace of the person who acted: in a shared channel it is the envelope's ``team_id``,
    which then differs from the installation's.
    """
    hearing = installation or listener(world.store, channel)
    if hearing is None or not _subscribed(world, event, channel):
        return
    shared = channels.is_ext_shared(world.store, channel)
    outer_team = actor_team if shared and actor_team else hearing["team_id"]
    _send(world, hearing, event, at=at, team_id=outer_team, channel_id=channel["id"], shared=shared)


def emit_to_team(world: World, team_id: str, event: Json, *, at: float) -> None:
    """Send an event that belongs to a workspace rather than to a channel."""
    for found in installations(world.store):
        if found["team_id"] == team_id and _subscribed(world, event, None):
            _send(world, found, event, at=at, team_id=team_id, channel_id=None, shared=False)


def _subscribed(world: World, event: Json, channel: sqlite3.Row | None) -> bool:
    name = event["type"]
    if name == "message" and channel is not None:
        name = MESSAGE_EVENTS[channel["kind"]]
    return name in world.app["events"]


def _send(
    world: World,
    installation: sqlite3.Row,
    event: Json,
    *,
    at: float,
    team_id: str,
    channel_id: str | None,
    shared: bool,
) -> None:
    app = world.app
    envelope: Json = {
        "token": app["verification_token"],
        "team_id": team_id,
        "context_team_id": installation["team_id"],
        "context_enterprise_id": None,
        "api_app_id": app["id"],
        "event": event,
        "type": "event_callback",
        "event_id": world.store.next_id("Ev"),
        "event_time": int(at),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": installation["team_id"],
                "user_id": installation["user_id"],
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": shared,
        "event_context": _context(event["type"], installation["team_id"], app["id"], channel_id),
    }
    world.outbox.send_event(envelope, channel_id=channel_id)


def _context(kind: str, team_id: str, app_id: str, channel_id: str | None) -> str:
    parts = {"et": kind, "tid": team_id, "aid": app_id, "cid": channel_id}
    return "4-" + base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")
