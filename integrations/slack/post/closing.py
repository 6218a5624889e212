"""Who or what closed a conversation, when and why, in a line."""

from __future__ import annotations

from conversations.excerpts import one_line
from conversations.models import ConversationEvent, MessageKind
from integrations.slack.post.words import date, fitted

ACKNOWLEDGED = "Acknowledged in Slack"
"""The reason that the button gives for closing."""
QUOTED, REASON = 160, 600


def closing(event: ConversationEvent | None, *, is_hidden: bool) -> str:
    """`event`: the newest change of the status, with `message` and `by_user`. What was said is left out where people
    from outside would read it."""
    if event is None:
        return "Closed"
    return f"Closed: {_because(event, is_hidden=is_hidden)}  ·  {date(event.happened_at)}"


def _because(event: ConversationEvent, *, is_hidden: bool) -> str:
    if event.by_user:
        did = "acknowledged it" if event.reason == ACKNOWLEDGED else "closed it"
        return fitted(f"{event.by_user.name} {did}", REASON)
    said = event.message
    if said and said.kind == MessageKind.OUTBOUND:
        if is_hidden or said.deleted_at or not said.text.strip():
            return fitted(f"{said.author_name} replied", REASON)
        return fitted(f"{said.author_name} replied “{one_line(said.text, QUOTED)}”", REASON)
    return "nothing was asked" if is_hidden or not event.reason else fitted(event.reason, REASON)
