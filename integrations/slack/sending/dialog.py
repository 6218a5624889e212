"""What one teammate alone sees: a message, or a dialog that opens after a click."""

from __future__ import annotations

from typing import Any

from integrations.models import Delivery
from integrations.slack.client import SlackError, call

METHODS = {"chat.postEphemeral", "views.open", "views.push", "views.update"}
"""None of them shows anything to others in the channel."""


def send_dialog(delivery: Delivery) -> dict[str, Any]:
    """`request`: the `method`, its `arguments`, and under `otherwise` such a request for when Slack refuses this one:
    a dialog opens only within three seconds of the click."""
    method = str(delivery.request["method"])
    if method not in METHODS:
        raise SlackError(f"{method} is not for one teammate alone", permanent=True)
    try:
        answer = call(delivery.installation, method, **delivery.request["arguments"])
    except SlackError as error:
        if error.permanent and "otherwise" in delivery.request:
            Delivery.objects.create(
                workspace_id=delivery.workspace_id, installation=delivery.installation, kind=delivery.kind,
                place=delivery.place, request=delivery.request["otherwise"],
            )  # fmt: skip
        raise
    view = answer.get("view")
    return {"ts": answer.get("message_ts"), "view": view.get("id") if isinstance(view, dict) else None}
