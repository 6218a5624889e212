"""In which order rows are locked: the conversation, as for all that is done to it, then the link."""

from __future__ import annotations

from conversations.models import Conversation
from integrations.models import Link


def lock(link: Link, *others: Conversation) -> None:
    """Within a transaction. Nothing is read afresh. `others`: conversations that it may go to."""
    ids = {link.conversation_id, *(one.pk for one in others)}
    list(Conversation.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values_list("pk"))
    Link.objects.select_for_update(no_key=True).get(pk=link.pk)
