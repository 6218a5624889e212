"""Who counts as whom in one channel: what follows from Slack, and a person's word against it."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from accounts.models import Channel, Contact, Side, SideOverride, User, Workspace
from accounts.roles import require_admin


def count_as(*, channel: Channel, external_id: str, side: Side | None, by: User) -> SideOverride | None:
    """From now on their messages in this channel count for that side; None: as Slack tells. It gives no rights: who
    may press or change anything is decided without it. Raises ValidationError for somebody nobody has seen."""
    require_admin(by)
    mine = {"workspace": channel.workspace_id, "external_id": external_id}
    if not (User.objects.filter(**mine).exists() or Contact.objects.filter(**mine).exists()):
        raise ValidationError(gettext("Nobody of that id has been seen in this workspace."))
    with transaction.atomic():
        overrides = SideOverride.objects.select_for_update().filter(channel=channel, external_id=external_id)
        if side is None:
            overrides.delete()
            return None
        known = overrides.first()
        if known and known.side == side:
            return known
        override, _ = SideOverride.objects.update_or_create(
            channel=channel, external_id=external_id,
            defaults={"workspace_id": channel.workspace_id, "side": side, "by_user": by, "created_at": timezone.now()},
        )  # fmt: skip
    return override


def forget_profiles(workspace: Workspace) -> None:
    """Our e-mail domains have changed: everybody's side is decided anew when they are seen next."""
    for people in (User.objects.filter(workspace=workspace), Contact.objects.filter(workspace=workspace)):
        people.update(profile_read_at=None)


def inbound_of(channel: Channel, external_ids: Iterable[str]) -> dict[str, bool]:
    """Whether their messages count as the customer's, of those of whom somebody has said so."""
    overrides = SideOverride.objects.filter(channel=channel, external_id__in={*external_ids} - {""})
    return {i: side == Side.CUSTOMER for i, side in overrides.values_list("external_id", "side")}
