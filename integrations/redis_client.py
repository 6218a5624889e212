"""Redis, for what many processes must know of each other at once. None of it may be lost with harm."""

from __future__ import annotations

from functools import lru_cache

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

AT_ONCE = Retry(NoBackoff(), 1)
"""A kept connection may have died unnoticed. The library's own tries would take seconds where Redis is away."""


@lru_cache(maxsize=1)
def redis_client() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_ADDRESS, socket_timeout=2, socket_connect_timeout=2, retry=AT_ONCE)
