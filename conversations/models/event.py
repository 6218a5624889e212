"""Something that happened."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Contact, User, Workspace
from conversations.models.message import Message


class EventKind(models.TextChoices):
    OPENED = "opened", _("Opened")
    MESSAGE_ADDED = "message_added", _("Message added")
    MESSAGE_EDITED = "message_edited", _("Message edited")
    MESSAGE_DELETED = "message_deleted", _("Message deleted")
    MESSAGES_MOVED_IN = "messages_moved_in", _("Messages moved here")
    MESSAGES_MOVED_OUT = "messages_moved_out", _("Messages moved away")
    SPLIT_OFF = "split_off", _("Split off")
    MERGED = "merged", _("Merged")
    CORRECTION_UNDONE = "correction_undone", _("Correction undone")
    REPLY_WRITTEN = "reply_written", _("Reply written")
    REPLY_CHANGED = "reply_changed", _("Reply changed")
    DESCRIBED = "described", _("Described")
    PRIORITY_CHANGED = "priority_changed", _("Priority changed")
    TAGS_CHANGED = "tags_changed", _("Tags changed")
    SNOOZED = "snoozed", _("Snoozed")
    WOKEN = "woken", _("No longer snoozed")
    REMINDED = "reminded", _("Reminded")
    NOTE_ADDED = "note_added", _("Note added")
    STATUS_CHANGED = "status_changed", _("Status changed")
    OWNER_CHANGED = "owner_changed", _("Owner changed")
    ACCOUNT_CHANGED = "account_changed", _("Account changed")
    LINKED = "linked", _("Connected with a ticket")
    UNLINKED = "unlinked", _("No longer connected with a ticket")


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
