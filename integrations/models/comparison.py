"""Both sides of a tool's links compared, and what was found to differ."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from integrations.models.installation import Installation
from integrations.models.link import Link


class Comparison(models.Model):
    """One run over the links of an installation, in batches: `reached` is the last link that was looked at."""

    installation = models.ForeignKey(Installation, on_delete=models.CASCADE, related_name="comparisons")
    started_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    total = models.PositiveIntegerField(default=0)
    compared = models.PositiveIntegerField(default=0)
    reached = models.BigIntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now, help_text="When to go on.")
    trouble = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["installation"], condition=Q(finished_at=None), name="comparison_one_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.installation}, {self.created_at:%Y-%m-%d %H:%M}"


class DifferenceKind(models.TextChoices):
    MISSING_THERE = "missing_there", _("Missing in the tool")
    MISSING_HERE = "missing_here", _("Missing here")
    WORDING = "wording", _("Other words")
    STATUS = "status", _("Another status")
    OWNER = "owner", _("Another owner")
    GONE = "gone", _("The ticket is gone")


class Difference(models.Model):
    """`subject`: the message's id of what is missing in the tool, the comment's of what is missing
    here, or worded otherwise. `ours` and `theirs`: in words."""

    comparison = models.ForeignKey(Comparison, on_delete=models.CASCADE, related_name="differences")
    link = models.ForeignKey(Link, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=16, choices=DifferenceKind.choices)
    subject = models.CharField(max_length=128, blank=True)
    ours = models.CharField(max_length=300, blank=True)
    theirs = models.CharField(max_length=300, blank=True)
    mended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.ours or self.theirs}"
