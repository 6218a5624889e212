"""Tell whoever listens that conversations changed, after the commit.

An announcement may be lost (the process dies, Redis is away); the ConversationEvent rows may not, and a sweep
publishes what was missed.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.dispatch import Signal

conversations_changed = Signal()
"""Sent after the commit with `workspace_id: int` and `conversation_ids: list[int]`."""


def announce(workspace_id: int, conversation_ids: Sequence[int]) -> None:
    """After the commit. What a listener raises is logged and keeps it neither from the caller nor from the others.

    With the commit the figures know that these are to be counted anew.
    """
    leave_to_be_counted(workspace_id, conversation_ids)
    transaction.on_commit(
        partial(
            conversations_changed.send_robust,
            sender=None,
            workspace_id=workspace_id,
            conversation_ids=list(conversation_ids),
        )
    )


def leave_to_be_counted(workspace_id: int, conversation_ids: Sequence[int]) -> None:
    """A row of `models.Uncounted` for each. By the table's name: the models announce themselves."""
    with connection.cursor() as cursor:
        cursor.execute(_UNCOUNTED, [workspace_id, list(conversation_ids)])


def on_deleted(instance: Any, **_: Any) -> None:
    """A conversation is gone, and counts no more."""
    leave_to_be_counted(instance.workspace_id, [instance.pk])


_UNCOUNTED = """
    INSERT INTO conversations_uncounted (workspace_id, conversation_id, is_anew) SELECT %s, unnest(%s::bigint[]), false
"""
