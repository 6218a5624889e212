"""conversations.*"""

from __future__ import annotations

import json
import re
import sqlite3
import time

from sandbox import channels, membership, message_objects, people
from sandbox.errors import SlackError
from sandbox.store import Json
from sandbox.webapi.registry import Call, decode_cursor, encode_cursor, method, page_of

READ_SCOPES = ("channels:read", "groups:read", "im:read", "mpim:read")
HISTORY_SCOPES = ("channels:history", "groups:history", "im:history", "mpim:history")
LATEST = "9999999999.999999"


@method("conversations.list", *READ_SCOPES)
def conversations_list(call: Call) -> Json:
    return listed_channels(call, of_user=None)


@method("conversations.info", *READ_SCOPES)
def conversations_info(call: Call) -> Json:
    channel = call.channel()
    shown = call.shown_channel(channel)
    if call.flag("include_num_members"):
        shown["num_members"] = len(channels.member_ids(call.world.store, channel["id"]))
    return {"channel": shown}


@method("conversations.history", *HISTORY_SCOPES)
def conversations_history(call: Call) -> Json:
    """Messages of the channel itself, newest first; replies only when they were sent to the channel too."""
    channel = call.channel(member=True)
    newest, oldest = _bounds(call)
    if call.args.get("cursor"):
        newest = ("<=", _ts_of_cursor(call.args["cursor"]))
    size = call.limit(default=100, most=_largest_page(call, 999))
    rows = call.world.store.all(
        f"SELECT ts, body FROM messages WHERE channel_id = ? AND in_channel AND only_for IS NULL"  # noqa: S608
        f" AND ts {newest[0]} ? AND ts {oldest[0]} ? ORDER BY ts DESC LIMIT ?",
        channel["id"],
        newest[1],
        oldest[1],
        size + 1,
    )
    answer: Json = {
        "messages": [_shown(call, channel, row) for row in rows[:size]],
        "has_more": len(rows) > size,
        "pin_count": 0,
        "channel_actions_ts": None,
        "channel_actions_count": 0,
    }
    if len(rows) > size:
        answer["response_metadata"] = {"next_cursor": _cursor_to(rows[size]["ts"])}
    return answer


@method("conversations.replies", *HISTORY_SCOPES)
def conversations_replies(call: Call) -> Json:
    """A thread, its root first, then the replies from old to new."""
    channel = call.channel(member=True)
    store, root_ts = call.world.store, call.text("ts")
    root = store.one(
        "SELECT ts, thread_ts, body FROM messages WHERE channel_id = ? AND ts = ? AND only_for IS NULL",
        channel["id"],
        root_ts,
    )
    if root is None or root["thread_ts"] not in {None, root_ts}:
        raise SlackError("thread_not_found")
    newest, oldest = _bounds(call)
    if call.args.get("cursor"):
        oldest = (">=", _ts_of_cursor(call.args["cursor"]))
    size = call.limit(default=1000, most=_largest_page(call, 1000))
    rows = store.all(
        f"SELECT ts, body FROM messages WHERE channel_id = ? AND thread_ts = ? AND ts != ? AND only_for IS NULL"  # noqa: S608
        f" AND ts {newest[0]} ? AND ts {oldest[0]} ? ORDER BY ts LIMIT ?",
        channel["id"],
        root_ts,
        root_ts,
        newest[1],
        oldest[1],
        size + 1,
    )
    answer: Json = {
        "messages": [_shown(call, channel, row) for row in (root, *rows[:size])],
        "has_more": len(rows) > size,
    }
    if len(rows) > size:
        answer["response_metadata"] = {"next_cursor": _cursor_to(rows[size]["ts"])}
    return answer


@method("conversations.members", *READ_SCOPES)
def conversations_members(call: Call) -> Json:
    members = channels.member_ids(call.world.store, call.channel()["id"])
    page, metadata = page_of(members, call, default=100, most=1000)
    return {"members": page, "response_metadata": metadata}


@method("conversations.join", "channels:join")
def conversations_join(call: Call) -> Json:
    channel = call.channel()
    if channel["kind"] != "public":
        raise SlackError("method_not_supported_for_channel_type")
    joined = membership.join(call.world, channel, call.user)
    answer: Json = {"channel": call.shown_channel(channel)}
    if not joined:
        answer |= {"warning": "already_in_channel", "response_metadata": {"warnings": ["already_in_channel"]}}
    return answer


@method(
    "conversations.invite",
    "channels:manage",
    "channels:write.invites",
    "groups:write",
    "groups:write.invites",
)
def conversations_invite(call: Call) -> Json:
    channel = call.channel(member=True)
    for user_id in call.text("users").split(","):
        user = people.get_user(call.world.store, user_id.strip())
        if user["id"] == call.user_id:
            raise SlackError("cant_invite_self")
        if user["team_id"] not in channels.team_ids(call.world.store, channel):
            raise SlackError("cant_invite")
        if not membership.join(call.world, channel, user, inviter=call.user_id):
            raise SlackError("already_in_channel")
    return {"channel": call.shown_channel(channel)}


@method("conversations.open", "im:write", "mpim:write")
def conversations_open(call: Call) -> Json:
    """Open the direct message with one user; groups are not offered."""
    user_ids = str(call.args.get("users") or "").split(",")
    if user_ids == [""]:
        raise SlackError("users_list_not_supplied")
    if len(user_ids) > 1:
        raise SlackError("too_many_users")
    user = people.get_user(call.world.store, user_ids[0])
    channel, existed = channels.open_im(call.world.store, call.team_id, call.user_id, user["id"], int(time.time()))
    shown = call.shown_channel(channel) if call.flag("return_im") else {"id": channel["id"]}
    return {"channel": shown} | ({"no_op": True, "already_open": True} if existed else {})


def listed_channels(call: Call, *, of_user: str | None) -> Json:
    """What ``conversations.list`` and ``users.conversations`` share: types, archived ones, pages."""
    wanted = str(call.args.get("types") or "public_channel").split(",")
    if not {kind.strip() for kind in wanted} <= channels.LIST_TYPES.keys():
        raise SlackError("invalid_types")
    kinds = {channels.LIST_TYPES[kind.strip()] for kind in wanted}
    store = call.world.store
    found = [
        channel
        for channel in store.all("SELECT * FROM channels ORDER BY rowid")
        if channel["kind"] in kinds
        and channels.is_visible(store, channel, call.team_id, call.user_id)
        and (of_user is None or channels.is_member(store, channel["id"], of_user))
        and not (channel["is_archived"] and call.flag("exclude_archived"))
    ]
    page, metadata = page_of(found, call, default=100, most=1000)
    shown = [call.shown_channel(channel) for channel in page]
    if of_user is None:
        for one in shown:
            one["num_members"] = len(channels.member_ids(store, one["id"]))
    return {"channels": shown, "response_metadata": metadata}


def _shown(call: Call, channel: sqlite3.Row, row: sqlite3.Row) -> Json:
    with_metadata = call.flag("include_all_metadata")
    message = message_objects.shown(call.world, channel, json.loads(row["body"]), with_metadata=with_metadata)
    return message_objects.for_team(call.world, channel, message, call.team_id)


def _bounds(call: Call) -> tuple[tuple[str, str], tuple[str, str]]:
    """Comparisons for the newest and the oldest timestamp wanted."""
    inclusive = call.flag("inclusive")
    newest, oldest = call.args.get("latest"), call.args.get("oldest")
    for name, value in (("latest", newest), ("oldest", oldest)):
        if value and not re.fullmatch(r"\d+(\.\d+)?", str(value)):
            raise SlackError(f"invalid_ts_{name}")
    above = ("<=" if inclusive or not newest else "<", _padded(str(newest)) if newest else LATEST)
    below = (">=" if inclusive or not oldest else ">", _padded(str(oldest)) if oldest else "0")
    return above, below


def _largest_page(call: Call, most: int) -> int:
    return min(most, call.world.misbehaviour.settings.history_page or most)


def _padded(ts: str) -> str:
    """A timestamp in the stored form, ten digits and six, so that text compares like time."""
    seconds, _, fraction = ts.partition(".")
    return f"{int(seconds):010d}.{fraction.ljust(6, '0')[:6]}"


def _cursor_to(ts: str) -> str:
    return encode_cursor("next_ts", ts.replace(".", ""))


def _ts_of_cursor(cursor: str) -> str:
    digits = decode_cursor(cursor, "next_ts")
    return f"{digits[:-6]}.{digits[-6:]}"
