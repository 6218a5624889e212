"""users.*"""

from __future__ import annotations

import sqlite3
import time

from sandbox import people
from sandbox.errors import SlackError
from sandbox.store import Json
from sandbox.webapi.conversations import listed_channels
from sandbox.webapi.registry import Call, method, page_of

READ_SCOPES = ("channels:read", "groups:read", "im:read", "mpim:read")


@method("users.info", "users:read")
def users_info(call: Call) -> Json:
    user = people.get_user(call.world.store, call.text("user"))
    if not people.is_visible(call.world.store, user, call.team_id):
        raise SlackError("user_not_found")
    shown = _shown(call, user)
    if call.flag("include_locale") and user["team_id"] == call.team_id:
        shown["locale"] = "en-US"  # Slack gives no locale for people of other workspaces.
    return {"user": shown}


@method("users.list", "users:read")
def users_list(call: Call) -> Json:
    """The workspace's own people; those of other workspaces are missing, as in Slack."""
    users = call.world.store.all("SELECT * FROM users WHERE team_id = ? ORDER BY rowid", call.team_id)
    page, metadata = page_of(users, call, default=1000, most=1000)
    return {
        "members": [_shown(call, user) for user in page],
        "cache_ts": int(time.time()),
        "response_metadata": metadata,
    }


@method("users.lookupByEmail", "users:read.email")
def users_lookup_by_email(call: Call) -> Json:
    query = "SELECT * FROM users WHERE lower(email) = lower(?) AND team_id = ? AND NOT deleted"
    user = call.world.store.one(query, call.text("email"), call.team_id)
    if user is None:
        raise SlackError("users_not_found")
    return {"user": _shown(call, user)}


@method("users.conversations", *READ_SCOPES)
def users_conversations(call: Call) -> Json:
    """Channels of the caller, or those of another user that the caller is in too."""
    user_id = str(call.args.get("user") or call.user_id)
    return listed_channels(call, of_user=user_id)


def _shown(call: Call, user: sqlite3.Row) -> Json:
    return people.user_object(
        call.world.store,
        call.world.config.base_url,
        user,
        team_id=call.team_id,
        with_email="users:read.email" in call.scopes,
    )
