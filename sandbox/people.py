"""Workspaces and people: finding them and showing them as Slack's objects."""

from __future__ import annotations

import hashlib
import sqlite3
import time
from datetime import datetime
from zoneinfo import ZoneInfo

from sandbox.errors import SlackError
from sandbox.store import Json, Store

COLOURS = ("6d4fc2", "2f7d32", "b3382c", "1f7a80", "b43d72", "684b6c", "a3591f", "3565ab", "8c3a96", "50666e", "0f766e")


def get_user(store: Store, user_id: str) -> sqlite3.Row:
    user = store.one("SELECT * FROM users WHERE id = ?", user_id)
    if user is None:
        raise SlackError("user_not_found")
    return user


def get_team(store: Store, team_id: str) -> sqlite3.Row:
    team = store.one("SELECT * FROM teams WHERE id = ?", team_id)
    if team is None:
        raise SlackError("team_not_found")
    return team


def team_object(base_url: str, team: sqlite3.Row) -> Json:
    return {
        "id": team["id"],
        "name": team["name"],
        "domain": team["domain"],
        "email_domain": team["email_domain"],
        "url": f"https://{team['domain']}.slack.example/",
        "icon": {f"image_{size}": f"{base_url}/avatar/{team['id']}.svg" for size in (34, 44, 68, 88, 102, 132)}
        | {"image_default": True},
    }


def is_visible(store: Store, user: sqlite3.Row, team_id: str) -> bool:
    """A workspace sees its own people and those it shares a channel with."""
    return bool(user["team_id"] == team_id) or _shares_channel(store, user["id"], team_id)


def user_object(store: Store, base_url: str, user: sqlite3.Row, *, team_id: str, with_email: bool) -> Json:
    """The user as `team_id` sees it: strangers are of another workspace and in no channel of the app there."""
    shown: Json = {
        "id": user["id"],
        "team_id": user["team_id"],
        "name": user["name"],
        "deleted": bool(user["deleted"]),
        "color": user["color"],
        "real_name": user["real_name"],
        "tz": user["tz"],
        **_zone(user["tz"]),
        "profile": profile(base_url, user, with_email=with_email),
        "is_admin": bool(user["is_admin"]),
        "is_owner": bool(user["is_owner"]),
        "is_primary_owner": bool(user["is_owner"]),
        "is_restricted": bool(user["is_restricted"]),
        "is_ultra_restricted": bool(user["is_ultra_restricted"]),
        "is_bot": user["bot_id"] is not None,
        "is_app_user": False,
        "updated": user["updated"],
        "is_email_confirmed": True,
        "who_can_share_contact_card": "EVERYONE",
    }
    if user["team_id"] != team_id:
        shown["is_stranger"] = not _shares_channel_with_app(store, user["id"], team_id)
    return shown


def profile(base_url: str, user: sqlite3.Row, *, with_email: bool) -> Json:
    first, _, last = user["real_name"].partition(" ")
    shown: Json = {
        "title": user["title"],
        "phone": "",
        "skype": "",
        "real_name": user["real_name"],
        "real_name_normalized": user["real_name"],
        "display_name": user["name"],
        "display_name_normalized": user["name"],
        "fields": None,
        "status_text": user["status_text"],
        "status_emoji": user["status_emoji"],
        "status_emoji_display_info": [],
        "status_expiration": 0,
        "avatar_hash": hashlib.sha256(user["id"].encode()).hexdigest()[:12],
        "first_name": first,
        "last_name": last,
        **{f"image_{size}": avatar_url(base_url, user["id"]) for size in (24, 32, 48, 72, 192, 512)},
        "team": user["team_id"],
    }
    if user["bot_id"]:
        shown |= {"api_app_id": user["app_id"], "bot_id": user["bot_id"], "always_active": True}
    elif with_email and user["email"]:
        shown["email"] = user["email"]
    return shown


def message_profile(base_url: str, user: sqlite3.Row) -> Json:
    """The short profile that messages by people of other workspaces carry."""
    return {
        "avatar_hash": hashlib.sha256(user["id"].encode()).hexdigest()[:12],
        "image_72": avatar_url(base_url, user["id"]),
        "first_name": user["real_name"].partition(" ")[0],
        "real_name": user["real_name"],
        "display_name": user["name"],
        "team": user["team_id"],
        "name": user["name"],
        "is_restricted": bool(user["is_restricted"]),
        "is_ultra_restricted": bool(user["is_ultra_restricted"]),
    }


def bot_object(base_url: str, user: sqlite3.Row) -> Json:
    return {
        "id": user["bot_id"],
        "deleted": bool(user["deleted"]),
        "name": user["real_name"],
        "updated": user["updated"],
        "app_id": user["app_id"],
        "user_id": user["id"],
        "icons": {f"image_{size}": avatar_url(base_url, user["id"]) for size in (36, 48, 72)},
    }


def bot_profile(base_url: str, user: sqlite3.Row) -> Json:
    """What messages by an app carry; unlike `bot_object` it names the workspace and not the user."""
    shown = bot_object(base_url, user) | {"team_id": user["team_id"]}
    del shown["user_id"]
    return shown


def avatar_url(base_url: str, owner_id: str) -> str:
    return f"{base_url}/avatar/{owner_id}.svg"


def avatar_svg(name: str, colour: str) -> str:
    """A plain square with initials. Letters and digits only, so nothing needs escaping."""
    initials = "".join(word[0] for word in name.split()[:2] if word[0].isalnum()).upper()
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 72 72">'
        f'<rect width="72" height="72" rx="14" fill="#{colour}"/>'
        '<text x="36" y="46" font-family="sans-serif" font-size="28" fill="#fff" text-anchor="middle">'
        f"{initials}</text></svg>"
    )


def _zone(name: str) -> Json:
    now = datetime.fromtimestamp(time.time(), ZoneInfo(name))
    offset = now.utcoffset()
    return {"tz_label": now.tzname() or name, "tz_offset": int(offset.total_seconds()) if offset else 0}


def _shares_channel(store: Store, user_id: str, team_id: str) -> bool:
    query = """
        SELECT 1 FROM members m JOIN channels c ON c.id = m.channel_id WHERE m.user_id = ? AND (c.team_id = ?
        OR EXISTS (SELECT 1 FROM channel_teams t WHERE t.channel_id = c.id AND t.team_id = ?))
    """
    return store.one(query, user_id, team_id, team_id) is not None


def _shares_channel_with_app(store: Store, user_id: str, team_id: str) -> bool:
    query = """
        SELECT 1 FROM members a JOIN members b ON b.channel_id = a.channel_id
        JOIN tokens k ON k.user_id = b.user_id AND k.kind = 'bot' AND k.team_id = ? WHERE a.user_id = ?
    """
    return store.one(query, team_id, user_id) is not None
