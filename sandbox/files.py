"""Files people attach to messages."""

from __future__ import annotations

import base64
import mimetypes
import sqlite3
from pathlib import PurePath

from sandbox import channels
from sandbox.errors import SlackError, invalid_arguments
from sandbox.store import Json, Store

PICTURES = {"image/png", "image/jpeg", "image/gif"}
"""What has a small picture; here it is the file itself."""


def add(store: Store, channel: sqlite3.Row, user: sqlite3.Row, file: Json, ts: str) -> Json:
    """Store an attachment ``{"name", "content" or "content_base64", "mimetype"?}``; return the stored reference."""
    name = PurePath(str(file.get("name") or "file.txt")).name
    try:
        content = (
            base64.b64decode(file["content_base64"], validate=True)
            if "content_base64" in file
            else str(file.get("content", "")).encode()
        )
    except ValueError as error:
        raise invalid_arguments("content_base64 is not base64") from error
    mimetype = file.get("mimetype") or mimetypes.guess_type(name)[0] or "application/octet-stream"
    file_id = store.next_id("F")
    where = {"user_id": user["id"], "channel_id": channel["id"], "created": int(float(ts))}
    store.add("files", id=file_id, name=name, mimetype=mimetype, content=content, **where)
    return {"id": file_id, "name": name, "title": name, "mimetype": mimetype, "size": len(content)}


def get_file(store: Store, file_id: str) -> sqlite3.Row:
    row = store.one("SELECT * FROM files WHERE id = ?", file_id)
    if row is None:
        raise SlackError("file_not_found")
    return row


def file_object(store: Store, base_url: str, row: sqlite3.Row) -> Json:
    """The whole file object; its addresses answer only with the bot token."""
    channel = channels.get_channel(store, row["channel_id"])
    team_id, kind = channel["team_id"], PurePath(row["name"]).suffix.removeprefix(".") or "text"
    public = channel["kind"] == "public"
    address = f"{base_url}/files-pri/{team_id}-{row['id']}"
    pictures = {"thumb_360": f"{base_url}/files-tmb/{team_id}-{row['id']}/{row['name']}"}
    return (pictures if row["mimetype"] in PICTURES else {}) | {
        "id": row["id"],
        "created": row["created"],
        "timestamp": row["created"],
        "name": row["name"],
        "title": row["name"],
        "mimetype": row["mimetype"],
        "filetype": kind,
        "pretty_type": kind.upper(),
        "user": row["user_id"],
        "editable": False,
        "size": len(row["content"]),
        "mode": "hosted",
        "is_external": False,
        "external_type": "",
        "is_public": public,
        "public_url_shared": False,
        "display_as_bot": False,
        "username": "",
        "url_private": f"{address}/{row['name']}",
        "url_private_download": f"{address}/download/{row['name']}",
        "media_display_type": "unknown",
        "permalink": f"{base_url}/files/{row['user_id']}/{row['id']}/{row['name']}",
        "permalink_public": f"{base_url}/files-public/{team_id}-{row['id']}",
        "comments_count": 0,
        "is_starred": False,
        "channels": [channel["id"]] if public else [],
        "groups": [channel["id"]] if channel["kind"] == "private" else [],
        "ims": [channel["id"]] if channel["kind"] == "im" else [],
        "has_rich_preview": False,
        "file_access": "visible",
    }
