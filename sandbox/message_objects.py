"""Messages as Slack shows them: with reactions, thread counters, and what another workspace sees."""

from __future__ import annotations

import json
import sqlite3

from sandbox import channels, people
from sandbox.errors import SlackError
from sandbox.store import Json, Store
from sandbox.world import World


def stored(store: Store, channel: sqlite3.Row, ts: str) -> Json:
    """A message's stored body; ephemeral ones are not to be found."""
    row = store.one("SELECT body FROM messages WHERE channel_id = ? AND ts = ? AND only_for IS NULL", channel["id"], ts)
    if row is None:
        raise SlackError("message_not_found")
    body: Json = json.loads(row["body"])
    return body


def read(world: World, channel: sqlite3.Row, ts: str, *, with_metadata: bool = True) -> Json:
    """A message as Slack shows it, with reactions and, for a thread's root, its counters."""
    return shown(world, channel, stored(world.store, channel, ts), with_metadata=with_metadata)


def shown(world: World, channel: sqlite3.Row, body: Json, *, with_metadata: bool) -> Json:
    message = dict(body)
    if not with_metadata:
        message.pop("metadata", None)
    if message.get("thread_ts", message["ts"]) == message["ts"]:
        message |= _thread_counters(world.store, channel["id"], message)
    reactions = reactions_of(world.store, channel["id"], message["ts"])
    return message | ({"reactions": reactions} if reactions else {})


def reactions_of(store: Store, channel_id: str, ts: str) -> list[Json]:
    rows = store.all(
        "SELECT name, user_id FROM reactions WHERE channel_id = ? AND ts = ? ORDER BY rowid", channel_id, ts
    )
    users: dict[str, list[str]] = {}
    for row in rows:
        users.setdefault(row["name"], []).append(row["user_id"])
    return [{"name": name, "users": who, "count": len(who)} for name, who in users.items()]


def for_team(world: World, channel: sqlite3.Row, message: Json, team_id: str) -> Json:
    """The message as another workspace of a shared channel receives it.

    It carries where its author is from, a short profile, and files as stubs that ``files.info`` resolves.
    """
    if not channels.is_ext_shared(world.store, channel):
        return message
    message = dict(message)
    if message.get("files"):
        message["files"] = [{"id": file["id"], "file_access": "check_file_info"} for file in message["files"]]
    author = world.store.one("SELECT * FROM users WHERE id = ?", message.get("user"))
    if author is not None and author["team_id"] != team_id:
        home = author["team_id"]
        profile = people.message_profile(world.config.base_url, author)
        message |= {"user_team": home, "source_team": home, "user_profile": profile}
    return message


def _thread_counters(store: Store, channel_id: str, message: Json) -> Json:
    replies = store.all(
        "SELECT ts, user_id FROM messages WHERE channel_id = ? AND thread_ts = ? AND ts != ? AND only_for IS NULL"
        " ORDER BY ts",
        channel_id,
        message["ts"],
        message["ts"],
    )
    if not replies:
        return {}
    users = list(dict.fromkeys(row["user_id"] for row in replies))
    return {
        "thread_ts": message["ts"],
        "reply_count": len(replies),
        "reply_users_count": len(users),
        "latest_reply": replies[-1]["ts"],
        "reply_users": users[:5],
        "is_locked": False,
        "subscribed": False,
    }
