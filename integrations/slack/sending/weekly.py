"""The weekly summary, into a channel that is ours alone."""

from __future__ import annotations

from typing import Any

from integrations.models import Delivery
from integrations.slack import outsiders
from integrations.slack.client import SlackError, call
from integrations.slack.sending.thread import OUTSIDERS, find_marked, mark
from integrations.slack.sending.triage_post import refuse_shared


def send_weekly(delivery: Delivery) -> dict[str, Any]:
    """`request`: its `text` and `blocks`. Where people from outside are it is not posted: it names customers."""
    refuse_shared(delivery)
    if outsiders.are_in(delivery.installation, delivery.place):
        raise SlackError(f"{OUTSIDERS}: the summary names customers", permanent=True)
    key = f"weekly:{delivery.pk}"
    if delivery.attempts > 1:
        ts = find_marked(delivery, "conversations.history", key, channel=delivery.place)
        if ts:
            return {"ts": ts}
    answer = call(
        delivery.installation, "chat.postMessage", channel=delivery.place, text=delivery.request["text"],
        blocks=delivery.request["blocks"], metadata=mark(key), unfurl_links=False, unfurl_media=False,
    )  # fmt: skip
    return {"ts": str(answer.get("ts"))}
