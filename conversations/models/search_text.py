"""What search reads."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from accounts.models import Workspace
from conversations.models.conversation import Conversation
from conversations.models.message import Message


class SearchText(models.Model):
    """The words of one message or, without one, of a conversation's own text: its title, summary, tags, account and
    channel. A table of its own, so that moving a card never touches a text index.

    Written by the database's triggers alone (migration 0011): whoever writes a message, by whatever way, can't forget
    it, and a deleted message is out of it in the same transaction.
    """

    workspace = models.ForeignKey(
        Workspace, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    conversation = models.ForeignKey(
        Conversation, on_delete=models.DO_NOTHING, db_constraint=False, related_name="search_texts"
    )
    message = models.OneToOneField(
        Message, on_delete=models.DO_NOTHING, db_constraint=False, null=True, related_name="search_text"
    )
    words = SearchVectorField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conversation"], condition=models.Q(message=None), name="search_text_own_once"
            ),
        ]
        indexes = [GinIndex(fields=["words"], name="search_text_words")]

    def __str__(self) -> str:
        return f"message {self.message_id}" if self.message_id else f"conversation {self.conversation_id}"
