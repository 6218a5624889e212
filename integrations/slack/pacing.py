"""How often Slack may be called: counted by all workers together, in Redis.

Slack promises so many calls a minute for each method and workspace, by the method's tier, and one message a second
for each channel (https://docs.slack.dev/apis/web-api/rate-limits; the tiers stand on each method's own page). In no
minute do we make more calls than that, though all of them at once if need be: Slack lets bursts pass, but says of no
size of them that it would. Who is too early is told when to come again; nobody waits here.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache

import redis
import structlog
from redis.commands.core import Script

from integrations.redis_client import redis_client
from integrations.slack.errors import SlackError

log = structlog.get_logger(__name__)

PACED = "paced"
"""The code of the SlackError for a call that was not made because it would have come too early."""


class TooEarly(Exception):  # noqa: N818 - it reads as what happened
    """Instead of a SlackError where all of the work can be done `retry_after` seconds later: see `at_leisure`."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"to be tried again in {retry_after:.1f} seconds")
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Limit:
    """So many calls in any so many seconds."""

    calls: int
    seconds: float


# A little longer than Slack's minute and second: calls are not all equally long on their way.
MINUTE = 61.0
TIER_2 = Limit(20, MINUTE)
TIER_3 = Limit(50, MINUTE)
TIER_4 = Limit(100, MINUTE)
HUNDREDS = Limit(200, MINUTE)
"""Slack's "special" tier, of which it says "hundreds per minute"."""
PER_CHANNEL = Limit(1, 1.1)
"""chat.postMessage, beside the workspace's limit. Slack lets "short bursts" pass, without a promise to show them."""

LIMITS: Mapping[str, Limit] = {
    "auth.test": HUNDREDS,
    "bots.info": TIER_3,
    "chat.delete": TIER_3,
    "chat.getPermalink": HUNDREDS,
    "chat.postEphemeral": TIER_4,
    "chat.postMessage": HUNDREDS,
    "chat.update": TIER_3,
    "conversations.history": TIER_3,
    "conversations.info": TIER_3,
    "conversations.invite": TIER_3,
    "conversations.join": TIER_3,
    "conversations.leave": TIER_3,
    "conversations.list": TIER_2,
    "conversations.members": TIER_4,
    "conversations.open": TIER_3,
    "conversations.replies": TIER_3,
    "files.completeUploadExternal": TIER_4,
    "files.getUploadURLExternal": TIER_4,
    "files.info": TIER_4,
    "reactions.add": TIER_3,
    "reactions.get": TIER_3,
    "reactions.remove": TIER_2,
    "team.info": TIER_3,
    "usergroups.list": TIER_2,
    "usergroups.users.list": TIER_2,
    "users.conversations": TIER_3,
    "users.info": TIER_4,
    "users.list": TIER_2,
    "users.lookupByEmail": TIER_3,
    "views.open": TIER_4,
    "views.publish": TIER_4,
    "views.push": TIER_4,
    "views.update": TIER_4,
}
OTHERS = TIER_2

_leisure: ContextVar[float] = ContextVar("seconds of leisure", default=0)

TAKE = """
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local wait = 0
for i = 1, #KEYS, 2 do
    local calls, window = tonumber(ARGV[i]), tonumber(ARGV[i + 1])
    wait = math.max(wait, redis.call('PTTL', KEYS[i + 1]))
    local first = redis.call('LINDEX', KEYS[i], calls - 1)
    if first then wait = math.max(wait, first + window - now) end
end
if wait > 0 then return wait end
for i = 1, #KEYS, 2 do
    redis.call('LPUSH', KEYS[i], now)
    redis.call('LTRIM', KEYS[i], 0, ARGV[i] - 1)
    redis.call('PEXPIRE', KEYS[i], ARGV[i + 1])
end
return 0
"""
"""For each limit two keys, its latest calls and whether Slack has closed it, and two numbers: how many calls, in how
many milliseconds. Takes a place within all limits or in none; answers the milliseconds to wait."""


@contextmanager
def at_leisure(seconds: float) -> Iterator[None]:
    """In this block a call that comes too early raises TooEarly, if it may be made within so many seconds.

    Those who ask Slack about people and channels make do without an answer when they get a SlackError. Whoever has
    the time had better come again.
    """
    token = _leisure.set(seconds)
    try:
        yield
    finally:
        _leisure.reset(token)


def take(installation_id: int, method: str, channel_id: str = "") -> None:
    """Raise SlackError PACED with `retry_after` (or TooEarly), unless the call may be made now. Then it counts."""
    keys: list[str] = []
    numbers: list[int] = []
    for key, limit in _limits(installation_id, method, channel_id).items():
        keys += [key, _closed(key)]
        numbers += [limit.calls, round(limit.seconds * 1000)]
    try:
        wait = int(_script()(keys=keys, args=numbers))
    except redis.RedisError as error:
        _complain(int(time.monotonic() // 60), str(error))
        return
    if wait:
        _rather_wait(wait / 1000)
        raise SlackError(PACED, permanent=False, retry_after=wait / 1000)


def close(installation_id: int, method: str, channel_id: str, *, seconds: float) -> None:
    """Slack has answered 429: nobody calls again before. A message too many holds up its channel alone.

    May raise TooEarly.
    """
    key = list(_limits(installation_id, method, channel_id))[-1]
    try:
        redis_client().set(_closed(key), 1, px=max(1, math.ceil(seconds * 1000)))
    except redis.RedisError as error:
        _complain(int(time.monotonic() // 60), str(error))
    _rather_wait(seconds)


def _rather_wait(seconds: float) -> None:
    if seconds <= _leisure.get():
        raise TooEarly(seconds)


def _limits(installation_id: int, method: str, channel_id: str) -> dict[str, Limit]:
    """By key, the widest first."""
    key = f"pylon:slack:{installation_id}:{method}"
    limits = {key: LIMITS.get(method, OTHERS)}
    if method == "chat.postMessage" and channel_id:
        limits[f"{key}:{channel_id}"] = PER_CHANNEL
    return limits


def _closed(key: str) -> str:
    return f"{key}:closed"


@lru_cache(maxsize=1)
def _script() -> Script:
    return redis_client().register_script(TAKE)


@lru_cache(maxsize=1)
def _complain(_minute: int, error: str) -> None:
    """Once a minute: the same error in the same minute is remembered."""
    log.warning("Redis is away: Slack is called unpaced", error=error)
