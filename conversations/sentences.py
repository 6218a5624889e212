"""What happened, as a sentence of the timeline: what was done, the moment it ends with, and the reason."""

from __future__ import annotations

from datetime import datetime

from django.utils.text import get_text_list

from conversations.models import ConversationEvent, EventKind, Priority
from conversations.status import Status

_REMINDED = {"warning": "An answer was soon due,", "due": "An answer was due", "escalation": "No answer, due"}


def sentence(event: ConversationEvent) -> str:
    who = event.by_name or "Somebody"
    to = event.data.get("to")
    match event.kind:
        case EventKind.OPENED:
            return f"{who} opened this conversation"
        case EventKind.STATUS_CHANGED:
            return f"{who} moved it to {Status(to).label}"
        case EventKind.OWNER_CHANGED:
            return f"{who} made {to} the owner" if to else f"{who} took the owner away"
        case EventKind.PRIORITY_CHANGED:
            return f"{who} made its priority {Priority(to).label}"
        case EventKind.TAGS_CHANGED:
            return f"{who} tagged it {get_text_list(to, 'and')}" if to else f"{who} took its tags off"
        case EventKind.SNOOZED:
            return f"{who} snoozed it until"
        case EventKind.WOKEN:
            return f"{who} brought it back"
        case EventKind.REMINDED:
            return _REMINDED[event.data["kind"]]
        case EventKind.ACCOUNT_CHANGED:
            return f"{who} moved it to the account {to}" if to else f"{who} took it off its account"
        case _:
            return f"{who} {_corrected(event)}"


def until(event: ConversationEvent) -> datetime | None:
    name = {EventKind.SNOOZED: "until", EventKind.REMINDED: "due_at"}.get(EventKind(event.kind))
    return datetime.fromisoformat(event.data[name]) if name else None


def reason(event: ConversationEvent) -> str:
    """Of a reminder: who was told."""
    if event.kind != EventKind.REMINDED:
        return event.reason
    told = event.data.get("told", [])
    were = "were" if len(told) > 1 else "was"
    return f"{get_text_list(told, 'and')} {were} reminded" if told else "nobody owns it"


def _corrected(event: ConversationEvent) -> str:
    match event.kind:
        case EventKind.MESSAGES_MOVED_IN:
            return f"moved {_count(event)} here from {_other(event)}"
        case EventKind.SPLIT_OFF:
            return f"made {_other(event)} of {_count(event)}"
        case EventKind.MERGED if event.data["side"] == "target":
            return f"merged {_other(event)} into this"
        case EventKind.MERGED:
            return f"merged this into {_other(event)}"
        case EventKind.CORRECTION_UNDONE:
            what = {"move": "a move", "split": "a split", "merge": "a merge"}[event.data["kind"]]
            return f"took {what} back, with {_other(event)}"
        case _:
            return f"moved {_count(event)} to {_other(event)}"


def _other(event: ConversationEvent) -> str:
    return "those in no conversation" if event.data.get("other_is_unsorted") else f"#{event.data['other']}"


def _count(event: ConversationEvent) -> str:
    count = event.data["count"]
    return "a message" if count == 1 else f"{count} messages"
