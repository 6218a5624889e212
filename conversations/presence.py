"""Who else looks at a conversation just now, and who is writing in it. Kept in Redis for as long as a page says so.

A page says it every `BEAT_SECONDS`; who says nothing for `LASTS_SECONDS` is gone. What changes is told to the other
pages by the live stream. Without Redis nobody is seen, and nothing else suffers.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import redis
import structlog

from accounts.models import User
from conversations import live

log = structlog.get_logger(__name__)

BEAT_SECONDS = 20
LASTS_SECONDS = 50


class Doing(StrEnum):
    LOOKING = "looking"
    NOTE = "note"
    REPLY = "reply"


@dataclass(frozen=True, slots=True)
class Present:
    user_id: int
    name: str
    doing: Doing


def say(conversation_id: int, user: User, doing: Doing) -> list[Present]:
    """Be there; answers who else is. The conversation must be one of the user's workspace."""
    mine = json.dumps({"name": user.name, "doing": doing, "at": time.time()})
    try:
        with live.connection().pipeline() as pipe:
            pipe.hgetall(_key(user.workspace_id, conversation_id))
            pipe.hset(_key(user.workspace_id, conversation_id), str(user.pk), mine)
            pipe.expire(_key(user.workspace_id, conversation_id), LASTS_SECONDS)
            before = _read(pipe.execute()[0])
    except redis.RedisError as error:
        log.warning("who is looking is not known", reason=str(error))
        return []
    was = before.pop(user.pk, None)
    if was is None or was.doing != doing:
        live.publish_presence(user.workspace_id, conversation_id)
    return sorted(before.values(), key=lambda one: one.name)


def leave(conversation_id: int, user: User) -> None:
    try:
        was_there = live.connection().hdel(_key(user.workspace_id, conversation_id), str(user.pk))
    except redis.RedisError as error:
        log.warning("who is looking is not known", reason=str(error))
        return
    if was_there:
        live.publish_presence(user.workspace_id, conversation_id)


def _key(workspace_id: int, conversation_id: int) -> str:
    return f"pylon:here:{workspace_id}:{conversation_id}"


def _read(kept: Mapping[bytes, bytes]) -> dict[int, Present]:
    found: dict[int, Present] = {}
    for field, text in kept.items():
        said = json.loads(text)
        if said["at"] > time.time() - LASTS_SECONDS:
            found[int(field)] = Present(int(field), said["name"], Doing(said["doing"]))
    return found
