"""`/pylon`, typed by a teammate. What it answers is seen by them alone, also in a customer's channel."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from integrations.models import Installation
from integrations.slack.acting import teammate
from integrations.slack.answering import answer

HELP = (
    "*Pylon* keeps track of the conversations with customers in this workspace's shared channels.\n"
    "• Invite me to a channel with `/invite @Pylon`: whoever invites me owns its conversations.\n"
    "• *Acknowledge* under a post in the triage channel closes its conversation.\n"
    "• A reply in the thread of such a post is an internal note. Customers never see it.\n"
    "The board: {board}"
)


def command(installation: Installation, payload: dict[str, Any]) -> str:
    """Answers what was done, in words."""
    if teammate(installation, {"id": payload.get("user_id"), "team_id": payload.get("team_id")}) is None:
        return "typed by somebody who is no teammate: nothing done"
    if not answer(installation, payload, HELP.format(board=f"{settings.BASE_URL}/board/")):
        return "an answer's address that isn't Slack's: nothing sent"
    return "help"
