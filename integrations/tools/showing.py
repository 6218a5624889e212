"""With which tickets a conversation is connected, kept on its row for its card."""

from __future__ import annotations

from typing import Any

from conversations.models import Actor, Conversation, EventKind
from integrations.models import Link, LinkKind


def links_of(conversation: Conversation) -> list[Link]:
    """Those that are kept in step, or wait for a person; the oldest first."""
    found = Link.objects.filter(conversation=conversation, kind=LinkKind.TICKET, ended_at=None)
    return list(found.select_related("installation").order_by("pk"))


def show_links(
    conversation: Conversation, *, by: Actor, told: EventKind | None = None, data: dict[str, Any] | None = None
) -> None:
    """Draw the card anew. Within the transaction that changed the links."""
    linked = [_shown(link) for link in links_of(conversation) if link.external_id or link.stopped_at]
    conversation.show_linked(linked, by=by, told=told, data=data)


def _shown(link: Link) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "tool": link.installation.get_provider_display(), "number": link.number, "url": link.url,
    }  # fmt: skip
    return shown | {"is_stopped": True} if link.stopped_at else shown
