"""Threads of the team's own that are kept with a conversation: what is written in one becomes a note, and the other
way round."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext

from accounts.models import Channel, User
from accounts.roles import require_change
from conversations.models import Conversation
from integrations.models import Installation, Link, LinkKind
from triage.services import choosable_channels


def link_thread(*, conversation: Conversation, installation: Installation, channel: Channel, ts: str, by: User) -> Link:
    """Keep the thread under the message `ts` with the conversation, of which there is one in a channel, instead of
    what it was kept with before. Raises ValidationError, in words."""
    require_change(by)
    if {conversation.workspace_id, installation.workspace_id} != {by.workspace_id}:
        raise ValidationError(gettext("This conversation is of another workspace."))
    with transaction.atomic():
        # The channel's row first: Slack may be telling us at this moment that it became shared.
        if not choosable_channels(by.workspace_id).select_for_update().filter(pk=channel.pk).first():
            raise ValidationError(
                gettext("%(channel)s is not a channel of ours alone that Pylon is in.") % {"channel": channel}
            )
        here = Link.objects.filter(installation=installation, place=channel.external_id)
        post = here.filter(kind=LinkKind.TRIAGE_POST, external_id=ts).select_related("conversation").first()
        if post:
            raise ValidationError(
                gettext("This thread keeps the notes of #%(number)d already.") % {"number": post.conversation.number}
            )
        threads = here.filter(kind=LinkKind.THREAD)
        threads.filter(Q(conversation=conversation) ^ Q(external_id=ts)).delete()
        link, _ = threads.get_or_create(
            conversation=conversation, external_id=ts, kind=LinkKind.THREAD, place=channel.external_id,
            defaults={"installation": installation, "workspace_id": by.workspace_id},
        )  # fmt: skip
    return link


def threads_of(conversations: Collection[int]) -> dict[int, list[Link]]:
    """By conversation, also those of others that were merged into it."""
    mine = Q(conversation__in=conversations) | Q(conversation__merged_into__in=conversations)
    found: dict[int, list[Link]] = defaultdict(list)
    for link in Link.objects.filter(mine, kind=LinkKind.THREAD, ended_at=None).select_related("conversation"):
        found[link.conversation.merged_into_id or link.conversation_id].append(link)
    return found
