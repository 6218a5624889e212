"""chat.* and reactions.*"""

from __future__ import annotations

import json
import sqlite3
import time
from typing import Any

from sandbox import channels, message_objects, messages, people
from sandbox.blocks import check_message_blocks, parse_blocks
from sandbox.errors import SlackError
from sandbox.store import Json
from sandbox.webapi.registry import Call, method

CUSTOM_LOOK = ("username", "icon_url", "icon_emoji")
METADATA_LIMIT = 16_000


@method("chat.postMessage", "chat:write")
def chat_post_message(call: Call) -> Json:
    channel = _target(call)
    fields = _content(call)
    if any(call.args.get(name) for name in CUSTOM_LOOK):
        _need_scope(call, "chat:write.customize")
        fields |= {"subtype": "bot_message", "username": call.args.get("username") or call.user["real_name"]}
        fields |= {"icons": {name[5:]: call.args[name] for name in CUSTOM_LOOK[1:] if call.args.get(name)}}
    draft = messages.Draft(
        text=_text(call),
        thread_ts=call.args.get("thread_ts") or None,
        broadcast=call.flag("reply_broadcast"),
        extra=fields,
    )
    try:
        message = messages.post(call.world, channel, call.user, draft)
    except SlackError as error:
        if error.code == "message_not_found":
            raise SlackError("thread_not_found") from error
        raise
    return {"channel": channel["id"], "ts": message["ts"], "message": message}


@method("chat.update", "chat:write")
def chat_update(call: Call) -> Json:
    channel, ts = call.channel(member=True), call.text("ts")
    _need_own(call, channel, ts, "cant_update_message")
    changes = _content(call)
    if "text" in call.args:
        changes["text"] = _text(call)
    if len(str(changes.get("text", ""))) > messages.TEXT_LIMIT:
        raise SlackError("msg_too_long")
    # Slack removes the blocks of a message that is updated with text alone.
    if "text" in changes and "blocks" not in changes:
        changes["blocks"] = None
    message = messages.edit(call.world, channel, ts, changes, by=call.user)
    return {"channel": channel["id"], "ts": ts, "text": message.get("text", ""), "message": message}


@method("chat.delete", "chat:write")
def chat_delete(call: Call) -> Json:
    channel, ts = call.channel(member=True), call.text("ts")
    _need_own(call, channel, ts, "cant_delete_message")
    messages.delete(call.world, channel, ts, by=call.user)
    return {"channel": channel["id"], "ts": ts}


@method("chat.postEphemeral", "chat:write")
def chat_post_ephemeral(call: Call) -> Json:
    channel, user_id = call.channel(member=True), call.text("user")
    if not channels.is_member(call.world.store, channel["id"], user_id):
        raise SlackError("user_not_in_channel")
    text = _text(call)
    if len(text) > messages.TEXT_LIMIT:
        raise SlackError("msg_too_long")
    body = {"text": text, "user": call.user_id, "bot_id": call.user["bot_id"]} | _content(call)
    if call.args.get("thread_ts"):
        body["thread_ts"] = call.args["thread_ts"]
    return {"message_ts": messages.post_ephemeral(call.world, channel, user_id, body)}


@method("chat.getPermalink")
def chat_get_permalink(call: Call) -> Json:
    channel, ts = call.channel(), call.text("message_ts")
    message = message_objects.stored(call.world.store, channel, ts)
    address = f"{call.world.config.base_url}/archives/{channel['id']}/p{ts.replace('.', '')}"
    if message.get("thread_ts", ts) != ts:
        address += f"?thread_ts={message['thread_ts']}&cid={channel['id']}"
    return {"channel": channel["id"], "permalink": address}


@method("reactions.add", "reactions:write")
def reactions_add(call: Call) -> Json:
    messages.react(call.world, call.channel(member=True), call.text("timestamp"), call.text("name"), by=call.user)
    return {}


@method("reactions.remove", "reactions:write")
def reactions_remove(call: Call) -> Json:
    messages.unreact(call.world, call.channel(member=True), call.text("timestamp"), call.text("name"), by=call.user)
    return {}


@method("reactions.get", "reactions:read")
def reactions_get(call: Call) -> Json:
    channel, ts = call.channel(member=True), call.text("timestamp")
    message = message_objects.read(call.world, channel, ts, with_metadata=False)
    return {
        "type": "message",
        "channel": channel["id"],
        "message": message_objects.for_team(call.world, channel, message, call.team_id),
    }


def _target(call: Call) -> sqlite3.Row:
    """The channel to post to: an id, a ``#name``, or a user's id for a direct message."""
    store, name = call.world.store, call.text("channel")
    if name.startswith(("U", "W")):
        try:
            user = people.get_user(store, name)
        except SlackError as error:
            raise SlackError("channel_not_found") from error
        return channels.open_im(store, call.team_id, call.user_id, user["id"], int(time.time()))[0]
    named = channels.find_by_name(store, name, call.team_id)
    channel = named or channels.get_channel(store, name)
    if not channels.is_visible(store, channel, call.team_id, call.user_id):
        raise SlackError("channel_not_found")
    public = channel["kind"] == "public" and "chat:write.public" in call.scopes
    if not public and not channels.is_member(store, channel["id"], call.user_id):
        raise SlackError("not_in_channel")
    return channel


def _content(call: Call) -> Json:
    """Blocks, attachments and metadata, checked; refuses a message that has nothing to show."""
    fields: Json = {}
    if call.args.get("blocks"):
        fields["blocks"] = check_message_blocks(parse_blocks(call.args["blocks"]))
    if call.args.get("attachments"):
        fields["attachments"] = _attachments(call.args["attachments"])
    if call.args.get("metadata"):
        fields["metadata"] = _metadata(call.args["metadata"])
    if not (fields.get("blocks") or fields.get("attachments") or _text(call).strip()):
        raise SlackError("no_text")
    return fields


def _text(call: Call) -> str:
    if call.args.get("markdown_text") and (call.args.get("text") or call.args.get("blocks")):
        raise SlackError("markdown_text_conflict")
    return str(call.args.get("text") or call.args.get("markdown_text") or "")


def _attachments(value: Any) -> list[Json]:
    try:
        attachments = json.loads(value) if isinstance(value, str) else value
    except ValueError as error:
        raise SlackError("invalid_attachments") from error
    if not isinstance(attachments, list):
        raise SlackError("invalid_attachments")
    if len(attachments) > 100:
        raise SlackError("too_many_attachments")
    for attachment in attachments:
        if "blocks" in attachment:
            attachment["blocks"] = check_message_blocks(attachment["blocks"])
    return [{"id": number, **attachment} for number, attachment in enumerate(attachments, start=1)]


def _metadata(value: Any) -> Json:
    try:
        metadata = json.loads(value) if isinstance(value, str) else value
    except ValueError as error:
        raise SlackError("invalid_metadata_format") from error
    if not isinstance(metadata, dict) or not isinstance(metadata.get("event_payload"), dict):
        raise SlackError("invalid_metadata_format")
    if not metadata.get("event_type"):
        raise SlackError("invalid_metadata_schema")
    if len(json.dumps(metadata)) > METADATA_LIMIT:
        raise SlackError("metadata_too_large")
    return metadata


def _need_own(call: Call, channel: sqlite3.Row, ts: str, refusal: str) -> None:
    if message_objects.stored(call.world.store, channel, ts).get("bot_id") != call.user["bot_id"]:
        raise SlackError(refusal)


def _need_scope(call: Call, scope: str) -> None:
    if scope not in call.scopes:
        raise SlackError("missing_scope", needed=scope, provided=",".join(sorted(call.scopes)))
