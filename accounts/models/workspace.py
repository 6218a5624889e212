"""A support team's own space, and how it has things done."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F
from django.utils import timezone
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
