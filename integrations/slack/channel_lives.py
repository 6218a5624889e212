"""What happens to a channel: another name, archived and back, shared, another id, our bot removed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Channel, ChannelKind
from integrations.models import Delivery, DeliveryState, Installation, Link
from integrations.slack.channels import find, look_again_later
from triage.models import TriageChannel

LEFT = {"member_left_channel", "channel_left", "group_left", "channel_deleted", "group_deleted"}
UNARCHIVED = {"channel_unarchive", "group_unarchive"}


def change(installation: Installation, kind: str, event: dict[str, Any]) -> str:
    """Answers what was done, in words."""
    named = event.get("channel")
    details = named if isinstance(named, dict) else {}
    channel_id = str(details.get("id") or event.get("old_channel_id") or named or "")
    if kind not in {*LEFT, *CHANGES}:
        return "nothing to do"
    channel = find(installation, channel_id)
    if channel is None:
        return "a channel we don't know"
    return _leave(channel) if kind in LEFT else CHANGES[kind](channel, event | details)


def come_back(channel: Channel, *, is_in: bool) -> str:
    """It is archived no more; Slack does not always keep us in it."""
    channel.archived_at = None
    channel.save(update_fields=["archived_at"])
    if not is_in:
        return f"unarchived, and {_leave(channel)}"
    return "unarchived"


def _leave(channel: Channel) -> str:
    """Its history stays, and its owner: it may have us back."""
    if channel.left_at is None:
        channel.left_at = timezone.now()
        channel.save(update_fields=["left_at"])
    return "left"


def _archive(channel: Channel, event: Mapping[str, Any]) -> str:  # noqa: ARG001 - as the others
    if channel.archived_at is None:
        channel.archived_at = timezone.now()
        channel.save(update_fields=["archived_at"])
    return "archived"


def _rename(channel: Channel, event: Mapping[str, Any]) -> str:
    channel.name = str(event.get("name") or channel.name)[:120]
    channel.save(update_fields=["name"])
    return "renamed"


def _share(channel: Channel, event: Mapping[str, Any]) -> str:
    """A channel of ours that another company reads is none of ours from now on: `is_shared` alone stops our posts."""
    channel.is_shared = event["type"] == "channel_shared" or bool(event.get("is_ext_shared"))
    channel.save(update_fields=["is_shared"])
    if channel.is_shared and channel.kind == ChannelKind.CUSTOMER and channel.account is None:
        look_again_later(channel)
    return "shared" if channel.is_shared else "no longer shared"


def _make_private(channel: Channel, event: Mapping[str, Any]) -> str:
    channel.is_private = event["type"] == "channel_convert_to_private"
    channel.save(update_fields=["is_private"])
    return "private" if channel.is_private else "public"


def _change_id(channel: Channel, event: Mapping[str, Any]) -> str:
    """Slack may give a private channel a new id when it is shared. What we know by the old one follows."""
    old_id, new_id = channel.external_id, str(event.get("new_channel_id") or "")[:64]
    if not new_id or new_id == old_id:
        return "the id that it has"
    with transaction.atomic():
        twin = Channel.objects.select_for_update().filter(workspace=channel.workspace, external_id=new_id).first()
        if twin and (twin.conversations.exists() or TriageChannel.objects.filter(channel=twin).exists()):
            return "an id that is taken"
        if twin:  # seen under its new id before we were told
            twin.delete()
        channel.external_id, channel.former_ids = new_id, [*channel.former_ids, old_id]
        channel.save(update_fields=["external_id", "former_ids"])
        here = {"workspace": channel.workspace, "place": old_id}
        Link.objects.filter(**here).update(place=new_id)
        Delivery.objects.filter(**here, state=DeliveryState.PENDING).update(place=new_id)
    return "has a new id"


CHANGES = {
    "channel_archive": _archive,
    "group_archive": _archive,
    "channel_rename": _rename,
    "group_rename": _rename,
    "channel_shared": _share,
    "channel_unshared": _share,
    "channel_convert_to_private": _make_private,
    "channel_convert_to_public": _make_private,
    "channel_id_changed": _change_id,
}
