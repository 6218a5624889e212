"""``response_url``: an address that lets the app answer an interaction five times within thirty minutes.

Source: https://docs.slack.dev/interactivity/handling-user-interaction
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import time

from sandbox import channels, messages, people
from sandbox.blocks import check_message_blocks, parse_blocks
from sandbox.errors import SlackError
from sandbox.store import Json
from sandbox.world import World

USES = 5
LIFETIME_SECONDS = 1800


def create(world: World, *, team_id: str, channel_id: str, user_id: str, message_ts: str | None = None) -> str:
    secret = secrets.token_urlsafe(18)
    where = {"team_id": team_id, "channel_id": channel_id, "user_id": user_id, "message_ts": message_ts}
    world.store.add("response_urls", id=secret, created=time.time(), **where)
    return f"{world.config.base_url}/response/{secret}"


def answer(world: World, secret: str, body: Json) -> None:
    """Do what the app posted to a response address."""
    row = world.store.one("SELECT * FROM response_urls WHERE id = ?", secret)
    if row is None or time.time() - row["created"] > LIFETIME_SECONDS:
        raise SlackError("expired_url")
    if row["uses"] >= USES:
        raise SlackError("used_url")
    world.store.run("UPDATE response_urls SET uses = uses + 1 WHERE id = ?", secret)
    show(world, row, body)


def show(world: World, place: sqlite3.Row, body: Json) -> None:
    """Show the app's words where an interaction happened; `place` has team, channel, user and message."""
    channel = channels.get_channel(world.store, place["channel_id"])
    bot = bot_user(world, place["team_id"])
    if body.get("delete_original") and place["message_ts"]:
        _delete_original(world, channel, place, bot)
        return
    fields: Json = {"text": str(body.get("text", ""))}
    if body.get("blocks"):
        fields["blocks"] = check_message_blocks(parse_blocks(body["blocks"]))
    if body.get("attachments"):
        fields["attachments"] = body["attachments"]
    if body.get("replace_original") and place["message_ts"]:
        _replace_original(world, channel, place, bot, fields)
    elif body.get("response_type") == "in_channel":
        extra = fields | {"subtype": "bot_message"}
        draft = messages.Draft(text=fields["text"], thread_ts=body.get("thread_ts"), extra=extra)
        messages.post(world, channel, bot, draft)
    else:
        shown = fields | {"user": bot["id"], "bot_id": bot["bot_id"]}
        messages.post_ephemeral(world, channel, place["user_id"], shown)


def bot_user(world: World, team_id: str) -> sqlite3.Row:
    query = "SELECT user_id FROM tokens WHERE kind = 'bot' AND team_id = ? ORDER BY rowid DESC"
    token = world.store.one(query, team_id)
    if token is None:
        raise SlackError("team_not_found")
    return people.get_user(world.store, token["user_id"])


def ephemeral(world: World, channel_id: str, ts: str, user_id: str) -> Json | None:
    """A message that only `user_id` sees."""
    query = "SELECT body FROM messages WHERE channel_id = ? AND ts = ? AND only_for = ?"
    row = world.store.one(query, channel_id, ts, user_id)
    return None if row is None else json.loads(row["body"])


def _replace_original(world: World, channel: sqlite3.Row, place: sqlite3.Row, bot: sqlite3.Row, fields: Json) -> None:
    hidden = ephemeral(world, channel["id"], place["message_ts"], place["user_id"])
    if hidden is None:
        messages.edit(world, channel, place["message_ts"], {"blocks": None} | fields, by=bot)
        return
    body = {key: value for key, value in hidden.items() if key != "blocks"} | fields
    update = "UPDATE messages SET body = ? WHERE channel_id = ? AND ts = ?"
    world.store.run(update, json.dumps(body), channel["id"], place["message_ts"])
    world.live.publish({"type": "message", "channel": channel["id"], "ts": place["message_ts"]})


def _delete_original(world: World, channel: sqlite3.Row, place: sqlite3.Row, bot: sqlite3.Row) -> None:
    if ephemeral(world, channel["id"], place["message_ts"], place["user_id"]) is None:
        messages.delete(world, channel, place["message_ts"], by=bot)
        return
    remove = "DELETE FROM messages WHERE channel_id = ? AND ts = ?"
    world.store.run(remove, channel["id"], place["message_ts"])
    world.live.publish({"type": "message", "channel": channel["id"], "ts": place["message_ts"]})
