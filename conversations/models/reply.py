"""What a teammate writes to the customer from here."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User, Workspace
from conversations.announce import announce
from conversations.models.message import Message


class ReplyState(models.TextChoices):
    WAITING = "waiting", _("Can still be taken back")
    SENDING = "sending", _("On its way")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Not sent")
    TAKEN_BACK = "taken_back", _("Taken back")


class Reply(models.Model):
    """A reply that a person wrote, previewed and sent. Becomes a Message when the other system has taken it.

    `key` is the browser's own id of the form: sent twice, it is one reply.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="replies")
    conversation = models.ForeignKey("conversations.Conversation", on_delete=models.CASCADE, related_name="replies")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="replies")
    key = models.UUIDField()
    text = models.TextField()
    thread_ts = models.CharField(max_length=32, blank=True, help_text="The thread that it goes to; empty: the channel.")
    state = models.CharField(max_length=16, choices=ReplyState.choices, default=ReplyState.WAITING)
    error = models.CharField(max_length=300, blank=True)
    message = models.OneToOneField(Message, on_delete=models.SET_NULL, null=True, blank=True, related_name="reply")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    send_after = models.DateTimeField(help_text="Until then it can be taken back.")

    class Meta:
        verbose_name_plural = "replies"
        constraints = [models.UniqueConstraint(fields=["author", "key"], name="reply_once")]
        indexes = [
            models.Index(fields=["conversation", "created_at"], condition=~Q(state="sent"), name="reply_under_way")
        ]

    def __str__(self) -> str:
        return f"{self.author}: {self.text[:60]}"

    @property
    def seconds_left(self) -> float:
        """In which it can still be taken back."""
        return max(0.0, (self.send_after - timezone.now()).total_seconds())

    def may_be_changed_by(self, user: User) -> bool:
        is_theirs = user.may_change and (self.author_id == user.pk or user.is_admin)
        return is_theirs and user.is_active and user.workspace_id == self.workspace_id

    def move(self, states: Collection[str], to: str, *, is_sent: bool, **changes: Any) -> bool:
        """Change the state, if it is one of `states`; `is_sent`: whether it must be a message already.

        False when somebody else was quicker. Either way the row is read afresh.
        """
        mine = Reply.objects.filter(pk=self.pk, state__in=states, message__isnull=not is_sent)
        moved = mine.update(state=to, **changes) == 1
        self.refresh_from_db()
        if moved:
            announce(self.workspace_id, [self.conversation.merged_into_id or self.conversation_id])
        return moved
