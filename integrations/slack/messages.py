"""What a `message` event says. Pure: (event, who we are) → what happened.

https://docs.slack.dev/reference/events/message
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from integrations.slack.text import text_of

SPOKEN = {"", "file_share", "thread_broadcast", "me_message", "bot_message"}
"""Subtypes of what somebody says; the others tell of a channel, not in it."""
TS = re.compile(r"[0-9]{1,10}\.[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Ours:
    """How Slack names us in one installation."""

    team_id: str
    bot_id: str
    bot_user_id: str
    app_id: str
    enterprise_id: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """A message. `user_id` is empty for an app that speaks for nobody; `team_id` where Slack names the sender's.

    `root_user_id` is who began the thread, where Slack says so.
    """

    ts: str
    text: str
    user_id: str
    team_id: str = ""
    name: str = ""
    thread_ts: str | None = None
    root_user_id: str = ""
    files: list[dict[str, object]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Edited:
    """A new wording, as the whole message: it may come before the first wording did."""

    message: Said
    edited_ts: str


@dataclass(frozen=True, slots=True)
class Deleted:
    ts: str
    deleted_ts: str


@dataclass(frozen=True, slots=True)
class Ignored:
    reason: str


def understand(event: Mapping[str, Any], ours: Ours) -> Said | Edited | Deleted | Ignored:
    subtype = str(event.get("subtype") or "")
    if subtype == "message_changed":
        return _changed(event, ours)
    if subtype == "message_deleted":
        return _deleted(event.get("deleted_ts"), event)
    if event.get("hidden"):
        return Ignored("hidden")
    return _spoken(event, ours)


def _changed(event: Mapping[str, Any], ours: Ours) -> Edited | Deleted | Ignored:
    message, before = event.get("message"), event.get("previous_message")
    if not isinstance(message, Mapping):
        return Ignored("a change without its message")
    if message.get("subtype") == "tombstone":
        # The root of a thread was deleted, its replies remain.
        return _deleted(message.get("ts"), event)
    if isinstance(before, Mapping) and text_of(before) == text_of(message):
        return Ignored("no new wording: a link preview or a thread's counter")
    spoken = _spoken(message, ours)
    if isinstance(spoken, Ignored):
        return spoken
    edited = message.get("edited")
    edited_ts = _ts(edited.get("ts")) if isinstance(edited, Mapping) else ""
    return Edited(spoken, edited_ts or _happened(event) or spoken.ts)


def _deleted(ts: object, event: Mapping[str, Any]) -> Deleted | Ignored:
    deleted = _ts(ts)
    return Deleted(deleted, _happened(event) or deleted) if deleted else Ignored("a deletion of no message")


def _spoken(message: Mapping[str, Any], ours: Ours) -> Said | Ignored:
    subtype = str(message.get("subtype") or "")
    if subtype not in SPOKEN:
        return Ignored(f"{subtype} is no utterance")
    ts, thread_ts = _ts(message.get("ts")), _ts(message.get("thread_ts"))
    if not ts:
        return Ignored("a message without a time stamp")
    user_id, team_id = _text(message.get("user")), _text(message.get("user_team") or message.get("team"))
    if user_id == "USLACKBOT":
        return Ignored("Slackbot's own")
    if user_id and user_id == ours.bot_user_id:
        return Ignored("our own post")
    name = ""
    if message.get("bot_id") or subtype == "bot_message":
        if _is_ours(message, ours):
            return Ignored("our own post")
        if not _speaks_for_customers(message, team_id, ours):
            return Ignored("a post of another app of ours")
        # An app's user is a robot: it has no profile that tells a customer from a teammate.
        name, user_id = _text(message.get("username") or _part(message, "bot_profile").get("name")) or "An app", ""
    elif not user_id:
        return Ignored("a message without a speaker")
    profile, files = _part(message, "user_profile"), message.get("files")
    return Said(
        ts=ts,
        text=text_of(message),
        user_id=user_id,
        team_id=team_id,
        name=name or _text(profile.get("real_name") or profile.get("display_name")),
        thread_ts=thread_ts if thread_ts and thread_ts != ts else None,
        root_user_id=_text(message.get("parent_user_id")),
        files=[_file(file) for file in files if isinstance(file, Mapping)] if isinstance(files, list) else [],
    )


def _is_ours(message: Mapping[str, Any], ours: Ours) -> bool:
    return bool(
        (ours.bot_id and message.get("bot_id") == ours.bot_id) or (ours.app_id and message.get("app_id") == ours.app_id)
    )


def _speaks_for_customers(message: Mapping[str, Any], team_id: str, ours: Ours) -> bool:
    """A workflow's form and another company's app do; the other apps of our own team are noise."""
    profile = _part(message, "bot_profile")
    teams = {team_id, _text(profile.get("team_id"))} - {""}
    return bool(profile.get("is_workflow_bot")) or bool(teams and not teams & {ours.team_id, ours.enterprise_id})


def _file(file: Mapping[str, Any]) -> dict[str, object]:
    """What we keep of a file. In a shared channel Slack may send only its id."""
    size, address = file.get("size"), _text(file.get("permalink"))
    return {
        "id": _text(file.get("id")),
        "name": _text(file.get("title") or file.get("name"))[:200] or "File",
        "type": _text(file.get("mimetype"))[:200],
        "size": size if isinstance(size, int) else None,
        "permalink": address if address.startswith(("https://", "http://")) else "",
    }


def _happened(event: Mapping[str, Any]) -> str:
    return _ts(event.get("event_ts")) or _ts(event.get("ts"))


def _ts(value: object) -> str:
    """Slack's `seconds.microseconds`, or nothing when it is something else."""
    return value if isinstance(value, str) and TS.fullmatch(value) else ""


def _part(message: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = message.get(name)
    return part if isinstance(part, Mapping) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
