"""Which message is which comment."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations.models import Message, Reply
from integrations.models.link import Link


class Direction(models.TextChoices):
    OUT = "out", _("From here")
    IN = "in", _("From the tool")


class LinkedMessage(models.Model):
    """One thing said, on both sides of a link. What has a row goes over no second time, in either direction.

    What we send gets its row before it is sent, with the `key` that it carries; `external_id` follows with the answer.
    What the tool tells gets its row with what was made of it: a note (`message`), or a `reply` to the customer, whose
    message follows. Neither: something that we told the tool ourselves, such as that conversations were merged.
    """

    link = models.ForeignKey(Link, on_delete=models.CASCADE, related_name="linked_messages")
    direction = models.CharField(max_length=8, choices=Direction.choices)
    message = models.ForeignKey(
        Message, on_delete=models.SET_NULL, null=True, blank=True, related_name="linked_messages"
    )
    reply = models.ForeignKey(Reply, on_delete=models.SET_NULL, null=True, blank=True, related_name="linked_messages")
    key = models.CharField(max_length=64, blank=True, help_text="What we sent carries it.")
    external_id = models.CharField(max_length=128, blank=True, help_text="The comment’s; empty: not heard of yet.")
    is_public = models.BooleanField(default=False, help_text="Whether customers can see it in the tool.")
    fingerprint = models.CharField(max_length=64, blank=True, help_text="Of the wording that both sides last had.")
    gone_at = models.DateTimeField(null=True, blank=True, help_text="When it was deleted on one side.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["link", "message"], condition=Q(message__isnull=False), name="linked_message_once"
            ),
            models.UniqueConstraint(
                fields=["link", "external_id"], condition=~Q(external_id=""), name="linked_comment_once"
            ),
            models.UniqueConstraint(fields=["link", "key"], condition=~Q(key=""), name="linked_key_once"),
        ]

    def __str__(self) -> str:
        return f"{self.external_id or self.key} ({self.get_direction_display()})"
