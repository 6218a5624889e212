"""What a rule would do, before it is saved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from conversations.models import Conversation
from triage.models import TriageChannel
from triage.routing import Facts, Filter, places

LAST = timedelta(days=30)
MOST = 2_000
"""Conversations that are looked at; of more the newest."""


@dataclass(frozen=True, slots=True)
class Preview:
    """Of the last month's conversations: how many would land in the draft's channel, by channel where they are now,
    and some of them."""

    seen: int
    landing: int
    before: dict[str, int]
    examples: list[Conversation]
    nowhere: int


def facts_of(conversation: Conversation) -> Facts:
    """`account` is best read along."""
    account = conversation.account
    return Facts(
        status=conversation.status, priority=conversation.priority, channel=conversation.channel_id,
        owner=conversation.owner_id, account=conversation.account_id, tier=account.tier if account else "",
        tags=frozenset(conversation.tags) | frozenset(account.tags if account else ()),
    )  # fmt: skip


def preview(workspace_id: int, *, channel_id: int, draft: Filter | None) -> Preview:
    """With `draft` as the filter of that channel (None: as the general one) and all others as they are."""
    chosen = list(TriageChannel.objects.filter(workspace=workspace_id).select_related("channel"))
    names = {triage.channel_id: str(triage.channel) for triage in chosen}
    now = {triage.channel_id: Filter.read(triage.filter) for triage in chosen if not triage.is_general}
    general = next((triage.channel_id for triage in chosen if triage.is_general), None)
    drafted = {pk: shown for pk, shown in now.items() if pk != channel_id}
    if draft is not None:
        drafted[channel_id] = draft
    drafted_general = channel_id if draft is None else None if general == channel_id else general
    recent = Conversation.objects.filter(
        workspace=workspace_id, is_unsorted=False, merged_into=None, last_message_at__gte=timezone.now() - LAST
    )
    seen = landing = nowhere = 0
    before: dict[str, int] = {}
    examples: list[Conversation] = []
    for conversation in recent.select_related("account", "owner").order_by("-last_message_at")[:MOST]:
        facts = facts_of(conversation)
        seen += 1
        after = places(facts, drafted, general=drafted_general)
        nowhere += not after
        if channel_id not in after:
            continue
        landing += 1
        examples += [conversation] if len(examples) < 8 else []
        for name in [names[place] for place in places(facts, now, general=general)] or ["nowhere"]:
            before[name] = before.get(name, 0) + 1
    return Preview(seen, landing, before, examples, nowhere)
