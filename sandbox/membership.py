"""Channels' and people's lives: joining, leaving, renaming, archiving, sharing, changed profiles."""

from __future__ import annotations

import json
import sqlite3
import time

from sandbox import channels, people
from sandbox.errors import SlackError, invalid_arguments
from sandbox.events import emit_in_channel, emit_to_team, installations, listener
from sandbox.messages import emit_note
from sandbox.store import Json, Store
from sandbox.world import World

USER_FIELDS = [
    "name",
    "real_name",
    "email",
    "title",
    "tz",
    "is_admin",
    "is_owner",
    "is_restricted",
    "is_ultra_restricted",
    "deleted",
    "status_text",
    "status_emoji",
]


def join(
    world: World,
    channel: sqlite3.Row,
    user: sqlite3.Row,
    *,
    inviter: str | None = None,
    at: float | None = None,
) -> bool:
    """Make a person or the app a member; `inviter` is the user who asked them in. False if already a member."""
    if channel["is_archived"]:
        raise SlackError("is_archived")
    if channels.is_member(world.store, channel["id"], user["id"]):
        return False
    at = at or time.time()
    with world.store.transaction():
        world.store.add("members", channel_id=channel["id"], user_id=user["id"])
        event = _membership_event("member_joined_channel", channel, user, at)
        if inviter:
            event["inviter"] = inviter
        emit_in_channel(world, channel, event, actor_team=user["team_id"], at=at)
        note: Json = {"subtype": "channel_join", "text": f"<@{user['id']}> has joined the channel"}
        emit_note(world, channel, user, note | ({"inviter": inviter} if inviter else {}), at=at)
    world.live.publish({"type": "channel", "channel": channel["id"]})
    return True


def leave(world: World, channel: sqlite3.Row, user: sqlite3.Row, *, at: float | None = None) -> None:
    """End a membership. The app hears of its own removal too."""
    at = at or time.time()
    hearing = listener(world.store, channel)
    if not world.store.run("DELETE FROM members WHERE channel_id = ? AND user_id = ?", channel["id"], user["id"]):
        raise SlackError("not_in_channel")
    event = _membership_event("member_left_channel", channel, user, at)
    emit_in_channel(world, channel, event, actor_team=user["team_id"], at=at, installation=hearing)
    note = {"subtype": "channel_leave", "text": f"<@{user['id']}> has left the channel"}
    emit_note(world, channel, user, note, at=at)
    world.live.publish({"type": "channel", "channel": channel["id"]})


def announce_made(world: World, channel_id: str) -> None:
    """Tell of a new public channel: its workspace hears of it, whoever is in it."""
    channel = channels.get_channel(world.store, channel_id)
    if channel["kind"] != "public":
        return
    at, team = time.time(), channel["team_id"]
    made = {"id": channel_id, "is_channel": True, "name": channel["name"], "name_normalized": channel["name"]}
    made |= {"created": channel["created"], "creator": channel["creator"], "context_team_id": team}
    made |= {"is_shared": channels.is_ext_shared(world.store, channel), "is_org_shared": False}
    emit_to_team(world, team, {"type": "channel_created", "channel": made, "event_ts": f"{at:.6f}"}, at=at)


def rename(world: World, channel: sqlite3.Row, name: str, *, by: sqlite3.Row) -> None:
    at = time.time()
    previous = [*json.loads(channel["previous_names"]), channel["name"]]
    _update(world.store, channel, name=name, previous_names=json.dumps(previous))
    renamed = {"id": channel["id"], "name": name, "name_normalized": name, "created": channel["created"]}
    event = {"type": "channel_rename", "channel": renamed | {"is_channel": True, "is_mpim": False}}
    emit_in_channel(world, channel, event | {"event_ts": f"{at:.6f}"}, actor_team=by["team_id"], at=at)
    text = f'has renamed the channel from "{channel["name"]}" to "{name}"'
    emit_note(
        world,
        channel,
        by,
        {"subtype": "channel_name", "text": text, "old_name": channel["name"], "name": name},
    )
    world.live.publish({"type": "channel", "channel": channel["id"]})


def set_archived(world: World, channel: sqlite3.Row, *, archived: bool, by: sqlite3.Row) -> None:
    at = time.time()
    _update(world.store, channel, is_archived=int(archived))
    kind = "channel_archive" if archived else "channel_unarchive"
    event = {"type": kind, "channel": channel["id"], "user": by["id"], "event_ts": f"{at:.6f}"}
    emit_in_channel(world, channel, event, actor_team=by["team_id"], at=at)
    world.live.publish({"type": "channel", "channel": channel["id"]})


def share(world: World, channel: sqlite3.Row, team_id: str, *, name: str | None = None) -> None:
    """Connect another workspace to a channel (Slack Connect)."""
    people.get_team(world.store, team_id)
    if team_id in channels.team_ids(world.store, channel):
        raise invalid_arguments("that workspace has the channel already")
    world.store.add("channel_teams", channel_id=channel["id"], team_id=team_id, name=name)
    _emit_shared(world, channel, {"type": "channel_shared", "connected_team_id": team_id})


def unshare(world: World, channel: sqlite3.Row, team_id: str) -> None:
    """Disconnect a workspace; its people are no longer members."""
    store = world.store
    if not store.run("DELETE FROM channel_teams WHERE channel_id = ? AND team_id = ?", channel["id"], team_id):
        raise SlackError("team_not_found")
    guests = "SELECT id FROM users WHERE team_id = ?"
    store.run(f"DELETE FROM members WHERE channel_id = ? AND user_id IN ({guests})", channel["id"], team_id)  # noqa: S608
    still = channels.is_ext_shared(store, channel)
    event = {"type": "channel_unshared", "previously_connected_team_id": team_id, "is_ext_shared": still}
    _emit_shared(world, channel, event)


def change_user(world: World, user: sqlite3.Row, changes: Json) -> None:
    """Change a profile; every workspace with the app that sees the person hears ``user_change``."""
    unknown = changes.keys() - set(USER_FIELDS)
    if unknown:
        raise invalid_arguments(f"unknown user fields: {', '.join(sorted(unknown))}")
    at = time.time()
    for field, value in changes.items():
        world.store.run(f"UPDATE users SET {field} = ? WHERE id = ?", value, user["id"])  # noqa: S608
    world.store.run("UPDATE users SET updated = ? WHERE id = ?", int(at), user["id"])
    user = people.get_user(world.store, user["id"])
    for found in installations(world.store):
        team = found["team_id"]
        if people.is_visible(world.store, user, team):
            shown = people.user_object(world.store, world.config.base_url, user, team_id=team, with_email=True)
            event = {"type": "user_change", "user": shown, "cache_ts": int(at), "event_ts": f"{at:.6f}"}
            emit_to_team(world, team, event, at=at)
    world.live.publish({"type": "people"})


def uninstall(world: World, team_id: str) -> None:
    """Remove the app from a workspace: its token dies and it leaves every channel."""
    at = time.time()
    found = next((one for one in installations(world.store) if one["team_id"] == team_id), None)
    if found is None:
        raise SlackError("team_not_found")
    revoked = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [found["user_id"]]}}
    emit_to_team(world, team_id, revoked | {"event_ts": f"{at:.6f}"}, at=at)
    emit_to_team(world, team_id, {"type": "app_uninstalled", "event_ts": f"{at:.6f}"}, at=at)
    with world.store.transaction():
        world.store.run("UPDATE tokens SET revoked = 1 WHERE user_id = ?", found["user_id"])
        world.store.run("DELETE FROM members WHERE user_id = ?", found["user_id"])
    world.live.publish({"type": "people"})


def _membership_event(kind: str, channel: sqlite3.Row, user: sqlite3.Row, at: float) -> Json:
    return {
        "type": kind,
        "user": user["id"],
        "channel": channel["id"],
        "channel_type": "C" if channel["kind"] == "public" else "G",
        "team": user["team_id"],
        "event_ts": f"{at:.6f}",
    }


def _emit_shared(world: World, channel: sqlite3.Row, event: Json) -> None:
    at = time.time()
    event = event | {"channel": channel["id"], "event_ts": f"{at:.6f}"}
    emit_in_channel(world, channel, event, actor_team=channel["team_id"], at=at)
    world.live.publish({"type": "channel", "channel": channel["id"]})


def _update(store: Store, channel: sqlite3.Row, **fields: object) -> None:
    for field, value in fields.items():
        store.run(f"UPDATE channels SET {field} = ? WHERE id = ?", value, channel["id"])  # noqa: S608
    store.run("UPDATE channels SET updated = ? WHERE id = ?", int(time.time()), channel["id"])
