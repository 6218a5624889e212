"""Choosing where conversations are shown to the team."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Channel, ChannelKind, User, Workspace
from triage.models import TriageChannel

OURS = [ChannelKind.TRIAGE, ChannelKind.INTERNAL]


def choosable_channels(workspace_id: int) -> QuerySet[Channel]:
    """Channels of our own that we are in. A shared one would show our notes to another company."""
    return Channel.objects.filter(workspace=workspace_id, kind__in=OURS, is_shared=False, left_at=None)


def choose_triage_channel(*, workspace: Workspace, owner: User | None, channel: Channel) -> TriageChannel:
    """Show `owner`'s conversations in `channel`; without owner, those of all who have no channel of their own.

    Raises ValidationError, by field, for a channel that can't be one.
    """
    if owner and owner.workspace_id != workspace.pk:
        raise ValidationError({"owner": "The owner must be a teammate of this workspace."})
    with transaction.atomic():
        # The channel's row first: Slack may be telling us at this moment that it became shared.
        if not choosable_channels(workspace.pk).select_for_update().filter(pk=channel.pk).first():
            raise ValidationError({"channel": f"{channel} is not a channel of ours alone that Pylon is in."})
        taken = TriageChannel.objects.filter(channel=channel).select_related("owner").first()
        if taken and taken.owner != owner:
            whose = f"{taken.owner.name}’s conversations" if taken.owner else "everybody else’s conversations"
            raise ValidationError({"channel": f"{channel} shows {whose} already."})
        chosen, _ = TriageChannel.objects.update_or_create(
            workspace=workspace, owner=owner, defaults={"channel": channel}
        )
    return chosen
