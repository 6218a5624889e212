"""How we are connected with other systems."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User, Workspace
from integrations.fields import EncryptedJSONField


class Provider(models.TextChoices):
    SLACK = "slack", "Slack"
    OPENAI = "openai", "Language model"
    ZENDESK = "zendesk", "Zendesk"
    INTERCOM = "intercom", "Intercom"
    SALESFORCE = "salesforce", "Salesforce"
    LINEAR = "linear", "Linear"
    CONSOLE = "console", "Console"


class SlackApp(models.Model):
    """The Slack app of this deployment, as pasted on the settings page. The environment's settings come first.

    `credentials`: client_secret, signing_secret and, for Socket Mode, app_token.
    """

    app_id = models.CharField(max_length=64, blank=True)
    client_id = models.CharField(max_length=64, unique=True)
    credentials = EncryptedJSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return self.app_id or self.client_id


class InstallState(models.Model):
    """One way through Slack's consent page: given out once, taken back once. Holds the state's hash."""

    digest = models.CharField(max_length=64, unique=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.user}, until {self.expires_at:%Y-%m-%d %H:%M}"


class Installation(models.Model):
    """A connected system of a workspace. For Slack: one Slack team in which our app is installed."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="installations")
    provider = models.CharField(max_length=16, choices=Provider.choices)
    external_id = models.CharField("team id", max_length=64)
    name = models.CharField(max_length=120, blank=True)
    url = models.URLField("address", blank=True, help_text="Where the other system's pages are.")
    enterprise_id = models.CharField(max_length=64, blank=True)
    app_id = models.CharField(max_length=64, blank=True)
    bot_id = models.CharField(max_length=64, blank=True)
    bot_user_id = models.CharField(max_length=64, blank=True)
    scopes = ArrayField(models.CharField(max_length=64), default=list, blank=True, help_text="What we were granted.")
    credentials = EncryptedJSONField(default=dict)
    credentials_expire_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When the token must have been exchanged for the next."
    )
    slack_app = models.ForeignKey(
        "SlackApp", on_delete=models.SET_NULL, null=True, blank=True, related_name="installations"
    )
    installed_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    history_capped_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When Slack was last seen to give 15 messages at most."
    )
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_because = models.CharField(max_length=200, blank=True)
    removed_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When a person disconnected the tool."
    )
    config = models.JSONField(
        default=dict, blank=True, help_text="Of a support tool: what goes over and how; see tools/config.py."
    )
    webhook_key = models.CharField(max_length=64, blank=True, help_text="Names the installation in webhooks’ address.")
    cursor = models.CharField(max_length=300, blank=True, editable=False, help_text="Up to where changes were read.")
    poll_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="When to ask for changes next.")
    paused_until = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Nothing is sent until then: it did not answer, or said so."
    )
    failures = models.PositiveSmallIntegerField(
        default=0, editable=False, help_text="Calls in a row without an answer."
    )
    paused_because = models.CharField(max_length=300, blank=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "external_id"], name="installation_once"),
            models.UniqueConstraint(
                fields=["webhook_key"], condition=~Q(webhook_key=""), name="installation_webhook_key_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_provider_display()}: {self.name or self.external_id}"
