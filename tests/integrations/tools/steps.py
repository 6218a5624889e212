"""What happens between two looks of a test: events are published, links worked, webhooks drained."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from conversations.models import Conversation
from integrations.models import ConsoleTicket, Installation, Link
from integrations.outbox import publish
from integrations.tools.hearing import hear
from integrations.tools.linking import connect
from integrations.tools.working import work


def settle() -> None:
    """Until nothing is left to be done."""
    for _ in range(20):
        published = publish()
        assert work(seconds=60)
        if not published and not publish():
            return
    raise AssertionError("it never settles")


def connected(conversation: Conversation, installation: Installation, *, by: Any) -> tuple[Link, ConsoleTicket]:
    link = connect(conversation, installation, by=by)
    settle()
    link.refresh_from_db()
    return link, ConsoleTicket.objects.get(pk=link.external_id)


def touched(ticket: ConsoleTicket, **changes: Any) -> None:
    """An agent changed the ticket, and the tool tells."""
    for name, value in changes.items():
        setattr(ticket, name, value)
    ticket.version, ticket.updated_at = ticket.version + 1, timezone.now()
    ticket.save()
    hear(ticket.installation, [str(ticket.pk)])
    settle()


def told(ticket: ConsoleTicket) -> list[tuple[str, str, bool]]:
    """(who, what, whether customers see it) of each comment."""
    return list(ticket.comments.values_list("author_name", "text", "is_public"))
