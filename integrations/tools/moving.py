"""What becomes of a link when its conversation is merged into another one, split, or that is taken back.

Merged: the link goes along, and the other's messages go over; where the other has a ticket of its own in that tool,
this one is told so and its link ends. Split or moved: what goes away stays in the ticket, which is told where the
rest is. Taken back: the link goes back too.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import QuerySet

from conversations.models import Automatic, Conversation, ConversationEvent, EventKind
from conversations.regrouping import follow_merges
from integrations.models import Link, LinkKind
from integrations.tools.ending import LinkEnd
from integrations.tools.locking import lock
from integrations.tools.planning import tell
from integrations.tools.showing import show_links
from integrations.tools.wording import page

MOVED = {EventKind.SPLIT_OFF, EventKind.MESSAGES_MOVED_OUT}


def settle(link: Link) -> None:
    """Have a link be where its conversation's messages are."""
    home = _home(link)
    if home is None or home.pk == link.conversation_id:
        return
    with transaction.atomic():
        lock(link, home)
        link.refresh_from_db()
        if link.ended_at or _home(link) != home:
            return  # somebody was quicker: it is due again
        if _active(home).filter(installation=link.installation_id).exists():
            text = f"This conversation was merged into #{home.number}, which has a ticket of its own: {page(home)}"
            tell(link, f"merged {home.pk}", text, ends=True)
            return
        former, link.conversation = link.conversation, home
        link.save(update_fields=["conversation"])
        link.deliveries.update(conversation=home)
        by = Automatic(link.installation.provider, f"Went along with #{former.number}")
        show_links(former, by=by)
        show_links(home, by=by)


def revive_after(events: Sequence[ConversationEvent]) -> None:
    """Corrections were taken back: links that had ended with a merge live again."""
    apart = {event.conversation_id for event in events if event.kind == EventKind.CORRECTION_UNDONE}
    if not apart:
        return
    ended = Link.objects.filter(conversation__in=apart, kind=LinkKind.TICKET, ended_because=LinkEnd.MERGED)
    for link in ended.filter(conversation__merged_into=None).exclude(ended_at=None).select_related("conversation"):
        lock(link)
        if not _active(link.conversation).filter(installation=link.installation_id).exists():
            # Merged again, it is told again.
            link.linked_messages.filter(key__startswith="merged ").update(key="")
            Link.objects.filter(pk=link.pk).update(ended_at=None, ended_because="")
            show_links(link.conversation, by=Automatic(link.installation.provider, "The merge was taken back"))


def tell_moves(events: Sequence[ConversationEvent]) -> None:
    """Have the tickets told of messages that went elsewhere."""
    moves = [event for event in events if event.kind in MOVED and "other" in event.data]
    for event in moves:
        links = list(_active(event.conversation))
        other = Conversation.objects.filter(workspace=event.workspace_id, number=event.data["other"]).first()
        if links and other and not other.is_unsorted:
            count = event.data.get("count", 1)
            what = "A message was" if count == 1 else f"{count} messages were"
            for link in links:
                tell(link, f"moved {event.pk}", f"{what} moved to #{other.number}: {page(other)}")


def _home(link: Link) -> Conversation | None:
    """Back where it began once that holds messages again, else where its conversation was merged to."""
    origin = link.origin
    is_apart = origin is not None and origin.pk != link.conversation_id and origin.merged_into_id is None
    if origin and is_apart and not _active(origin).filter(installation=link.installation_id).exists():
        return origin
    return follow_merges(link.conversation) if link.conversation.merged_into_id else None


def _active(conversation: Conversation) -> QuerySet[Link]:
    return Link.objects.filter(conversation=conversation, kind=LinkKind.TICKET, ended_at=None)
