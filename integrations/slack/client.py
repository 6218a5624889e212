"""The one place that calls Slack's Web API."""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.error import URLError

import structlog
from django.conf import settings
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse

from integrations.models import Installation
from integrations.network import is_direct
from integrations.slack import pacing
from integrations.slack.errors import SlackError
from integrations.slack.refusals import PASSING, TOO_MANY
from integrations.slack.revocation import notice, refuse_revoked
from integrations.slack.rotation import token_of

__all__ = ["SlackError", "ask", "call", "call_with_headers", "call_with_token", "is_direct", "pages"]

log = structlog.get_logger(__name__)

TIMEOUT = 10
"""Seconds, for each call."""
CODE = re.compile(r"[a-z0-9_]+")


def call(installation: Installation, method: str, **arguments: Any) -> dict[str, Any]:
    """Slack's answer as a dict, or SlackError; with `retry_after` where it is too early to call."""
    return call_with_headers(installation, method, **arguments)[0]


def call_with_headers(
    installation: Installation, method: str, **arguments: Any
) -> tuple[dict[str, Any], Mapping[str, str]]:
    """The same, and the answer's headers, their names in lower case."""
    refuse_revoked(installation)
    channel_id = str(arguments.get("channel") or "")
    pacing.take(installation.pk, method, channel_id)
    try:
        return ask(token_of(installation, call_with_token), method, **arguments)
    except SlackError as error:
        if error.retry_after is not None:
            pacing.close(installation.pk, method, channel_id, seconds=error.retry_after)
        notice(installation, error)
        raise


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
    return ask(token, method, **arguments)[0]


def ask(token: str, method: str, **arguments: Any) -> tuple[dict[str, Any], Mapping[str, str]]:
    """The answer and its headers to a call in nobody's name but the token's."""
    client = WebClient(token=token, base_url=settings.SLACK_API_URL, timeout=TIMEOUT, retry_handlers=[])
    if is_direct(settings.SLACK_API_URL):
        client.proxy = None  # the SDK knows no exceptions to HTTPS_PROXY
    try:
        response = _send(client, method, arguments)
    except SlackApiError as error:
        raise _understand(method, error) from error
    # The SDK's AttributeError: an answer that is JSON but no object.
    except (SlackClientError, URLError, http.client.HTTPException, OSError, ValueError, AttributeError) as error:
        log.warning("slack did not answer", method=method, error=str(error))
        raise SlackError(type(error).__name__, permanent=False) from error
    headers = {name.lower(): value for name, value in response.headers.items()}
    return dict(response.data) if isinstance(response.data, dict) else {}, headers


def _send(client: WebClient, method: str, arguments: dict[str, Any]) -> SlackResponse:
    """Slack takes JSON only for the methods that write. The others get a form: addresses end up in logs."""
    if method.startswith(("chat.post", "chat.update", "chat.delete", "views.", "reactions.add")):
        return client.api_call(method, json=arguments)
    return client.api_call(method, data=arguments)


def _understand(method: str, error: SlackApiError) -> SlackError:
    response = error.response
    status = int(getattr(response, "status_code", 0) or 0)
    data = response.data if isinstance(response.data, dict) else {}
    code = str(data.get("error") or f"HTTP {status}")
    log.warning("slack refused a call", method=method, status=status, code=code)
    if status == 429 or code in TOO_MANY:
        wait = str(response.headers.get("Retry-After") or response.headers.get("retry-after") or "30")
        return SlackError("ratelimited", permanent=False, retry_after=int(wait) if wait.isdigit() else 30)
    is_slacks = CODE.fullmatch(code) is not None  # else the answer of something on the way
    granted = str(data.get("provided") or "")
    return SlackError(code, permanent=is_slacks and status < 500 and code not in PASSING, granted=granted)
