"""What goes out."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace
from conversations.models import Conversation, ConversationEvent, Reply
from integrations.models.installation import Installation
from integrations.models.link import Link


class DeliveryKind(models.TextChoices):
    TRIAGE_POST = "triage_post", _("Triage post")
    ANSWER = "answer", _("Answer to a click or command")
    DIALOG = "dialog", _("Dialog")
    HOME = "home", _("Home tab")
    REPLY = "reply", _("Reply to the customer")
    REPLY_EDIT = "reply_edit", _("Changed reply")
    REPLY_DELETE = "reply_delete", _("Deleted reply")
    NOTE = "note", _("Internal note, in a triage post’s thread")
    STORY = "story", _("What was said, in a triage post’s thread")
    REMINDER = "reminder", _("Reminder, in a triage post’s thread")
    DIRECT_MESSAGE = "direct_message", _("Direct message")
    WEEKLY = "weekly", _("Weekly summary")
    TICKET = "ticket", _("New ticket")
    TICKET_COMMENT = "ticket_comment", _("Comment on a ticket")
    TICKET_EDIT = "ticket_edit", _("Changed comment on a ticket")
    TICKET_DELETE = "ticket_delete", _("Deleted comment on a ticket")
    TICKET_STATUS = "ticket_status", _("Status of a ticket")
    TICKET_OWNER = "ticket_owner", _("Owner of a ticket")


class DeliveryState(models.TextChoices):
    PENDING = "pending", _("Waiting")
    SENDING = "sending", _("In flight")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


class Delivery(models.Model):
    """One send to one system, with what was sent and what came back.

    A triage post has at most one waiting row per conversation and place: it draws the newest state when sent,
    so that a burst of changes costs one call.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="deliveries")
    installation = models.ForeignKey(Installation, on_delete=models.CASCADE, related_name="deliveries")
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, null=True, blank=True, related_name="deliveries"
    )
    event = models.ForeignKey(
        ConversationEvent, on_delete=models.SET_NULL, null=True, blank=True, related_name="deliveries"
    )
    kind = models.CharField(max_length=32, choices=DeliveryKind.choices)
    place = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=16, choices=DeliveryState.choices, default=DeliveryState.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    claimed_at = models.DateTimeField(null=True, blank=True)
    reply = models.ForeignKey(Reply, on_delete=models.CASCADE, null=True, blank=True, related_name="deliveries")
    link = models.ForeignKey(
        Link, on_delete=models.CASCADE, null=True, blank=True, related_name="deliveries",
        help_text="The ticket that it is for: those of one ticket go out in their order, one at a time.",
    )  # fmt: skip
    request = models.JSONField(default=dict, blank=True)
    response = models.JSONField(default=dict, blank=True)
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "kind", "place"],
                condition=Q(state="pending", kind__in=["triage_post", "story"]),
                name="delivery_waiting_once",
            ),
            models.UniqueConstraint(
                fields=["installation", "place"],
                condition=Q(state="pending", kind="home"),
                name="delivery_home_once",
            ),
            models.UniqueConstraint(
                fields=["link", "kind"],
                condition=Q(state="pending", kind__in=["ticket", "ticket_status", "ticket_owner"]),
                name="delivery_of_link_once",
            ),
        ]
        indexes = [
            models.Index(F("next_attempt_at"), condition=Q(state__in=["pending", "sending"]), name="delivery_due"),
            models.Index(fields=["link", "id"], condition=Q(link__isnull=False), name="delivery_of_link"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.get_state_display()})"
