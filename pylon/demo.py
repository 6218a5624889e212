"""What the demo needs before its story is played: Dana's sign-in and a triage channel."""

from __future__ import annotations

from accounts.models import Channel, ChannelKind, Role, User, Workspace
from conversations.models import ConversationEvent
from integrations.models import Delivery, DeliveryState, InboundEvent
from integrations.slack.connect import connect_from_settings
from triage.models import TriageChannel

EMAIL, PASSWORD = "dana@acme.example", "demo"
TRIAGE = "C0TRIAGE01"
"""The sandbox's #support-triage."""


class DemoError(Exception):
    """The demo can't be prepared; the text says why."""


def prepare_demo() -> None:
    """Connect the sandbox's team and let Dana sign in. May be run again."""
    workspace = Workspace.objects.order_by("pk").first() or Workspace.objects.create(name="Acme")
    if not User.objects.filter(email=EMAIL).exists():
        User.objects.create_user(
            EMAIL, PASSWORD, workspace=workspace, name="Dana Reyes", role=Role.ADMIN, is_staff=True, is_superuser=True
        )
    installation = connect_from_settings()
    if installation is None:
        raise DemoError("The Slack sandbox did not let us in: run `make reset`, then start again.")
    channel, _ = Channel.objects.update_or_create(
        workspace=workspace,
        external_id=TRIAGE,
        defaults={
            "external_team_id": installation.external_id,
            "kind": ChannelKind.TRIAGE,
            "name": "support-triage",
        },
    )
    TriageChannel.objects.get_or_create(workspace=workspace, is_general=True, defaults={"channel": channel})


def is_caught_up() -> bool:
    """Nothing waits: every event is worked, every follower told."""
    under_way = Delivery.objects.filter(state__in=[DeliveryState.PENDING, DeliveryState.SENDING])
    return is_on_the_board() and not under_way.exists()


def is_on_the_board() -> bool:
    """Every event is worked. Triage posts may still come, one a second as Slack wants them."""
    return not (
        InboundEvent.objects.filter(processed_at=None, failed_at=None).exists()
        or ConversationEvent.objects.filter(published_at=None).exists()
    )
