"""Channels: finding them, who is in them, and showing them as one workspace sees them."""

from __future__ import annotations

import json
import sqlite3

from sandbox.errors import SlackError
from sandbox.store import Json, Store

CHANNEL_TYPES = {"public": "channel", "private": "group", "im": "im"}
LIST_TYPES = {"public_channel": "public", "private_channel": "private", "im": "im", "mpim": "mpim"}


def get_channel(store: Store, channel_id: str) -> sqlite3.Row:
    channel = store.one("SELECT * FROM channels WHERE id = ?", channel_id)
    if channel is None:
        raise SlackError("channel_not_found")
    return channel


def find_by_name(store: Store, name: str, team_id: str) -> sqlite3.Row | None:
    """A channel of `team_id` by the name it has there, with or without ``#``."""
    query = """
        SELECT c.* FROM channels c LEFT JOIN channel_teams t ON t.channel_id = c.id AND t.team_id = ?
        WHERE (c.team_id = ? OR t.team_id IS NOT NULL) AND coalesce(t.name, c.name) = ? AND c.kind != 'im'
    """
    return store.one(query, team_id, team_id, name.removeprefix("#"))


def team_ids(store: Store, channel: sqlite3.Row) -> list[str]:
    """The workspaces that have this channel, the host first."""
    guests = store.column("SELECT team_id FROM channel_teams WHERE channel_id = ? ORDER BY rowid", channel["id"])
    return [channel["team_id"], *guests]


def is_ext_shared(store: Store, channel: sqlite3.Row) -> bool:
    return len(team_ids(store, channel)) > 1


def member_ids(store: Store, channel_id: str) -> list[str]:
    return store.column("SELECT user_id FROM members WHERE channel_id = ? ORDER BY rowid", channel_id)


def is_member(store: Store, channel_id: str, user_id: str | None) -> bool:
    row = store.one("SELECT 1 FROM members WHERE channel_id = ? AND user_id = ?", channel_id, user_id)
    return row is not None


def is_visible(store: Store, channel: sqlite3.Row, team_id: str, user_id: str | None) -> bool:
    """Public channels are seen by the whole workspace, all others by their members."""
    if team_id not in team_ids(store, channel):
        return False
    return bool(channel["kind"] == "public") or is_member(store, channel["id"], user_id)


def name_for(store: Store, channel: sqlite3.Row, team_id: str) -> str:
    row = store.one("SELECT name FROM channel_teams WHERE channel_id = ? AND team_id = ?", channel["id"], team_id)
    name: str = row["name"] if row is not None and row["name"] else channel["name"]
    return name


def channel_object(store: Store, channel: sqlite3.Row, *, team_id: str, user_id: str | None) -> Json:
    """The channel as `user_id` of `team_id` sees it."""
    if channel["kind"] == "im":
        return _im_object(store, channel, user_id)
    teams = team_ids(store, channel)
    shared = len(teams) > 1
    name = name_for(store, channel, team_id)
    private = channel["kind"] == "private"
    return {
        "id": channel["id"],
        "name": name,
        "is_channel": True,
        "is_group": False,
        "is_im": False,
        "is_mpim": False,
        "is_private": private,
        "created": channel["created"],
        "is_archived": bool(channel["is_archived"]),
        "is_general": name == "general",
        "unlinked": 0,
        "name_normalized": name,
        "is_shared": shared,
        "is_frozen": False,
        "is_org_shared": False,
        "is_ext_shared": shared,
        "is_pending_ext_shared": False,
        "pending_shared": [],
        "pending_connected_team_ids": [],
        "context_team_id": team_id,
        "conversation_host_id": channel["team_id"],
        "shared_team_ids": teams,
        "connected_team_ids": [team for team in teams if team != team_id],
        "internal_team_ids": [],
        "updated": channel["updated"] * 1000,
        "parent_conversation": None,
        "creator": channel["creator"],
        "is_member": is_member(store, channel["id"], user_id),
        "topic": _described(channel["topic"], channel),
        "purpose": _described(channel["purpose"], channel),
        "previous_names": json.loads(channel["previous_names"]),
    }


def open_im(store: Store, team_id: str, bot_user_id: str, user_id: str, now: int) -> tuple[sqlite3.Row, bool]:
    """The direct message channel of two users, and whether it existed before."""
    query = """
        SELECT c.* FROM channels c JOIN members a ON a.channel_id = c.id AND a.user_id = ?
        JOIN members b ON b.channel_id = c.id AND b.user_id = ? WHERE c.kind = 'im'
    """
    found = store.one(query, bot_user_id, user_id)
    if found is not None:
        return found, True
    channel_id = store.next_id("D")
    with store.transaction():
        made = {"creator": bot_user_id, "created": now, "updated": now}
        store.add("channels", id=channel_id, team_id=team_id, kind="im", name="", **made)
        for member in (bot_user_id, user_id):
            store.add("members", channel_id=channel_id, user_id=member)
    return get_channel(store, channel_id), False


def _im_object(store: Store, channel: sqlite3.Row, user_id: str | None) -> Json:
    others = [member for member in member_ids(store, channel["id"]) if member != user_id]
    return {
        "id": channel["id"],
        "created": channel["created"],
        "is_im": True,
        "is_org_shared": False,
        "is_archived": False,
        "user": others[0] if others else user_id,
        "is_user_deleted": False,
        "is_open": True,
        "priority": 0,
    }


def _described(value: str, channel: sqlite3.Row) -> Json:
    return {
        "value": value,
        "creator": channel["creator"] if value else "",
        "last_set": channel["created"] if value else 0,
    }
