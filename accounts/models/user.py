"""Teammates, what they may do, and how they come in."""

from __future__ import annotations

from datetime import time
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.workspace import Workspace


class Role(models.TextChoices):
    """What a teammate may do in the workspace. The admin site is another matter: see `User.is_staff`."""

    ADMIN = "admin", _("Admin")
    MEMBER = "member", _("Member")
    READER = "reader", _("Read-only")


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)

    def create_user(
        self, email: str | None, password: str | None = None, *, workspace: Workspace, **fields: Any
    ) -> User:
        user = self.model(email=self.normalize_email(email).lower() or None, workspace=workspace, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """The first person of an installation. Makes the workspace when there is none yet."""
        workspace = Workspace.objects.order_by("pk").first() or Workspace.objects.create(name="Our team")
        fields.setdefault("name", email.partition("@")[0])
        fields.setdefault("role", Role.ADMIN)
        return self.create_user(email, password, workspace=workspace, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A teammate. May be seen in Slack long before signing in; then there is no usable password."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="users")
    email = models.EmailField(null=True, blank=True, unique=True)
    name = models.CharField(max_length=120)
    external_id = models.CharField(  # noqa: DJ001 - unique in the workspace where there is one
        "Slack user id", max_length=64, null=True, blank=True
    )
    external_team_id = models.CharField("Slack team id", max_length=64, blank=True)
    is_guest = models.BooleanField("guest of our Slack team", default=False)
    role = models.CharField(max_length=16, choices=Role.choices, default=Role.MEMBER)
    signs_in_as = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="seats",
        help_text="The row with the e-mail address and password by which this person comes in; empty: this one.",
    )  # fmt: skip
    avatar_url = models.URLField(max_length=500, blank=True)
    profile_read_at = models.DateTimeField(null=True, blank=True, editable=False)
    language = models.CharField(max_length=16, blank=True, help_text="Of the pages; empty: the browser’s.")
    read_before_at = models.DateTimeField(
        default=timezone.now, help_text="Everything that happened before counts as read."
    )
    time_zone = models.CharField(max_length=64, blank=True, help_text="As Europe/Berlin; empty: the workspace’s.")
    away_from = models.DateTimeField(null=True, blank=True)
    away_until = models.DateTimeField(null=True, blank=True)
    stand_in = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="stands_in_for",
        help_text="Who gets new conversations while this teammate is away or inactive.",
    )  # fmt: skip
    quiet_from = models.TimeField(null=True, blank=True, help_text="No direct messages from then, in their own time.")
    quiet_until = models.TimeField(null=True, blank=True)
    digest_at = models.TimeField(
        null=True, blank=True, default=time(8, 30), help_text="When the daily digest comes; empty: never."
    )
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField("may use the admin", default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = "teammate"
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_once_in_any_case"),
            models.UniqueConstraint(fields=["workspace", "external_id"], name="user_external_id_once"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.partition(" ")[0]

    @property
    def is_admin(self) -> bool:
        """Whether they may change how the workspace is set up."""
        return self.role == Role.ADMIN

    @property
    def may_change(self) -> bool:
        """Whether they may change anything: who may only read may not."""
        return self.role != Role.READER


class Invitation(models.Model):
    """A seat offered by e-mail address. Holds the hash of what the link carries; taken up once."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=16, choices=Role.choices, default=Role.MEMBER)
    digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    expires_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True, editable=False)
    send_error = models.CharField(max_length=200, blank=True, editable=False)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                "workspace", Lower("email"),
                condition=Q(accepted_at__isnull=True, revoked_at__isnull=True),
                name="invitation_open_once",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.email} as {self.get_role_display()}"
