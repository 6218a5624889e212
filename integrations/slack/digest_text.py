"""The daily digest as Slack shows it."""

from __future__ import annotations

from django.conf import settings

from accounts.models import User
from conversations.excerpts import one_line
from integrations.slack.post.words import date
from integrations.slack.triage_post import escape
from triage.digests import Summary


def draw(summary: Summary, user: User) -> str:
    """Escaped text in Slack's markup."""
    waiting = f", {len(summary.waiting)} longest waiting:" if summary.waiting else "."
    lines = [
        f"☀️ Good morning, {escape(user.get_short_name())}. You have *{summary.open}* open "
        f"conversation{'' if summary.open == 1 else 's'}{waiting}"
    ]
    for conversation in summary.waiting:
        page = f"{settings.BASE_URL}{conversation.get_absolute_url()}"
        account = escape(str(conversation.account or conversation.channel))
        title = escape(one_line(conversation.title or "Conversation", 90))
        since = f", waiting since {date(conversation.waiting_since)}" if conversation.waiting_since else ""
        lines.append(f"• *{account}*: <{page}|#{conversation.number} {title}>{since}")
    if summary.closed_yesterday:
        lines.append(f"{summary.closed_yesterday} closed since the last working day. 🎉")
    lines.append(f"<{settings.BASE_URL}/board/?owner=mine|Your board>")
    return "\n".join(lines)
