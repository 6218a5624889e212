"""Sends what a Delivery stands for: each kind has its own function in `sending/`. One line adds another.

It answers what Slack said, to be kept on the delivery, and raises SlackError.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from integrations.models import Delivery, DeliveryKind
from integrations.slack.client import SlackError
from integrations.slack.revocation import refuse_revoked
from integrations.slack.sending.answer import send_answer
from integrations.slack.sending.dialog import send_dialog
from integrations.slack.sending.home import send_home
from integrations.slack.sending.reply import send_reply, send_reply_delete, send_reply_edit
from integrations.slack.sending.thread import send_direct_message, send_note, send_reminder, send_story
from integrations.slack.sending.triage_post import send_triage_post
from integrations.slack.sending.weekly import send_weekly

SENDERS: Mapping[str, Callable[[Delivery], dict[str, Any]]] = {
    DeliveryKind.TRIAGE_POST: send_triage_post,
    DeliveryKind.ANSWER: send_answer,
    DeliveryKind.DIALOG: send_dialog,
    DeliveryKind.HOME: send_home,
    DeliveryKind.NOTE: send_note,
    DeliveryKind.STORY: send_story,
    DeliveryKind.REMINDER: send_reminder,
    DeliveryKind.DIRECT_MESSAGE: send_direct_message,
    DeliveryKind.WEEKLY: send_weekly,
    DeliveryKind.REPLY: send_reply,
    DeliveryKind.REPLY_EDIT: send_reply_edit,
    DeliveryKind.REPLY_DELETE: send_reply_delete,
}


def send(delivery: Delivery) -> dict[str, Any]:
    refuse_revoked(delivery.installation)
    sender = SENDERS.get(delivery.kind)
    if sender is None:  # a newer worker, beside which this one still runs, may know the kind
        raise SlackError(f"nothing here sends a {delivery.kind}", permanent=False)
    return sender(delivery)
