"""The one place that calls Slack's Web API."""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import proxy_bypass

import structlog
from django.conf import settings
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from integrations.models import Installation

log = structlog.get_logger(__name__)

TIMEOUT = 10
"""Seconds, for each call."""
PASSING = {
    "internal_error",
    "fatal_error",
    "service_unavailable",
    "request_timeout",
    "ratelimited",
    "team_added_to_org",
}
"""Slack's error codes that another try may not meet."""
CODE = re.compile(r"[a-z0-9_]+")


class SlackError(Exception):
    """A call that failed. `permanent`: another try would fail alike. `retry_after` in seconds, when Slack says."""

    def __init__(self, code: str, *, permanent: bool, retry_after: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.permanent = permanent
        self.retry_after = retry_after


def call(installation: Installation, method: str, **arguments: Any) -> dict[str, Any]:
    """Slack's answer as a dict, or SlackError."""
    return call_with_token(str(installation.credentials.get("bot_token", "")), method, **arguments)


def pages(
    installation: Installation, method: str, part: str, *, most: int, **arguments: Any
) -> Iterator[dict[str, Any]]:
    """The objects of a list that Slack answers page by page, 200 each, of at most so many pages."""
    cursor: dict[str, str] = {}
    for _ in range(most):
        page = call(installation, method, limit=200, **arguments, **cursor)
        yield from (item for item in page.get(part) or [] if isinstance(item, dict))
        cursor = {"cursor": str((page.get("response_metadata") or {}).get("next_cursor") or "")}
        if not cursor["cursor"]:
            return


def call_with_token(token: str, method: str, **arguments: Any) -> dict[str, Any]:
    client = WebClient(token=token, base_url=settings.SLACK_API_URL, timeout=TIMEOUT, retry_handlers=[])
    if is_direct(settings.SLACK_API_URL):
        client.proxy = None  # the SDK knows no exceptions to HTTPS_PROXY
    try:
        response = (
            client.api_call(method, json=arguments) if _is_write(method) else client.api_call(method, params=arguments)
        )
    except SlackApiError as error:
        raise _understand(method, error) from error
    # The SDK's AttributeError: an answer that is JSON but no object.
    except (SlackClientError, URLError, http.client.HTTPException, OSError, ValueError, AttributeError) as error:
        log.warning("slack did not answer", method=method, error=str(error))
        raise SlackError(type(error).__name__, permanent=False) from error
    return dict(response.data) if isinstance(response.data, dict) else {}


def is_direct(url: str) -> bool:
    """No proxy on the way: to this machine, and where NO_PROXY says so."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or bool(proxy_bypass(host))


def _is_write(method: str) -> bool:
    """Slack takes JSON only for the methods that write."""
    return method.startswith(("chat.post", "chat.update", "chat.delete", "views.", "reactions.add"))


def _understand(method: str, error: SlackApiError) -> SlackError:
    response = error.response
    status = int(getattr(response, "status_code", 0) or 0)
    data = response.data if isinstance(response.data, dict) else {}
    code = str(data.get("error") or f"HTTP {status}")
    log.warning("slack refused a call", method=method, status=status, code=code)
    if status == 429 or code == "ratelimited":
        wait = str(response.headers.get("Retry-After") or response.headers.get("retry-after") or "30")
        return SlackError("ratelimited", permanent=False, retry_after=int(wait) if wait.isdigit() else 30)
    is_slacks = CODE.fullmatch(code) is not None  # else the answer of something on the way
    return SlackError(code, permanent=is_slacks and status < 500 and code not in PASSING)
