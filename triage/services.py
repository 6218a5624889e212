"""Choosing where conversations are shown to the team."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext

from accounts.models import Account, Channel, ChannelKind, User, Workspace
from conversations.models import Priority
from conversations.status import Status
from triage.models import TriageChannel
from triage.routing import Filter

OURS = [ChannelKind.TRIAGE, ChannelKind.INTERNAL]


def choosable_channels(workspace_id: int) -> QuerySet[Channel]:
    """Channels of our own that we are in. A shared one would show our notes to another company."""
    return Channel.objects.filter(workspace=workspace_id, kind__in=OURS, is_shared=False, left_at=None)


def choose_triage_channel(
    *, workspace: Workspace, channel: Channel, chosen: Filter | None = None, name: str = ""
) -> TriageChannel:
    """Show in `channel` what the chosen filter lets through; without one, what no other channel shows. There is one
    such general channel: choosing another puts it in its place.

    Raises ValidationError, by field, for a channel or a filter that can't be.
    """
    if chosen is not None:
        _check(workspace, chosen)
    with transaction.atomic():
        # The channel's row first: Slack may be telling us at this moment that it became shared.
        if not choosable_channels(workspace.pk).select_for_update().filter(pk=channel.pk).first():
            raise ValidationError(
                {
                    "channel": gettext("%(channel)s is not a channel of ours alone that Pylon is in.")
                    % {"channel": channel}
                }
            )
        if chosen is None:
            workspace.triage_channels.filter(is_general=True).exclude(channel=channel).delete()
        triage, _ = TriageChannel.objects.update_or_create(
            channel=channel,
            defaults={
                "workspace": workspace, "name": name[:80], "is_general": chosen is None,
                "filter": chosen.stored() if chosen else {},
            },
        )  # fmt: skip
    return triage


def _check(workspace: Workspace, chosen: Filter) -> None:
    """All that it names must be of the workspace, and it must name something."""
    if chosen == Filter():
        raise ValidationError(gettext("Choose at least one thing that it shows, or make it the general channel."))
    found = {
        "owners": User.objects.filter(workspace=workspace, pk__in=chosen.owners).count() + (0 in chosen.owners),
        "accounts": Account.objects.filter(workspace=workspace, pk__in=chosen.accounts).count(),
        "channels": Channel.objects.filter(workspace=workspace, pk__in=chosen.channels).count(),
        "priorities": len(chosen.priorities & set(Priority.values)),
        "statuses": len(chosen.statuses & set(Status.values)),
    }
    for part, count in found.items():
        if count != len(getattr(chosen, part)):
            raise ValidationError({part: gettext("One of these is not of this workspace.")})
