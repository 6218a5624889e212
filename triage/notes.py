"""Internal notes that are seen in two places."""

from __future__ import annotations

from django.db import transaction

from accounts.models import Channel
from conversations.models import Message


def remember_place(note: Message, *, channel_id: str, ts: str) -> None:
    """A note written on the web now stands in a triage channel too: what happens to it there is known by that. In
    several channels, the first counts."""
    with transaction.atomic():
        channel = Channel.objects.filter(workspace=note.workspace_id, external_id=channel_id).first()
        if channel:
            Message.objects.filter(pk=note.pk, ts=None).update(channel=channel, ts=ts)
