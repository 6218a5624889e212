"""What a triage post tells of its conversation in small print."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from conversations.models import Conversation, Message, Priority
from integrations.models import Installation
from integrations.slack.post.words import date, escape, fitted

PRIORITIES = {Priority.URGENT: "🚨 Urgent", Priority.HIGH: "❗ High priority", Priority.LOW: "Low priority"}
TAGS, LINKED, LINK, SHOWN = 600, 80, 200, 3
"""Characters of all tags, of a ticket's name and of its address, and tickets: all of them would be too long."""


def facts(conversation: Conversation, shown: Message | None, installation: Installation) -> str:
    told = [
        PRIORITIES.get(Priority(conversation.priority), ""),
        f"Owner: {owner(conversation)}",
        escape(str(conversation.channel)),
        _count(conversation.message_count),
        *_times(conversation),
        f"🏷️ {fitted(', '.join(conversation.tags), TAGS)}" if conversation.tags else "",
        _linked(conversation),
        seen_in_slack(conversation, shown, installation),
    ]
    return "  ·  ".join(filter(None, told))


def owner(conversation: Conversation) -> str:
    """Named so that Slack tells them."""
    who = conversation.owner
    if who and who.external_id:
        return f"<@{who.external_id}>"
    return escape(who.name) if who else "nobody"


def seen_in_slack(conversation: Conversation, shown: Message | None, installation: Installation) -> str:
    if shown is None or not shown.ts or not installation.url:
        return ""
    return f"<{escape(permalink(shown, installation, conversation.channel.external_id))}|View in Slack>"


def permalink(message: Message, installation: Installation, channel_id: str) -> str:
    """Slack's address of a message, built as chat.getPermalink answers it, without asking."""
    thread = f"?thread_ts={message.thread_ts}&cid={channel_id}" if message.thread_ts else ""
    return f"{installation.url}archives/{channel_id}/p{str(message.ts).replace('.', '')}{thread}"


def _times(conversation: Conversation) -> list[str]:
    told = []
    if conversation.waiting_since:
        told.append(f"waiting since {date(conversation.waiting_since)}")
    if due_at := conversation.response_due_at:
        is_over = due_at <= timezone.now()
        told.append(f"⏰ *overdue* since {date(due_at)}" if is_over else f"answer due {date(due_at)}")
    if conversation.snoozed_until:
        told.append(f"💤 snoozed until {date(conversation.snoozed_until)}")
    return told


def _linked(conversation: Conversation) -> str:
    tickets = [_ticket(link) for link in conversation.linked[:SHOWN]]
    return f"Synced to {', '.join(tickets)}" if tickets else ""


def _ticket(link: dict[str, Any]) -> str:
    name = fitted(f"{link['tool']} #{link['number']}" if link["number"] else str(link["tool"]), LINKED)
    url = escape(str(link["url"])).replace("|", "%7C")
    named = f"<{url}|{name}>" if url.startswith(("https://", "http://")) and len(url) <= LINK else name
    return f"{named} (stopped)" if link.get("is_stopped") else named


def _count(messages: int) -> str:
    return f"{messages} message{'' if messages == 1 else 's'}"
