"""Messages: posting, editing, deleting, reacting, and how they look when read.

Each verb changes the store and sends the events Slack would send. People and apps use the same verbs.
"""

from __future__ import annotations

import json
import sqlite3
import time
import uuid
from dataclasses import dataclass

from sandbox import channels, files, people
from sandbox.errors import SlackError
from sandbox.events import emit_in_channel, listener
from sandbox.message_objects import for_team, read, stored
from sandbox.richtext import rich_text
from sandbox.store import Json, Store
from sandbox.world import World

TEXT_LIMIT = 40_000
TOMBSTONE_TEXT = "This message was deleted."


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What is to be posted. `text` is in Slack's mrkdwn, with ``&``, ``<`` and ``>`` already escaped."""

    text: str
    thread_ts: str | None = None
    broadcast: bool = False
    extra: Json | None = None
    """Further fields of the message object, for example blocks, attachments or metadata."""
    files: tuple[Json, ...] = ()


def post(world: World, channel: sqlite3.Row, user: sqlite3.Row, draft: Draft, *, at: float | None = None) -> Json:
    """Post as a person or as the app's bot, send the event, and return the message."""
    _refuse_if_archived(channel)
    store = world.store
    with store.transaction():
        ts = store.new_ts(channel["id"], at)
        body = _by_bot(world, user) if user["bot_id"] else _by_person(user, draft)
        body |= {"text": draft.text[:TEXT_LIMIT], "ts": ts} | (draft.extra or {})
        if body.get("subtype") == "bot_message":
            del body["user"]
        if draft.files:
            body |= {"subtype": "file_share", "upload": False, "display_as_bot": False}
            body["files"] = [files.add(store, channel, user, file, ts) for file in draft.files]
        if draft.thread_ts:
            body |= _in_thread(world, channel, draft.thread_ts, broadcast=draft.broadcast)
        row = {"thread_ts": body.get("thread_ts"), "user_id": user["id"], "body": json.dumps(body)}
        in_channel = int("thread_ts" not in body or draft.broadcast)
        store.add("messages", channel_id=channel["id"], ts=ts, in_channel=in_channel, **row)
        message = read(world, channel, ts)
        _emit_message(world, channel, user, message)
    _changed(world, channel, ts)
    return message


def post_ephemeral(world: World, channel: sqlite3.Row, user_id: str, body: Json) -> str:
    """Show a message to one person; no event is sent and no history has it."""
    ts = world.store.new_ts(channel["id"])
    shown = json.dumps(body | {"type": "message", "ts": ts, "is_ephemeral": True})
    row = {"thread_ts": body.get("thread_ts"), "in_channel": 1, "only_for": user_id, "body": shown}
    world.store.add("messages", channel_id=channel["id"], ts=ts, **row)
    _changed(world, channel, ts)
    return ts


def edit(
    world: World, channel: sqlite3.Row, ts: str, changes: Json, *, by: sqlite3.Row, at: float | None = None
) -> Json:
    """Change a message's fields. ``edited`` is set when a person or an app rewrote it, not when a link unfurled."""
    body = stored(world.store, channel, ts)
    at = at or time.time()
    before = read(world, channel, ts)
    if not by["bot_id"] and "text" in changes:
        changes = changes | {"blocks": [rich_text(changes["text"], _block_id())]}
    if changes.keys() & {"text", "blocks"}:
        changes = changes | {"edited": {"user": by["bot_id"] or by["id"], "ts": f"{int(at)}.000000"}}
    body = {key: value for key, value in (body | changes).items() if value is not None}
    _save(world.store, channel, ts, body)
    message = read(world, channel, ts)
    event = {"subtype": "message_changed", "message": message, "previous_message": before}
    _emit_hidden(world, channel, by, event, at)
    _changed(world, channel, ts)
    return message


def delete(world: World, channel: sqlite3.Row, ts: str, *, by: sqlite3.Row, at: float | None = None) -> None:
    """Delete a message; a thread's root with replies leaves a tombstone, as in Slack."""
    store, at = world.store, at or time.time()
    before = read(world, channel, ts)
    with store.transaction():
        store.run("DELETE FROM reactions WHERE channel_id = ? AND ts = ?", channel["id"], ts)
        if before.get("reply_count"):
            tombstone = {
                "type": "message",
                "subtype": "tombstone",
                "text": TOMBSTONE_TEXT,
                "user": "USLACKBOT",
            }
            _save(store, channel, ts, tombstone | {"ts": ts, "hidden": True, "thread_ts": ts})
            message = read(world, channel, ts)
            event = {"subtype": "message_changed", "message": message, "previous_message": before}
        else:
            store.run("DELETE FROM messages WHERE channel_id = ? AND ts = ?", channel["id"], ts)
            event = {"subtype": "message_deleted", "deleted_ts": ts, "previous_message": before}
        _emit_hidden(world, channel, by, event, at)
    _changed(world, channel, ts)


def react(world: World, channel: sqlite3.Row, ts: str, name: str, *, by: sqlite3.Row, at: float | None = None) -> None:
    name = name.strip(":")
    item_user = stored(world.store, channel, ts).get("user")
    query = "INSERT OR IGNORE INTO reactions (channel_id, ts, name, user_id) VALUES (?, ?, ?, ?)"
    if not world.store.run(query, channel["id"], ts, name, by["id"]):
        raise SlackError("already_reacted")
    _emit_reaction(world, "reaction_added", channel, ts, name, item_user=item_user, by=by, at=at)


def unreact(
    world: World, channel: sqlite3.Row, ts: str, name: str, *, by: sqlite3.Row, at: float | None = None
) -> None:
    name = name.strip(":")
    item_user = stored(world.store, channel, ts).get("user")
    query = "DELETE FROM reactions WHERE channel_id = ? AND ts = ? AND name = ? AND user_id = ?"
    if not world.store.run(query, channel["id"], ts, name, by["id"]):
        raise SlackError("no_reaction")
    _emit_reaction(world, "reaction_removed", channel, ts, name, item_user=item_user, by=by, at=at)


def emit_note(world: World, channel: sqlite3.Row, user: sqlite3.Row, fields: Json, *, at: float | None = None) -> None:
    """Store and announce a line that Slack itself writes, such as "has joined the channel"."""
    ts = world.store.new_ts(channel["id"], at)
    body = {"type": "message", "user": user["id"], "ts": ts} | fields
    row = {"user_id": user["id"], "in_channel": 1, "body": json.dumps(body)}
    world.store.add("messages", channel_id=channel["id"], ts=ts, **row)
    _emit_message(world, channel, user, body)
    _changed(world, channel, ts)


def _by_person(user: sqlite3.Row, draft: Draft) -> Json:
    body: Json = {
        "client_msg_id": str(uuid.uuid4()),
        "type": "message",
        "user": user["id"],
        "team": user["team_id"],
    }
    if draft.text:
        body["blocks"] = [rich_text(draft.text, _block_id())]
    return body


def _by_bot(world: World, user: sqlite3.Row) -> Json:
    """The modern form: bot_id, app_id and bot_profile, and no subtype."""
    return {
        "type": "message",
        "user": user["id"],
        "team": user["team_id"],
        "bot_id": user["bot_id"],
        "app_id": user["app_id"],
        "bot_profile": people.bot_profile(world.config.base_url, user),
    }


def _in_thread(world: World, channel: sqlite3.Row, thread_ts: str, *, broadcast: bool) -> Json:
    """The fields of a reply; a reply to a reply joins the same thread."""
    parent = stored(world.store, channel, thread_ts)
    root_ts = str(parent.get("thread_ts") or parent["ts"])
    root = parent if root_ts == parent["ts"] else stored(world.store, channel, root_ts)
    fields: Json = {"thread_ts": root_ts, "parent_user_id": root.get("user")}
    if broadcast:
        fields |= {"subtype": "thread_broadcast", "root": read(world, channel, root_ts)}
    return fields


def _emit_message(world: World, channel: sqlite3.Row, user: sqlite3.Row, message: Json) -> None:
    hearing = listener(world.store, channel)
    if hearing is None:
        return
    event = for_team(world, channel, message, hearing["team_id"])
    event |= {
        "channel": channel["id"],
        "event_ts": message["ts"],
        "channel_type": channels.CHANNEL_TYPES[channel["kind"]],
    }
    emit_in_channel(world, channel, event, actor_team=user["team_id"], at=float(message["ts"]))


def _emit_hidden(world: World, channel: sqlite3.Row, by: sqlite3.Row, change: Json, at: float) -> None:
    hearing = listener(world.store, channel)
    if hearing is None:
        return
    shown_change: Json = {
        key: for_team(world, channel, value, hearing["team_id"]) if isinstance(value, dict) else value
        for key, value in change.items()
    }
    stamp = f"{at:.6f}"
    event = {"type": "message", **shown_change, "channel": channel["id"], "hidden": True, "ts": stamp}
    event |= {"event_ts": stamp, "channel_type": channels.CHANNEL_TYPES[channel["kind"]]}
    emit_in_channel(world, channel, event, actor_team=by["team_id"], at=at)


def _emit_reaction(
    world: World,
    kind: str,
    channel: sqlite3.Row,
    ts: str,
    name: str,
    *,
    item_user: str | None,
    by: sqlite3.Row,
    at: float | None,
) -> None:
    at = at or time.time()
    event: Json = {
        "type": kind,
        "user": by["id"],
        "reaction": name,
        "item": {"type": "message", "channel": channel["id"], "ts": ts},
        "event_ts": f"{at:.6f}",
    }
    if item_user:
        event["item_user"] = item_user
    emit_in_channel(world, channel, event, actor_team=by["team_id"], at=at)
    _changed(world, channel, ts)


def _save(store: Store, channel: sqlite3.Row, ts: str, body: Json) -> None:
    store.run("UPDATE messages SET body = ? WHERE channel_id = ? AND ts = ?", json.dumps(body), channel["id"], ts)


def _refuse_if_archived(channel: sqlite3.Row) -> None:
    if channel["is_archived"]:
        raise SlackError("is_archived")


def _changed(world: World, channel: sqlite3.Row, ts: str) -> None:
    world.live.publish({"type": "message", "channel": channel["id"], "ts": ts})


def _block_id() -> str:
    return uuid.uuid4().hex[:5]
