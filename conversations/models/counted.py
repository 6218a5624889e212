"""What analytics keeps, all of which can be made anew from messages and events (`conversations/analytics`)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField, DateTimeRangeField
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace

IN_THE_BACKLOG = Func("began_at", "at", Value("(]"), function="tstzrange", output_field=DateTimeRangeField())
"""Of what left the backlog: the moments before which it had come and not yet gone."""


class Uncounted(models.Model):
    """A conversation that changed and is to be reckoned anew. Only ever added, in the transaction of the change, and
    taken away by who reckons: a row for each change, so that nobody waits for anybody."""

    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    conversation_id = models.BigIntegerField()
    is_anew = models.BooleanField(default=False, help_text="Not because it changed: everything is counted anew.")

    class Meta:
        verbose_name_plural = "uncounted"
        indexes = [models.Index(F("workspace"), F("is_anew"), F("id").desc(), name="uncounted_next")]

    def __str__(self) -> str:
        return f"conversation {self.conversation_id}"


class Fact(models.Model):
    """Something that a figure counts, once (`analytics.figures.Kind`). All of a conversation's are replaced together.

    `value`: seconds from `began_at` to `at`, or a number of replies; `working`: of the seconds, those in working hours.
    What left the backlog has been there since `began_at`, and no value.
    `day` and `hour` are those of the workspace's time zone. `due_at`: when a wait's answer was due. Ids of what may be
    deleted meanwhile have no constraint.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+", db_index=False)
    conversation = models.ForeignKey(
        "conversations.Conversation", on_delete=models.DO_NOTHING, db_constraint=False, related_name="facts"
    )
    kind = models.CharField(max_length=20)
    at = models.DateTimeField()
    began_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    day = models.DateField()
    hour = models.PositiveSmallIntegerField()
    owner_id = models.BigIntegerField(null=True)
    account_id = models.BigIntegerField(null=True)
    channel_id = models.BigIntegerField()
    tags = ArrayField(models.CharField(max_length=40), default=list)
    value = models.PositiveIntegerField(null=True)
    working = models.PositiveIntegerField(null=True)
    is_sample = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "day", "kind"], name="fact_of_day"),
            models.Index(fields=["workspace", "account_id", "day"], name="fact_of_account"),
            GistIndex(IN_THE_BACKLOG, condition=Q(kind="backlog_out"), name="fact_of_backlog"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} ({self.at:%Y-%m-%d %H:%M})"


class Span(models.TextChoices):
    DAY = "day", _("Day")
    MONTH = "month", _("Month")


class Tally(models.Model):
    """The facts of a day or a month added up: all of them, those of one owner, those of one account, channel or tag by
    who owned them, and those of one tag whoever did.

    `figures`: see `analytics.cells.Cell`; `sums` and `spreads`: less of it, in a form that the database can add up, see
    `analytics.briefs`. A month is only there while all of its days are as they were added up.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+", db_index=False)
    span = models.CharField(max_length=8, choices=Span.choices)
    day = models.DateField(help_text="The first of the span.")
    slice = models.CharField(max_length=8, help_text="all, owner, account, channel, tag or tagged")
    key = models.CharField(max_length=40, blank=True, help_text="The id or the tag; 0: none.")
    owner_id = models.BigIntegerField(default=0, help_text="0: nobody, or all of them.")
    figures = models.JSONField()
    sums = ArrayField(models.BigIntegerField(), default=list)
    spreads = ArrayField(models.TextField(), default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "slice", "key", "span", "day", "owner_id"], name="tally_once"),
        ]
        indexes = [models.Index(fields=["workspace", "span", "day", "slice"], name="tally_of_day")]

    def __str__(self) -> str:
        return f"{self.slice} {self.key}, {self.span} {self.day}"


class StaleDay(models.Model):
    """A day whose tallies are to be added up anew."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "day"], name="stale_day_once")]

    def __str__(self) -> str:
        return f"{self.day}"


class Ledger(models.Model):
    """How far a workspace's counting is, and by which clocks. With another time zone or other working hours everything
    is counted anew. `calendar`: see `triage.reckoning`; empty: all hours count."""

    workspace = models.OneToOneField(Workspace, on_delete=models.CASCADE, related_name="ledger")
    time_zone = models.CharField(max_length=64)
    calendar = models.JSONField(default=dict)
    counted_until = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"Figures of {self.workspace}"
