"""The workspace's own corrections as labels: how often today's rule would have decided as the person did.

Each was once decided otherwise, so that what decided then scores 0.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from accounts.models import Workspace
from conversations import grouping
from conversations.decision import BY_PERSON, Known, Spoken
from conversations.intake import settings_of
from conversations.linking_features import WINDOW
from conversations.linking_reading import TEXT_LIMIT
from conversations.models import Correction, CorrectionKind, Message, MessageKind


def score_corrections(workspace: Workspace) -> dict[CorrectionKind, tuple[int, int]]:
    """By kind: how many decisions were corrected, and in how many of them today's rule agrees with the person.

    Of a message that has been moved again since, or taken back, nothing is known. What people corrected earlier is
    seen as it stands, but not that they did.
    """
    corrected, agreed = Counter[CorrectionKind](), Counter[CorrectionKind]()
    found = Correction.objects.filter(workspace=workspace, undone_at=None).select_related("target__channel__workspace")
    for correction in found.order_by("created_at").iterator(chunk_size=100):
        kind = CorrectionKind(correction.kind)
        for message, expected in _labels(correction):
            corrected[kind] += 1
            agreed[kind] += _decide(message) == expected
    return {kind: (corrected[kind], agreed[kind]) for kind in CorrectionKind}


def _labels(correction: Correction) -> Iterator[tuple[Message, int | None]]:
    """Messages outside threads and the conversation that each belongs to; None: it begins one."""
    ids = [int(pk) for pk, before in correction.before.items() if before.get("rule") not in {None, "thread", BY_PERSON}]
    moved = Message.objects.filter(pk__in=ids, conversation=correction.target_id, thread_ts=None)
    said = Message.objects.filter(conversation=correction.target_id, thread_ts=None).exclude(kind=MessageKind.NOTE)
    for message in moved.select_related("channel__workspace", "conversation").order_by("sent_at", "pk"):
        has_begun = said.filter(sent_at__lt=message.sent_at).exists()
        if has_begun or correction.kind == CorrectionKind.SPLIT:
            yield message, correction.target_id if has_begun else None
        if correction.kind == CorrectionKind.MERGE:
            return  # only that its first message opened a conversation was put right


def _decide(message: Message) -> int | None:
    channel = message.channel
    if channel is None:
        return None
    before = Message.objects.filter(channel=channel, thread_ts=None, sent_at__lt=message.sent_at)
    recent = before.exclude(kind=MessageKind.NOTE).select_related("conversation").order_by("-sent_at", "-pk")[:WINDOW]
    utterance = grouping.Utterance(
        message.sent_at.timestamp(), message.author_key, message.kind == MessageKind.OUTBOUND, message.text, None,
        message.author_name,
    )  # fmt: skip
    spoken = [_spoken(one) for one in recent][::-1]
    closed = {
        one.conversation_id
        for one in recent
        if one.conversation.closed_at and one.conversation.closed_at <= message.sent_at
    }
    replies = Message.objects.filter(channel=channel, thread_ts__in=[one.key for one in spoken])
    replied = set(replies.filter(sent_at__lt=message.sent_at).values_list("thread_ts", flat=True))
    decision = grouping.group(
        utterance, spoken, known=Known(closed=closed, replied=replied), settings=settings_of(channel)
    )
    return decision.conversation if isinstance(decision.conversation, int) else None


def _spoken(message: Message) -> Spoken:
    place = None if message.conversation.is_unsorted else message.conversation_id
    is_ours = message.kind == MessageKind.OUTBOUND
    text = message.text[:TEXT_LIMIT]
    at = message.sent_at.timestamp()
    return Spoken(message.ts, at, message.author_key, text, place, is_ours, message.author_name)
