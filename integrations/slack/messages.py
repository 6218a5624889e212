"""What a `message` event says. Pure: (event, who we are) → what happened.

https://docs.slack.dev/reference/events/message
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from accounts.models import AppPosts
from integrations.slack.content import blocks_of, text_of
from integrations.slack.files import described

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
    app_posts: str = AppPosts.CUSTOMERS
    """Whose apps' posts are captured."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message. `user_id` is empty for an app that speaks for nobody; `team_id` where Slack names the sender's.

    `root_user_id` is who began the thread, where Slack says so. `by_our_app`: another app of our own team posted it.
    """

    ts: str
    text: str
    user_id: str
    team_id: str = ""
    name: str = ""
    thread_ts: str | None = None
    root_user_id: str = ""
    files: list[dict[str, object]] = field(default_factory=list)
    blocks: list[Mapping[str, Any]] = field(default_factory=list)
    by_our_app: bool = False


@dataclass(frozen=True, slots=True)
class Edited:
    """A new wording, as the whole message: it may come before the first wording did."""

    message: Said
    edited_ts: str


@dataclass(frozen=True, slots=True)
class Deleted:
    """`was_heard`: whether the message was one that we would have captured, as far as Slack tells."""

    ts: str
    deleted_ts: str
    was_heard: bool = True


@dataclass(frozen=True, slots=True)
class Ignored:
    reason: str


def understand(event: Mapping[str, Any], ours: Ours) -> Said | Edited | Deleted | Ignored:
    subtype = str(event.get("subtype") or "")
    if subtype == "message_changed":
        return _changed(event, ours)
    if subtype == "message_deleted":
        return _deleted(event.get("deleted_ts"), event, ours)
    if event.get("hidden"):
        return Ignored("hidden")
    if event.get("is_ephemeral"):
        return Ignored("shown to one person alone")
    return _spoken(event, ours)


def _changed(event: Mapping[str, Any], ours: Ours) -> Edited | Deleted | Ignored:
    message, before = event.get("message"), event.get("previous_message")
    if not isinstance(message, Mapping):
        return Ignored("a change without its message")
    if message.get("subtype") == "tombstone":
        # The root of a thread was deleted, its replies remain.
        return _deleted(message.get("ts"), event, ours)
    if isinstance(before, Mapping) and _wording(before) == _wording(message):
        return Ignored("no new wording: a link preview or a thread's counter")
    spoken = _spoken(message, ours)
    if isinstance(spoken, Ignored):
        return spoken
    return Edited(spoken, _edited_ts(message, _happened(event)) or spoken.ts)


def _edited_ts(message: Mapping[str, Any], happened: str) -> str:
    """Slack names the second of the edit, in which there may have been two: the event's own time is more exact."""
    edited_ts = _ts(_part(message, "edited").get("ts"))
    same_second = edited_ts.partition(".")[0] == happened.partition(".")[0]
    return happened if same_second or not edited_ts else edited_ts


def _deleted(ts: object, event: Mapping[str, Any], ours: Ours) -> Deleted | Ignored:
    deleted, before = _ts(ts), event.get("previous_message")
    was_heard = not (isinstance(before, Mapping) and isinstance(_spoken(before, ours), Ignored))
    return Deleted(deleted, _happened(event) or deleted, was_heard) if deleted else Ignored("a deletion of no message")


def _wording(message: Mapping[str, Any]) -> tuple[str, list[object]]:
    """What an edit changes; not the previews of links, nor a thread's counters."""
    return text_of(message), [file["id"] for file in _files(message)]


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
    name, by_our_app = "", False
    if message.get("bot_id") or subtype == "bot_message":
        if _is_ours(message, ours):
            return Ignored("our own post")
        if ours.app_posts == AppPosts.NONE:
            return Ignored("an app's post")
        by_our_app = not _speaks_for_customers(message, team_id, ours)
        if by_our_app and ours.app_posts != AppPosts.ALL:
            return Ignored("a post of another app of ours")
        # An app's user is a robot: it has no profile that tells a customer from a teammate.
        name, user_id = _text(message.get("username") or _part(message, "bot_profile").get("name")) or "An app", ""
    elif not user_id:
        return Ignored("a message without a speaker")
    profile = _part(message, "user_profile")
    return Said(
        ts=ts,
        text=text_of(message),
        user_id=user_id,
        team_id=team_id,
        name=name or _text(profile.get("real_name") or profile.get("display_name")),
        thread_ts=thread_ts if thread_ts and thread_ts != ts else None,
        root_user_id=_text(message.get("parent_user_id")),
        files=_files(message),
        blocks=blocks_of(message),
        by_our_app=by_our_app,
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


def _files(message: Mapping[str, Any]) -> list[dict[str, object]]:
    """Without those that are gone."""
    files = message.get("files")
    return [
        described(file)
        for file in (files if isinstance(files, list) else [])
        if isinstance(file, Mapping) and file.get("mode") != "tombstone"
    ]


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
