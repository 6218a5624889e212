"""Signing in to a support tool by OAuth: a workspace's own app there, and the ways through the tool's consent page."""

from __future__ import annotations

from django.db import models

from accounts.models import User, Workspace
from integrations.fields import EncryptedJSONField
from integrations.models.installation import Provider


class ToolApp(models.Model):
    """A workspace's own OAuth app in a support tool. `entered`: client_id, client_secret, and what its form asks
    besides."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    provider = models.CharField(max_length=16, choices=Provider.choices)
    entered = EncryptedJSONField(default=dict)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "provider"], name="tool_app_once")]

    def __str__(self) -> str:
        return self.get_provider_display()


class Consent(models.Model):
    """One way through a tool's consent page: given out once, taken back once. Holds hashes of the state and of the
    browser session that began it. `carried`: the app as it was then, and the PKCE verifier."""

    digest = models.CharField(max_length=64, unique=True)
    session = models.CharField(max_length=64)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    provider = models.CharField(max_length=16, choices=Provider.choices)
    carried = EncryptedJSONField(default=dict)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.user}, until {self.expires_at:%Y-%m-%d %H:%M}"
