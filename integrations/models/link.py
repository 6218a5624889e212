"""What belongs to what."""

from __future__ import annotations

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User, Workspace
from conversations.models import Conversation
from integrations.models.installation import Installation


class LinkKind(models.TextChoices):
    TRIAGE_POST = "triage_post", _("Triage post")
    THREAD = "thread", _("Internal thread")
    TICKET = "ticket", _("Ticket in a support tool")


class Link(models.Model):
    """A conversation's counterpart elsewhere. Of a triage post: `place` is the channel, `external_id` its ts; of an
    internal thread: `external_id` is its root's.

    Of a ticket: `external_id` is what the tool's API calls it, empty until it was made. `our_…` and `their_…` are what
    both sides were seen to be when they last agreed: what differs from them has changed since. A ticket's row is its
    own queue: `due_at` says when to look after it, `claimed_until` that somebody does.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="links")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="links")
    installation = models.ForeignKey(Installation, on_delete=models.CASCADE, related_name="links")
    kind = models.CharField(max_length=32, choices=LinkKind.choices)
    place = models.CharField(max_length=64, blank=True)
    external_id = models.CharField(max_length=128)
    drawn_version = models.PositiveIntegerField(default=0, help_text="The conversation's version last shown there.")
    told_message_id = models.BigIntegerField(
        default=0, help_text="Up to which message a triage post’s thread tells what was said."
    )
    ended_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="Since when it is kept up to date no more: it is shown elsewhere.",
    )
    ended_because = models.CharField(max_length=300, blank=True)
    key = models.UUIDField(default=uuid4, editable=False, help_text="By which a ticket is found that we have made.")
    number = models.CharField(max_length=64, blank=True, help_text="What people call the ticket.")
    url = models.CharField("address", max_length=500, blank=True)
    origin = models.ForeignKey(
        Conversation, on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="+",
        help_text="The conversation that was connected; after a merge the link is with another.",
    )  # fmt: skip
    linked_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="+",
        help_text="Who connected the ticket; empty: a rule did.",
    )  # fmt: skip
    due_at = models.DateTimeField(null=True, blank=True, editable=False)
    claimed_until = models.DateTimeField(null=True, blank=True, editable=False)
    heard_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When the tool told of a change that we have not read yet."
    )
    failures = models.PositiveSmallIntegerField(default=0, help_text="Tries in a row that failed.")
    trouble = models.CharField(max_length=300, blank=True, help_text="Why it is tried again, in words.")
    stopped_at = models.DateTimeField(null=True, blank=True, help_text="Since when it waits for a person.")
    stopped_because = models.CharField(max_length=300, blank=True)
    our_status = models.CharField(max_length=16, blank=True, editable=False)
    our_owner = models.CharField(max_length=254, blank=True, editable=False, help_text="E-mail address; empty: nobody.")
    their_status = models.CharField(max_length=64, blank=True, editable=False)
    their_owner = models.CharField(max_length=254, blank=True, editable=False)
    their_version = models.CharField(max_length=128, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["installation", "kind", "place", "external_id"], condition=~Q(kind="ticket"),
                name="link_counterpart_once",
            ),
            models.UniqueConstraint(
                fields=["conversation", "kind", "place"], condition=~Q(kind="ticket"), name="link_once_per_place"
            ),
            models.UniqueConstraint(
                fields=["conversation", "installation"], condition=Q(kind="ticket", ended_at=None),
                name="link_one_ticket_in_a_tool",
            ),
            models.UniqueConstraint(
                fields=["installation", "external_id"], condition=Q(kind="ticket", ended_at=None) & ~Q(external_id=""),
                name="link_ticket_once",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="link_due"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.external_id}"
