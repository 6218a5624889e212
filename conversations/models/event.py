"""Something that happened."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Contact, User, Workspace
from conversations.models.message import Message


class EventKind(models.TextChoices):
    OPENED = "opened", "Opened"
    MESSAGE_ADDED = "message_added", "Message added"
    MESSAGE_EDITED = "message_edited", "Message edited"
    MESSAGE_DELETED = "message_deleted", "Message deleted"
    MESSAGES_MOVED_IN = "messages_moved_in", "Messages moved here"
    MESSAGES_MOVED_OUT = "messages_moved_out", "Messages moved away"
    SPLIT_OFF = "split_off", "Split off"
    MERGED = "merged", "Merged"
    CORRECTION_UNDONE = "correction_undone", "Correction undone"
    REPLY_WRITTEN = "reply_written", "Reply written"
    REPLY_CHANGED = "reply_changed", "Reply changed"
    DESCRIBED = "described", "Described"
    PRIORITY_CHANGED = "priority_changed", "Priority changed"
    TAGS_CHANGED = "tags_changed", "Tags changed"
    SNOOZED = "snoozed", "Snoozed"
    WOKEN = "woken", "No longer snoozed"
    REMINDED = "reminded", "Reminded"
    NOTE_ADDED = "note_added", "Note added"
    STATUS_CHANGED = "status_changed", "Status changed"
    OWNER_CHANGED = "owner_changed", "Owner changed"
    ACCOUNT_CHANGED = "account_changed", "Account changed"
    LINKED = "linked", "Connected with a ticket"
    UNLINKED = "unlinked", "No longer connected with a ticket"


class ConversationEvent(models.Model):
    """Something that happened; append-only. The timeline, the figures' source, and its own outbox
    (`published_at` is empty until the followers have been told)."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="events")
    conversation = models.ForeignKey("conversations.Conversation", on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=32, choices=EventKind.choices)
    message = models.ForeignKey(Message, on_delete=models.SET_NULL, null=True, blank=True, related_name="events")
    by_user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    by_contact = models.ForeignKey(Contact, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    by_rule = models.CharField(max_length=32, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    data = models.JSONField(default=dict, blank=True)
    happened_at = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    published_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["happened_at", "pk"]
        indexes = [
            models.Index(fields=["id"], condition=Q(published_at__isnull=True), name="event_unpublished"),
            models.Index(fields=["conversation", "happened_at", "id"], name="event_timeline"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.happened_at:%Y-%m-%d %H:%M})"

    @property
    def by_name(self) -> str:
        who = self.by_user or self.by_contact
        return who.name if who else ("Pylon" if self.by_rule else "")
