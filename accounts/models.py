"""Who we serve and who we are. Every row belongs to one Workspace; ids given by Slack are `external_id`."""

from __future__ import annotations

from datetime import time
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class ReactionAction(models.TextChoices):
    """What a teammate's emoji on a message does."""

    CLOSE = "close", _("Close the conversation")
    START = "start", _("Set it to In Progress")
    REOPEN = "reopen", _("Set it to To Do")
    OPEN = "open", _("Open a conversation of its own")


def default_reactions() -> dict[str, str]:
    return {
        "white_check_mark": ReactionAction.CLOSE.value,
        "eyes": ReactionAction.START.value,
        "ticket": ReactionAction.OPEN.value,
    }


class Grouping(models.TextChoices):
    """How the messages of a channel are put together into conversations."""

    AUTOMATIC = "automatic", _("Automatic: by what is said")
    QUIET_PERIOD = "quiet_period", _("By a quiet period")
    EACH_MESSAGE = "each_message", _("Every message its own")
    THREADS = "threads", _("Threads only")
    MANUAL = "manual", _("By hand, with an emoji")


class AppPosts(models.TextChoices):
    """Whose apps' posts in a customer's channel are captured. Pylon's own never are."""

    CUSTOMERS = "customers", _("Workflow forms and customers’ apps")
    ALL = "all", _("Those and other apps of ours")
    NONE = "none", _("None")


class Workspace(models.Model):
    """The support team's own space: the root that every query starts from."""

    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=64, default="UTC", help_text="As Europe/Berlin.")
    email_domains = ArrayField(
        models.CharField(max_length=253),
        default=list,
        blank=True,
        help_text="Our own domains. When set, people of our Slack workspace with another address count as customers.",
    )
    quiet_minutes = models.PositiveIntegerField(
        default=60,
        help_text="After this long a silence a message outside a thread starts a new conversation.",
    )
    grouping = models.CharField(
        max_length=16,
        choices=Grouping.choices,
        default=Grouping.AUTOMATIC,
        help_text="How messages are put together where a channel has no choice of its own.",
    )
    app_posts = models.CharField("posts of apps", max_length=16, choices=AppPosts.choices, default=AppPosts.CUSTOMERS)
    forgets_deleted = models.BooleanField(
        "forget deleted messages",
        default=False,
        help_text="Remove the text and files of a message from storage when it is deleted in Slack.",
    )
    channel_patterns = ArrayField(
        models.CharField(max_length=80),
        default=list,
        blank=True,
        help_text="Public channels of ours with such a name, for instance ext-*, are joined by themselves.",
    )
    reactions = models.JSONField(
        default=default_reactions,
        blank=True,
        help_text="What a teammate's emoji on a customer's message does: by the emoji's name, an action.",
    )
    requires_second_factor = models.BooleanField(
        "a second factor for everybody",
        default=False,
        help_text="Whoever has none sets one up before going on.",
    )
    admits_slack_members = models.BooleanField(
        "let new members of our Slack in",
        default=False,
        help_text="Who signs in with Slack and is a full member of our Slack workspace gets a seat, though nobody "
        "has seen them in a channel yet.",
    )
    last_number = models.PositiveIntegerField(default=0, editable=False)
    first_steps_closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return self.name

    def take_numbers(self, count: int) -> range:
        """The next `count` conversation numbers. Holds the workspace's row until the transaction ends."""
        Workspace.objects.filter(pk=self.pk).update(last_number=F("last_number") + count)
        last = Workspace.objects.values_list("last_number", flat=True).get(pk=self.pk)
        return range(last - count + 1, last + 1)


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


class ChannelKind(models.TextChoices):
    CUSTOMER = "customer", _("Customer")
    TRIAGE = "triage", _("Triage")
    INTERNAL = "internal", _("Internal")
    IGNORED = "ignored", _("Ignored")


class Channel(models.Model):
    """A Slack channel we are, or were, in."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="channels")
    kind = models.CharField(max_length=16, choices=ChannelKind.choices, default=ChannelKind.CUSTOMER)
    name = models.CharField(max_length=120, blank=True)
    external_id = models.CharField("Slack channel id", max_length=64)
    former_ids = ArrayField(
        models.CharField(max_length=64), default=list, blank=True, help_text="Its ids before Slack gave it another."
    )
    external_team_id = models.CharField(
        "installed Slack team",
        max_length=64,
        blank=True,
        help_text="The team through which we see the channel.",
    )
    account = models.ForeignKey(Account, on_delete=models.SET_NULL, null=True, blank=True, related_name="channels")
    owner = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="owned_channels")
    quiet_minutes = models.PositiveIntegerField(
        null=True, blank=True, help_text="Instead of the workspace's, when set."
    )
    grouping = models.CharField(
        max_length=16, choices=Grouping.choices, blank=True, help_text="Empty: as the workspace has it."
    )
    is_shared = models.BooleanField("shared with other companies", default=False)
    is_private = models.BooleanField(default=False)
    is_sample = models.BooleanField("sample data", default=False, editable=False)
    joined_at = models.DateTimeField(null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)
    details_read_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "external_id"], name="channel_external_id_once"),
        ]

    def __str__(self) -> str:
        return f"#{self.name}" if self.name else self.external_id

    def clean(self) -> None:
        if self.is_shared and self.kind in {ChannelKind.TRIAGE, ChannelKind.INTERNAL}:
            raise ValidationError({"kind": gettext("Another company reads this channel: it can't be one of our own.")})


class Side(models.TextChoices):
    CUSTOMER = "customer", _("Customer")
    US = "us", _("One of us")


class SideOverride(models.Model):
    """A person's word on who somebody is in one channel: a teammate who asks there as a customer would, or somebody
    from outside who answers for us. It says how their messages count, and gives no rights."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="side_overrides")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="side_overrides")
    external_id = models.CharField("Slack user id", max_length=64)
    side = models.CharField(max_length=16, choices=Side.choices)
    by_user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "external_id"], name="side_override_once")]

    def __str__(self) -> str:
        return f"{self.external_id} in {self.channel}: {self.get_side_display()}"
