"""A conversation in one line of Slack's markup. Customers' text can't ping anyone."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from conversations.excerpts import one_line
from conversations.models import Conversation
from conversations.status import Status
from integrations.slack.triage_post import MARKS, escape


def named(conversation: Conversation) -> str:
    """Number and title, leading to its page."""
    title = escape(one_line(conversation.title or "Conversation", 100))
    return f"<{settings.BASE_URL}{conversation.get_absolute_url()}|#{conversation.number} {title}>"


def line(conversation: Conversation) -> str:
    """Also whose it is and since when somebody waits."""
    company = conversation.account.name if conversation.account else str(conversation.channel)
    parts = [f"{MARKS[Status(conversation.status)]} {named(conversation)}", escape(company)]
    if conversation.waiting_since:
        parts.append(f"waiting since {moment(conversation.waiting_since)}")
    return "  ·  ".join(parts)


def moment(at: datetime) -> str:
    """Shown by Slack in the reader's own time."""
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}} {{time}}|{at:%d %b %H:%M} UTC>"
