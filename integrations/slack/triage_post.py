"""A conversation drawn in Block Kit, as its triage channel shows it. Customers' text can't ping anyone."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from conversations.excerpts import one_line
from conversations.models import Conversation, ConversationEvent, EventKind, Message, MessageKind
from conversations.status import Status
from integrations.models import Installation

ACKNOWLEDGE = "acknowledge"
METADATA = "pylon_conversation"
"""The post's own mark, by which it is found again when Slack's answer was lost."""
MARKS = {Status.TODO: "🔴", Status.IN_PROGRESS: "🟡", Status.CLOSED: "🟢"}
SHOWN, LINES = 1_200, 20
"""Characters and lines of a message that are shown."""
QUOTE = 2_300
"""The same with escapes: Slack allows 3,000 characters in a text, the author's name included."""


def draw(conversation: Conversation, installation: Installation) -> dict[str, Any]:
    """`text`, `blocks` and `metadata` for chat.postMessage and chat.update."""
    status = Status(conversation.status)
    account = conversation.account.name if conversation.account else str(conversation.channel)
    page = f"{settings.BASE_URL}{conversation.get_absolute_url()}"
    heading = (
        f"{MARKS[status]} *{escape(account)}*  ·  {status.label}  ·  "
        f"<{page}|#{conversation.number} {_titled(conversation)}>"
    )
    shown = _shown_message(conversation)
    blocks: list[dict[str, Any]] = [_section(heading)]
    if status != Status.CLOSED and shown:
        blocks.append(_section(_quoted(shown)))
    blocks.append({"type": "context", "elements": [_mrkdwn(_facts(conversation, shown, installation))]})
    if status != Status.CLOSED:
        blocks.append({"type": "actions", "block_id": "conversation", "elements": _buttons(conversation, page)})
    return {
        "text": escape(one_line(f"{account}: {conversation.title} ({status.label})", 300)),
        "blocks": blocks,
        "metadata": _mark(conversation),
        "unfurl_links": False,
        "unfurl_media": False,
    }


def draw_moved(conversation: Conversation, elsewhere: list[str]) -> dict[str, Any]:
    """What stays of a post when its conversation is shown in other channels, or is part of another one."""
    page = f"{settings.BASE_URL}{conversation.get_absolute_url()}"
    merged = conversation.merged_into
    if merged:
        where = f"merged into <{settings.BASE_URL}{merged.get_absolute_url()}|#{merged.number} {_titled(merged)}>"
    else:
        where = f"now in {escape(', '.join(elsewhere))}" if elsewhere else "no longer shown in a triage channel"
    text = f"➡️ <{page}|#{conversation.number} {_titled(conversation)}>  ·  {where}"
    told = escape(f"#{conversation.number} moved")
    return {"text": told, "blocks": [_section(text)], "metadata": _mark(conversation)}


def escape(text: str) -> str:
    """Slack's three: without them `<!channel>` in a customer's text would call everybody."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def permalink(message: Message, installation: Installation, channel_id: str) -> str:
    """Slack's address of a message, built as chat.getPermalink answers it, without asking."""
    thread = f"?thread_ts={message.thread_ts}&cid={channel_id}" if message.thread_ts else ""
    return f"{installation.url}archives/{channel_id}/p{str(message.ts).replace('.', '')}{thread}"


def _titled(conversation: Conversation) -> str:
    return escape(one_line(conversation.title or "Conversation", 150))


def _mark(conversation: Conversation) -> dict[str, Any]:
    payload = {"number": conversation.number, "workspace": conversation.workspace_id}
    return {"event_type": METADATA, "event_payload": payload}


def quoted(said: str, *, most: int = SHOWN, mark: str = ">") -> str:
    """Somebody's words, cut and escaped, each line behind a mark."""
    lines = said[:most].splitlines()
    is_cut = len(said) > most or len(lines) > LINES
    shown = _fitted("\n".join(lines[:LINES]) + "…" * is_cut, QUOTE)
    return "\n".join(f"{mark}{line}" for line in shown.splitlines())


def _shown_message(conversation: Conversation) -> Message | None:
    """The newest of the talk with the customer."""
    said = conversation.messages.exclude(kind=MessageKind.NOTE).filter(deleted_at=None)
    return said.order_by("-sent_at", "-pk").first()


def _quoted(message: Message) -> str:
    said = message.text.strip() or message.files_line
    return f"*{escape(message.author_name)}*\n{quoted(said)}"


def _fitted(text: str, most: int) -> str:
    """Escaped, and cut where it would be too long, but in no escape."""
    escaped = escape(text)
    if len(escaped) <= most:
        return escaped
    cut = escaped[: most - 1]
    last = cut.rfind("&")
    return (cut[:last] if last >= 0 and ";" not in cut[last:] else cut) + "…"


def _facts(conversation: Conversation, shown: Message | None, installation: Installation) -> str:
    owner = conversation.owner
    who = f"<@{owner.external_id}>" if owner and owner.external_id else escape(owner.name if owner else "nobody")
    facts = [f"Owner: {who}", escape(str(conversation.channel)), _count(conversation.message_count)]
    if conversation.waiting_since:
        at = conversation.waiting_since
        facts.append(f"waiting since <!date^{int(at.timestamp())}^{{date_short_pretty}} {{time}}|{at:%d %b %H:%M} UTC>")
    if conversation.status == Status.CLOSED:
        facts.insert(0, _closing(conversation))
    if shown and shown.ts and installation.url:
        facts.append(f"<{permalink(shown, installation, conversation.channel.external_id)}|View in Slack>")
    return "  ·  ".join(facts)


def _closing(conversation: Conversation) -> str:
    """Who or what closed it."""
    event: ConversationEvent | None = (
        conversation.events.filter(kind=EventKind.STATUS_CHANGED).select_related("by_user").order_by("-pk").first()
    )
    if event is None:
        return "Closed"
    return escape(f"Closed by {event.by_name}" + (f": {event.reason}" if event.reason else ""))


def _count(messages: int) -> str:
    return f"{messages} message{'' if messages == 1 else 's'}"


def _buttons(conversation: Conversation, page: str) -> list[dict[str, Any]]:
    number = str(conversation.number)
    acknowledge = {"type": "button", "action_id": ACKNOWLEDGE, "style": "primary", "value": number}
    open_page = {"type": "button", "action_id": "open", "url": page, "value": number}
    return [acknowledge | {"text": _plain("Acknowledge")}, open_page | {"text": _plain("Open in Pylon")}]


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": _mrkdwn(text)}


def _mrkdwn(text: str) -> dict[str, Any]:
    """Verbatim: otherwise Slack makes mentions and links of plain words, such as a customer's "@channel"."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}
