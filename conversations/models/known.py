"""What of an account's health somebody knows already."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, User, Workspace


class Sign(models.TextChoices):
    """By what an account is seen to need attention."""

    WAITING = "waiting", _("Waiting")
    SENTIMENT = "sentiment", _("Mood")
    SILENCE = "silence", _("Silence")
    VOLUME = "volume", _("Volume")


class KnownSign(models.Model):
    """A sign that a person has put aside for a while: until then it calls for nobody's attention."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="known_signs")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="known_signs")
    sign = models.CharField(max_length=16, choices=Sign.choices)
    until = models.DateTimeField()
    by_user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "sign"], name="known_sign_once")]

    def __str__(self) -> str:
        return f"{self.account}: {self.get_sign_display()}"
