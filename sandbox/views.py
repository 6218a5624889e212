"""Modals and Home views: a stack of at most three per person, opened with a trigger that works once."""

from __future__ import annotations

import json
import secrets
import sqlite3
import time
from typing import Any

from sandbox.blocks import check_view, with_ids
from sandbox.elements import state_values
from sandbox.errors import SlackError, invalid_arguments
from sandbox.events import installations
from sandbox.store import Json, Store
from sandbox.world import World

TRIGGER_SECONDS = 3.0
STACK_LIMIT = 3
VIEW_BYTES = 250_000
FIELDS = [
    "type",
    "title",
    "submit",
    "close",
    "blocks",
    "private_metadata",
    "callback_id",
    "external_id",
    "clear_on_close",
    "notify_on_close",
    "submit_disabled",
]


def new_trigger(store: Store, user_id: str, team_id: str, *, view_id: str | None = None) -> str:
    trigger = f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
    row = {"user_id": user_id, "team_id": team_id, "view_id": view_id, "created": time.time()}
    store.add("triggers", id=trigger, **row)
    return trigger


def use_trigger(store: Store, trigger_id: str) -> sqlite3.Row:
    """Take a trigger; it works once and for three seconds."""
    trigger = store.one("SELECT * FROM triggers WHERE id = ?", trigger_id)
    if trigger is None:
        raise SlackError("invalid_trigger_id")
    if trigger["used"]:
        raise SlackError("exchanged_trigger_id")
    if time.time() - trigger["created"] > TRIGGER_SECONDS:
        raise SlackError("expired_trigger_id")
    store.run("UPDATE triggers SET used = 1 WHERE id = ?", trigger_id)
    return trigger


def parse_view(value: Any) -> Json:
    """A view as an object or a JSON string of one, checked."""
    try:
        view = json.loads(value) if isinstance(value, str) else value
    except ValueError as error:
        raise invalid_arguments("view is not JSON") from error
    if not isinstance(view, dict) or not isinstance(view.get("blocks"), list):
        raise invalid_arguments("missing required field: view")
    if len(json.dumps(view)) > VIEW_BYTES:
        raise SlackError("view_too_large")
    check_view(view)
    return view


def open_modal(world: World, view: Json, *, user_id: str, team_id: str, previous: sqlite3.Row | None = None) -> Json:
    """Show a modal to a person, on top of `previous` if given."""
    store = world.store
    if previous is None:
        store.run("UPDATE views SET is_open = 0 WHERE user_id = ? AND kind = 'modal'", user_id)
    elif _depth(store, previous) >= STACK_LIMIT:
        raise SlackError("push_limit_reached")
    view_id = store.next_id("V")
    root = previous["root_id"] if previous is not None else view_id
    body = _body(world, view_id, team_id, view)
    body |= {"root_view_id": root, "previous_view_id": previous["id"] if previous is not None else None}
    place = {"user_id": user_id, "team_id": team_id, "root_id": root, "previous_id": body["previous_view_id"]}
    store.add("views", id=view_id, kind="modal", is_open=1, body=json.dumps(body), **place)
    world.live.publish({"type": "view", "user": user_id})
    return body


def publish_home(world: World, view: Json, *, user_id: str, team_id: str) -> Json:
    """Set a person's Home tab of the app."""
    store = world.store
    found = store.one("SELECT id FROM views WHERE kind = 'home' AND user_id = ? AND team_id = ?", user_id, team_id)
    view_id = found["id"] if found else store.next_id("V")
    body = _body(world, view_id, team_id, view) | {"root_view_id": view_id, "previous_view_id": None}
    store.run("DELETE FROM views WHERE id = ?", view_id)
    place = {"user_id": user_id, "team_id": team_id, "root_id": view_id}
    store.add("views", id=view_id, kind="home", is_open=1, body=json.dumps(body), **place)
    world.live.publish({"type": "view", "user": user_id})
    return body


def update(world: World, row: sqlite3.Row, view: Json, *, view_hash: str | None = None) -> Json:
    """Replace a view's content; `view_hash`, if given, must be the present one."""
    before: Json = json.loads(row["body"])
    if view_hash and view_hash != before["hash"]:
        raise SlackError("hash_conflict")
    kept = {key: before[key] for key in ("root_view_id", "previous_view_id")}
    body = _body(world, row["id"], row["team_id"], view) | kept
    world.store.run("UPDATE views SET body = ? WHERE id = ?", json.dumps(body), row["id"])
    world.live.publish({"type": "view", "user": row["user_id"]})
    return body


def close(world: World, row: sqlite3.Row, *, whole_stack: bool = False) -> None:
    column = "root_id" if whole_stack else "id"
    value = row["root_id"] if whole_stack else row["id"]
    world.store.run(f"UPDATE views SET is_open = 0 WHERE {column} = ?", value)  # noqa: S608
    world.live.publish({"type": "view", "user": row["user_id"]})


def find(store: Store, *, view_id: str | None = None, external_id: str | None = None) -> sqlite3.Row:
    """An open view by its id or by the id the app gave it."""
    if view_id:
        row = store.one("SELECT * FROM views WHERE id = ? AND is_open", view_id)
    else:
        query = "SELECT * FROM views WHERE is_open AND json_extract(body, '$.external_id') = ?"
        row = store.one(query, external_id or None)
    if row is None:
        raise SlackError("not_found")
    return row


def open_for(store: Store, user_id: str) -> Json | None:
    """The modal on top of a person's stack."""
    query = "SELECT body FROM views WHERE kind = 'modal' AND is_open AND user_id = ? ORDER BY rowid DESC"
    row = store.one(query, user_id)
    return None if row is None else json.loads(row["body"])


def home_for(store: Store, user_id: str) -> Json | None:
    row = store.one("SELECT body FROM views WHERE kind = 'home' AND user_id = ?", user_id)
    return None if row is None else json.loads(row["body"])


def _body(world: World, view_id: str, team_id: str, view: Json) -> Json:
    app = world.app
    bot = next(found for found in installations(world.store) if found["team_id"] == team_id)
    defaults: Json = {
        "title": None,
        "submit": None,
        "close": None,
        "private_metadata": "",
        "callback_id": "",
        "external_id": "",
        "clear_on_close": False,
        "notify_on_close": False,
    }
    body = defaults | {key: view[key] for key in FIELDS if key in view}
    body["blocks"] = with_ids(view["blocks"])
    return body | {
        "id": view_id,
        "team_id": team_id,
        "state": {"values": state_values(body["blocks"], {})},
        "hash": f"{int(time.time())}.{secrets.token_hex(4)}",
        "app_id": app["id"],
        "app_installed_team_id": team_id,
        "bot_id": bot["bot_id"],
    }


def _depth(store: Store, row: sqlite3.Row) -> int:
    count = store.one("SELECT count(*) AS n FROM views WHERE root_id = ? AND is_open", row["root_id"])
    return int(count["n"]) if count else 0
