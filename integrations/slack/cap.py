"""How much of a channel's history Slack gives at once.

An app that is distributed commercially outside Slack's marketplace gets 15 messages a request and one request a
minute (https://docs.slack.dev/changelog/2025/05/29/rate-limit-changes-for-non-marketplace-apps). Slack does not say
whom it counts among them. It shows in a page of exactly 15 where more were asked for and are there.
"""

from __future__ import annotations

import math
import time
from datetime import timedelta
from typing import Any

from django.core.cache import cache
from django.utils import timezone

from integrations.models import Installation
from integrations.slack.client import SlackError, call

PAGE, CAPPED_PAGE = 200, 15
CAPPED_SECONDS = 60
"""Between two requests of one method."""
REMEMBERED = timedelta(days=1)
"""Then it is tried again whether Slack still has us capped."""


def ask(installation: Installation, method: str, **arguments: Any) -> dict[str, Any]:
    """`conversations.history` or `.replies`, as many messages as Slack gives. SlackError "capped": not before
    `retry_after` seconds are over."""
    if is_capped(installation):
        _wait_for_turn(installation, method)
        return call(installation, method, limit=CAPPED_PAGE, **arguments)
    answer = call(installation, method, limit=PAGE, **arguments)
    if len(answer.get("messages") or []) == CAPPED_PAGE and answer.get("has_more"):
        installation.history_capped_at = timezone.now()
        installation.save(update_fields=["history_capped_at"])
        cache.set(_key(installation, method), time.time(), CAPPED_SECONDS)
    return answer


def is_capped(installation: Installation) -> bool:
    seen = installation.history_capped_at
    return seen is not None and timezone.now() - seen < REMEMBERED


def _wait_for_turn(installation: Installation, method: str) -> None:
    key, now = _key(installation, method), time.time()
    if not cache.add(key, now, CAPPED_SECONDS):
        passed = now - float(cache.get(key) or now)
        raise SlackError("capped", permanent=False, retry_after=max(1, math.ceil(CAPPED_SECONDS - passed)))


def _key(installation: Installation, method: str) -> str:
    return f"history-turn:{installation.pk}:{method}"
