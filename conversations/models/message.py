"""One utterance."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Channel, Contact, User, Workspace
from conversations.excerpts import excerpt_of, is_telling, one_line, title_of


class MessageKind(models.TextChoices):
    INBOUND = "inbound", _("From the customer")
    OUTBOUND = "outbound", _("From us")
    NOTE = "note", _("Internal note")


GONE = "Message deleted"
"""What stands in the place of a deleted message."""


class Message(models.Model):
    """One utterance. (channel, ts) is its natural key; a note written on the web has neither."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="messages")
    conversation = models.ForeignKey("conversations.Conversation", on_delete=models.CASCADE, related_name="messages")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, null=True, blank=True, related_name="messages")
    ts = models.CharField(  # noqa: DJ001 - unique in the channel where there is one
        max_length=32, null=True, blank=True, help_text="Slack's time stamp, the id in its channel."
    )
    thread_ts = models.CharField(  # noqa: DJ001 - as above
        max_length=32, null=True, blank=True, help_text="The thread's root, if in one."
    )
    kind = models.CharField(max_length=16, choices=MessageKind.choices)
    text = models.TextField(blank=True)
    html = models.TextField(
        blank=True, editable=False, help_text="The text with its marks, as HTML that is safe to show. Empty: plain."
    )
    files = models.JSONField(default=list, blank=True, help_text="Name, type, size and address of each file.")
    author_user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="messages")
    author_contact = models.ForeignKey(
        Contact, on_delete=models.SET_NULL, null=True, blank=True, related_name="messages"
    )
    author_name = models.CharField(max_length=120, blank=True)
    sent_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # Why it is in this conversation; the runner-up is what grouping would have chosen next.
    grouping_rule = models.CharField(max_length=32, blank=True)
    grouping_reason = models.CharField(max_length=300, blank=True)
    grouping_score = models.FloatField(null=True, blank=True)
    grouping_runner_up = models.ForeignKey(
        "conversations.Conversation", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["sent_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["channel", "ts"], name="message_ts_once_in_channel")]
        indexes = [
            models.Index(F("channel"), F("sent_at").desc(), name="message_recent"),
            models.Index(
                fields=["channel", "thread_ts"],
                condition=Q(thread_ts__isnull=False),
                name="message_of_thread",
            ),
            models.Index(fields=["conversation", "sent_at", "id"], name="message_timeline"),
        ]

    def __str__(self) -> str:
        return f"{self.author_name}: {'(deleted)' if self.deleted_at else self.text[:60]}"

    @property
    def author_key(self) -> str:
        return author_key(self.author_user_id, self.author_contact_id, self.author_name)

    @property
    def heading(self) -> str:
        """The title of the conversation that it opens."""
        return GONE if self.deleted_at else title_of(self.text) or one_line(self.files_line, 120)

    @property
    def is_telling(self) -> bool:
        """Whether it says what the matter is: a greeting doesn't, nor do files alone."""
        return not self.deleted_at and is_telling(self.text)

    @property
    def excerpt(self) -> str:
        """What a card shows of it."""
        return GONE if self.deleted_at else excerpt_of(self.text) or self.files_line

    @property
    def files_line(self) -> str:
        """What stands on a card for a message of files only."""
        return one_line(", ".join(str(file.get("name") or "file") for file in self.files), 300)


def author_key(user_id: int | None, contact_id: int | None, name: str) -> str:
    """One string per speaker, for grouping. An app that speaks for nobody goes by its name."""
    if user_id:
        return f"user:{user_id}"
    return f"contact:{contact_id}" if contact_id else f"name:{name}"
