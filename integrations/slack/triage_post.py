"""A conversation drawn in Block Kit, as its triage channel shows it. Customers' text can't ping anyone.

Where people from outside read along it is drawn hidden: without what was said, and without its title.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings

from conversations.drawing import initials
from conversations.excerpts import one_line
from conversations.models import Conversation, ConversationEvent, EventKind, Message, MessageKind
from conversations.status import Status
from conversations.undoing import is_undoable
from integrations.models import Installation
from integrations.slack.post.closing import closing
from integrations.slack.post.controls import ACKNOWLEDGE, closed_controls, controls
from integrations.slack.post.facts import facts, permalink, seen_in_slack
from integrations.slack.post.words import date, escape, fitted, mrkdwn, quoted, section

__all__ = ["ACKNOWLEDGE", "MARKS", "METADATA", "draw", "draw_moved", "escape", "permalink", "quoted"]

METADATA = "pylon_conversation"
"""The post's own mark, by which it is found again when Slack's answer was lost."""
MARKS = {Status.TODO: "🔴", Status.IN_PROGRESS: "🟡", Status.CLOSED: "🟢"}
HIDDEN = "Hidden: people from outside are in this channel"


def draw(conversation: Conversation, installation: Installation, *, is_hidden: bool = False) -> dict[str, Any]:
    """`text`, `blocks` and `metadata` for chat.postMessage and chat.update."""
    status = Status(conversation.status)
    account = conversation.account.name if conversation.account else str(conversation.channel)
    is_closed = status == Status.CLOSED
    return {
        "text": f"{fitted(account, 300)}: {_title(conversation, is_hidden=is_hidden)} ({status.label})",
        "blocks": (_closed if is_closed else _open)(conversation, installation, is_hidden=is_hidden),
        "metadata": _mark(conversation),
        "unfurl_links": False,
        "unfurl_media": False,
    }


def draw_moved(conversation: Conversation, elsewhere: list[str], *, is_hidden: bool = False) -> dict[str, Any]:
    """What stays of a post when its conversation is shown in other channels, or is part of another one."""
    merged = conversation.merged_into
    if merged:
        where = f"merged into {_named(merged, is_hidden=is_hidden)}"
    else:
        where = f"now in {fitted(', '.join(elsewhere), 1000)}" if elsewhere else "no longer shown in a triage channel"
    text = f"➡️ {_named(conversation, is_hidden=is_hidden)}  ·  {where}"
    told = escape(f"#{conversation.number} moved")
    return {"text": told, "blocks": [section(text)], "metadata": _mark(conversation)}


def _open(conversation: Conversation, installation: Installation, *, is_hidden: bool) -> list[dict[str, Any]]:
    shown = _shown_message(conversation)
    said = f"_{HIDDEN}_" if is_hidden else _quoted(shown) if shown else ""
    small = facts(conversation, shown, installation)
    return [
        section(_heading(conversation, is_hidden=is_hidden)),
        *([section(said)] if said else []),
        {"type": "context", "elements": [mrkdwn(small)]},
        controls(conversation, _page(conversation)),
    ]


def _closed(conversation: Conversation, installation: Installation, *, is_hidden: bool) -> list[dict[str, Any]]:
    event: ConversationEvent | None = (
        conversation.events.filter(kind=EventKind.STATUS_CHANGED)
        .select_related("by_user", "message")
        .order_by("-pk")
        .first()
    )
    where = seen_in_slack(conversation, _shown_message(conversation), installation)
    line = [_heading(conversation, is_hidden=is_hidden), closing(event, is_hidden=is_hidden), where]
    undone = event if event and is_undoable(event) else None
    return [
        section("  ·  ".join(filter(None, line))),
        closed_controls(conversation, undone, _page(conversation)),
    ]


def _heading(conversation: Conversation, *, is_hidden: bool) -> str:
    status = Status(conversation.status)
    account = conversation.account.name if conversation.account else str(conversation.channel)
    parts = [
        f"{MARKS[status]} {status.label}",
        f"{_letter(account)}*{escape(account)}*",
        _named(conversation, is_hidden=is_hidden),
    ]
    return "  ·  ".join(parts)


def _letter(account: str) -> str:
    """The account's first letter, set apart as on the tile that the board draws."""
    letter = initials(account.lstrip("#")).upper()[:1]
    return f"`{letter}` " if letter.isalnum() else ""


def _named(conversation: Conversation, *, is_hidden: bool) -> str:
    return f"<{_page(conversation)}|#{conversation.number} {_title(conversation, is_hidden=is_hidden)}>"


def _title(conversation: Conversation, *, is_hidden: bool) -> str:
    return "Conversation" if is_hidden else escape(one_line(conversation.title or "Conversation", 150))


def _page(conversation: Conversation) -> str:
    return f"{settings.BASE_URL}{conversation.get_absolute_url()}"


def _mark(conversation: Conversation) -> dict[str, Any]:
    payload = {"number": conversation.number, "workspace": conversation.workspace_id}
    return {"event_type": METADATA, "event_payload": payload}


def _shown_message(conversation: Conversation) -> Message | None:
    """The newest of the talk with the customer."""
    said = conversation.messages.exclude(kind=MessageKind.NOTE).filter(deleted_at=None)
    return said.order_by("-sent_at", "-pk").first()


def _quoted(message: Message) -> str:
    said = message.text.strip() or message.files_line
    return f"*{escape(message.author_name)}*  ·  {date(message.sent_at)}\n{quoted(said)}"
