"""The answer to a click or command."""

from __future__ import annotations

from typing import Any

import httpx

from integrations.models import Delivery
from integrations.slack.client import TIMEOUT, SlackError, is_direct


def send_answer(delivery: Delivery) -> dict[str, Any]:
    """To the address that Slack gave with a click or command, for half an hour."""
    url = delivery.request["url"]
    try:
        response = httpx.post(url, json=delivery.request["body"], timeout=TIMEOUT, trust_env=not is_direct(url))
    except httpx.HTTPError as error:
        raise SlackError(type(error).__name__, permanent=False) from error
    if response.status_code >= 400:
        raise SlackError(f"http_{response.status_code}", permanent=response.status_code < 500)
    return {"status": response.status_code}
