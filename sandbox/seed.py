"""Fills an empty store from ``seed.json``: the app, its installation, workspaces, people and channels."""

from __future__ import annotations

import json
import time
from pathlib import Path

from sandbox.people import COLOURS
from sandbox.store import Json, Store

USER_FIELDS = (
    *("id", "team_id", "name", "real_name", "email", "title", "tz", "bot_id", "app_id"),
    *("is_admin", "is_owner", "is_restricted", "is_ultra_restricted"),
)
CHANNEL_FIELDS = ("id", "team_id", "kind", "name", "creator", "topic", "purpose")
SEED_FILE = Path(__file__).parent / "seed.json"


def seed(store: Store) -> None:
    """Fill the store once. No event is sent: this is how the world was before the app began to listen."""
    if store.get_meta("app") is not None:
        return
    data: Json = json.loads(SEED_FILE.read_text(encoding="utf-8"))
    with store.transaction():
        store.set_meta("app", data["app"])
        for team in data["teams"]:
            add_team(store, team)
        for user in data["users"]:
            add_user(store, user)
        store.add("tokens", token=data["app"]["app_token"], kind="app", app_id=data["app"]["id"])
        for installation in data["installations"]:
            install(store, data["app"], scopes=data["app"]["scopes"], **installation)
        for channel in data["channels"]:
            add_channel(store, channel)


def add_team(store: Store, team: Json) -> None:
    store.add("teams", **{field: team[field] for field in ("id", "name", "domain", "email_domain")})


def add_user(store: Store, user: Json) -> None:
    """Add a person or a bot; what `user` leaves out gets the table's default."""
    count = store.column("SELECT count(*) FROM users")[0]
    row = {"color": COLOURS[count % len(COLOURS)], "updated": int(time.time())}
    row |= {field: user[field] for field in USER_FIELDS if field in user}
    store.add("users", **row)


def install(store: Store, app: Json, *, team: str, bot_user: str, bot: str, token: str, scopes: list[str]) -> None:
    """Make the app a bot user of a workspace, with a token."""
    name = {"name": app["name"].lower(), "real_name": app["name"]}
    add_user(store, {"id": bot_user, "team_id": team, "bot_id": bot, "app_id": app["id"], **name})
    owner = {"app_id": app["id"], "team_id": team, "user_id": bot_user, "bot_id": bot}
    store.add("tokens", token=token, kind="bot", scopes=",".join(scopes), **owner)


def add_channel(store: Store, channel: Json) -> None:
    """Add a channel with its members and the workspaces it is shared with."""
    now = int(time.time())
    row = {field: channel[field] for field in CHANNEL_FIELDS if field in channel}
    store.add("channels", **{"kind": "public", "created": now, "updated": now} | row)
    for share in channel.get("shared_with", []):
        store.add("channel_teams", channel_id=channel["id"], team_id=share["team"], name=share.get("name"))
    for member in channel.get("members", []):
        store.add("members", channel_id=channel["id"], user_id=member)
