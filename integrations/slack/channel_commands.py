"""What `/pylon` says and does about the channel in which it is typed."""

from __future__ import annotations

from functools import partial

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import ChannelKind, User
from integrations.models import Installation
from integrations.showing import reroute
from integrations.slack.channels import find
from integrations.slack.triage_post import escape
from integrations.tasks import send_deliveries
from integrations.wake import wake
from triage.routing import Filter
from triage.services import choose_triage_channel


def triage_here(installation: Installation, user: User, channel_id: str, *, whose: User | None) -> str:
    """Make it the general triage channel, or one that shows `whose` conversations. ValidationError, in words."""
    if not user.is_admin:
        raise ValidationError("Only admins may choose where conversations are shown.")
    channel = find(installation, channel_id)
    if channel is None or channel.left_at:
        raise ValidationError("Pylon is not in this channel: /invite @Pylon first.")
    if channel.is_shared:
        raise ValidationError(
            "This channel is shared with another company: they would read your notes. Choose another."
        )
    if channel.kind not in {ChannelKind.TRIAGE, ChannelKind.INTERNAL}:
        raise ValidationError(f"This channel counts as {channel.get_kind_display().lower()}: make it internal first.")
    if whose and installation.workspace.triage_channels.filter(channel=channel, is_general=True).exists():
        raise ValidationError("This is the general triage channel: choose another one for yours.")
    chosen = Filter(owners=frozenset({whose.pk})) if whose else None
    choose_triage_channel(
        workspace=installation.workspace, channel=channel, chosen=chosen, name=whose.name if whose else ""
    )
    if reroute(installation.workspace_id):
        transaction.on_commit(partial(wake, send_deliveries))
    shown = f"{escape(whose.name)}’s conversations are" if whose else "What no other triage channel shows is"
    return f"{shown} shown here from now on. More choices: {settings.BASE_URL}/settings/triage/"


def describe(installation: Installation, channel_id: str) -> str:
    """What Pylon takes the channel for."""
    channel = find(installation, channel_id)
    if channel is None or channel.left_at:
        return "Pylon is not in this channel."
    if channel.kind != ChannelKind.CUSTOMER:
        shows = " It shows conversations." if hasattr(channel, "triage") else ""
        return f"This channel: {channel.get_kind_display().lower()}.{shows}"
    account = escape(channel.account.name) if channel.account else "no account yet"
    owner = escape(channel.owner.name) if channel.owner else "nobody"
    return f"This channel: a customer’s ({account}), owned by {owner}."
