"""Reminders as Slack shows them."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from conversations.excerpts import one_line
from conversations.models import ConversationEvent
from integrations.slack.post.words import date, escape
from triage.models import ReminderKind

MARKS = {ReminderKind.WARNING: "⏳", ReminderKind.DUE: "⏰", ReminderKind.ESCALATION: "🚨"}


def in_the_thread(event: ConversationEvent) -> str:
    """Names the owner, so that Slack tells them."""
    owner = event.conversation.owner
    who = f"<@{owner.external_id}> " if owner and owner.external_id else ""
    return f"{_mark(event)} {who}{_sentence(event)}"


def as_direct_message(event: ConversationEvent) -> str:
    conversation = event.conversation
    page = f"{settings.BASE_URL}{conversation.get_absolute_url()}"
    title = escape(one_line(conversation.title or "Conversation", 120))
    account = escape(str(conversation.account or conversation.channel))
    return f"{_mark(event)} *{account}*: <{page}|#{conversation.number} {title}>\n{_sentence(event)}"


def _mark(event: ConversationEvent) -> str:
    return MARKS[ReminderKind(event.data["kind"])]


def _sentence(event: ConversationEvent) -> str:
    due_at, since = (datetime.fromisoformat(event.data[name]) for name in ("due_at", "since"))
    minutes = event.data["minutes"]
    said = {
        ReminderKind.WARNING: f"An answer is due {date(due_at)}.",
        ReminderKind.DUE: f"An answer has been due since {date(due_at)}.",
        ReminderKind.ESCALATION: f"Nobody has answered, though it was due {date(due_at)}.",
    }[ReminderKind(event.data["kind"])]
    return f"{said} The customer has waited since {date(since)}; the target is {minutes} minutes of working time."
