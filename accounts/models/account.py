"""Customer companies and their people."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.models.user import User
from accounts.models.workspace import Workspace


class Account(models.Model):
    """A customer company."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="accounts")
    name = models.CharField(max_length=120)
    domains = ArrayField(models.CharField(max_length=253), default=list, blank=True)
    tier = models.CharField(max_length=40, blank=True, help_text="As you call it, for instance Enterprise.")
    tags = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    external_team_id = models.CharField("Slack team id", max_length=64, blank=True)
    owner = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="owned_accounts")
    notes = models.TextField(blank=True, help_text="What the team should know. Customers never see it.")
    is_sample = models.BooleanField("sample data", default=False, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint("workspace", Lower("name"), name="account_name_once")]

    def __str__(self) -> str:
        return self.name


class AccountMerge(models.Model):
    """Two accounts that were one company. What moved is kept, so that it can be taken apart again.

    `moved`: see `accounts.merging`; `gone`: the fields of the account that was taken in, whose row is deleted.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="account_merges")
    kept = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="merges")
    gone = models.JSONField()
    gone_id = models.BigIntegerField(help_text="The id that the account had; its address leads to the one kept.")
    moved = models.JSONField(default=dict)
    by_user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["workspace", "gone_id"], name="account_merge_gone")]

    def __str__(self) -> str:
        return f"{self.gone.get('name')} into {self.kept}"


class AccountImport(models.Model):
    """A file of accounts that somebody looked at before applying it. `applied_at` is what applies it once."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="account_imports")
    token = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=120, help_text="Of the file.")
    table = models.JSONField(help_text="Its rows of texts; the first names the columns.")
    by_user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    applied_at = models.DateTimeField(null=True, blank=True)
    outcome = models.JSONField(default=dict, blank=True, help_text="How many were made, changed, left and refused.")

    def __str__(self) -> str:
        return self.name


class Contact(models.Model):
    """A person at an account."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="contacts")
    account = models.ForeignKey(Account, on_delete=models.SET_NULL, null=True, blank=True, related_name="contacts")
    name = models.CharField(max_length=120)
    email = models.EmailField(blank=True)
    title = models.CharField(max_length=120, blank=True, help_text="What they do there, as Slack has it.")
    time_zone = models.CharField(max_length=64, blank=True, help_text="As Europe/Berlin.")
    external_id = models.CharField("Slack user id", max_length=64)
    external_team_id = models.CharField("Slack team id", max_length=64, blank=True)
    is_guest = models.BooleanField("guest of our Slack team", default=False)
    avatar_url = models.URLField(max_length=500, blank=True)
    profile_read_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["workspace", "external_id"], name="contact_external_id_once")]

    def __str__(self) -> str:
        return self.name
