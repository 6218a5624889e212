"""What the page and the tests read: the world as a person sees it, and the log."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from sandbox import channels, message_objects, people, views
from sandbox.errors import invalid_arguments
from sandbox.events import installations
from sandbox.store import Json, Store
from sandbox.world import World

PAGE = 200


def state(world: World) -> Json:
    """Workspaces, people, channels with members, the app and where it is installed."""
    store, base = world.store, world.config.base_url
    return {
        "app": {key: world.app[key] for key in ("id", "name", "commands", "shortcuts", "events", "scopes")},
        "installations": [
            {"team_id": row["team_id"], "user_id": row["user_id"], "bot_id": row["bot_id"]}
            for row in installations(store)
        ],
        "teams": [dict(row) for row in store.all("SELECT * FROM teams ORDER BY rowid")],
        "people": [_person(base, row) for row in store.all("SELECT * FROM users WHERE NOT deleted ORDER BY rowid")],
        "channels": [_channel(store, row) for row in store.all("SELECT * FROM channels ORDER BY rowid")],
        "misbehaviour": world.misbehaviour.describe(),
        "events_url": world.config.events_url,
        "story_played": store.get_meta("stories", []),
    }


def channel_messages(world: World, query: dict[str, str]) -> Json:
    """The latest messages of a channel, or of a thread, as one person sees them, old to new."""
    channel = channels.get_channel(world.store, query.get("channel", ""))
    thread, before = query.get("thread_ts"), query.get("before") or "9999999999.999999"
    where = "(thread_ts = ? OR ts = ?)" if thread else "in_channel"
    rows = world.store.all(
        f"SELECT body FROM messages WHERE channel_id = ? AND {where} AND ts < ?"  # noqa: S608
        " AND (only_for IS NULL OR only_for = ?) ORDER BY ts DESC LIMIT ?",
        channel["id"],
        *((thread, thread) if thread else ()),
        before,
        query.get("as", ""),
        PAGE + 1,
    )
    shown = [message_objects.shown(world, channel, json.loads(row["body"]), with_metadata=True) for row in rows[:PAGE]]
    return {"messages": shown[::-1], "has_more": len(rows) > PAGE}


def person_views(world: World, query: dict[str, str]) -> Json:
    """The modal on top of a person's stack, and their Home tab."""
    user_id = query.get("as", "")
    return {"modal": views.open_for(world.store, user_id), "home": views.home_for(world.store, user_id)}


def log(world: World, query: dict[str, str]) -> Json:
    """Calls and deliveries with an id above ``after_call`` and ``after_delivery``, old to new."""
    store = world.store
    limit = _number(query, "limit", 1000)
    calls = _latest(store, "calls", _number(query, "after_call", 0), limit)
    deliveries = _latest(store, "deliveries", _number(query, "after_delivery", 0), limit)
    pending = store.one("SELECT count(*) AS n FROM deliveries WHERE state = 'pending'")
    return {
        "calls": [dict(row) | {"args": json.loads(row["args"]), "answer": json.loads(row["answer"])} for row in calls],
        "deliveries": [_delivery(store, row) for row in deliveries],
        "pending": pending["n"] if pending else 0,
    }


def _latest(store: Store, table: str, after: int, limit: int) -> list[sqlite3.Row]:
    query = f"SELECT * FROM (SELECT * FROM {table} WHERE id > ? ORDER BY id DESC LIMIT ?) ORDER BY id"  # noqa: S608
    return store.all(query, after, limit)


def _delivery(store: Store, row: sqlite3.Row) -> Json:
    attempts = store.all(
        "SELECT number, at, status, reason, seconds, duplicate FROM attempts WHERE delivery_id = ? ORDER BY rowid",
        row["id"],
    )
    shown: dict[str, Any] = dict(row) | {"body": row["body"].decode()}
    return shown | {"attempts": [dict(attempt) for attempt in attempts]}


def _person(base_url: str, row: sqlite3.Row) -> Json:
    shown = {key: row[key] for key in ("id", "team_id", "name", "real_name", "email", "title", "bot_id")}
    return shown | {
        "is_restricted": bool(row["is_restricted"]),
        "avatar": people.avatar_url(base_url, row["id"]),
    }


def _channel(store: Store, row: sqlite3.Row) -> Json:
    teams = channels.team_ids(store, row)
    return {
        "id": row["id"],
        "name": row["name"],
        "kind": row["kind"],
        "topic": row["topic"],
        "is_archived": bool(row["is_archived"]),
        "teams": teams,
        "names": {team: channels.name_for(store, row, team) for team in teams},
        "members": channels.member_ids(store, row["id"]),
    }


def _number(query: dict[str, str], name: str, default: int) -> int:
    try:
        return int(query.get(name) or default)
    except ValueError as error:
        raise invalid_arguments(f"{name} must be a whole number") from error
