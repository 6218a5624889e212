"""Somebody adds Pylon to a channel: they are told, they alone, what it was taken for, and can set it right."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import Account, Channel, ChannelKind, User
from accounts.services import account_named
from conversations.channel_changes import change_channel
from integrations.models import Delivery, DeliveryKind, Installation
from integrations.slack.add_dialog_drawing import OPTIONS, draw_dialog, draw_guess
from integrations.slack.channels import show_here_if_first
from integrations.slack.triage_post import escape
from integrations.tasks import send_deliveries
from integrations.wake import wake

CHANGE, CALLBACK = "change_channel", "channel_added"
AHEAD = timedelta(hours=1)
"""A dialog goes before all that waits to be sent: Slack lets it open for three seconds."""


def offer(installation: Installation, channel: Channel, inviter: User) -> None:
    """Tell whoever added us what we took the channel for. Never a message that customers could read."""
    _tell(installation, channel, inviter, draw_guess(channel, CHANGE))


def open_dialog(installation: Installation, user: User, payload: dict[str, Any]) -> str:
    channel = _channel(installation, _pressed(payload))
    if channel is None:
        return "a channel that is none of ours"
    first = [channel.account] if channel.account else []
    others = Account.objects.filter(workspace=installation.workspace).exclude(pk__in=[one.pk for one in first])
    accounts = sorted([*first, *others[: OPTIONS - 1]], key=lambda account: account.name.casefold())
    too_late = "That took too long for Slack. Please press *Change* once more."
    _send(
        installation,
        place=user.external_id or "",
        at=timezone.now() - AHEAD,
        request={
            "method": "views.open",
            "arguments": {
                "trigger_id": str(payload.get("trigger_id") or ""),
                "view": draw_dialog(channel, accounts, CALLBACK),
            },
            "otherwise": _ephemeral(channel, user, {"text": too_late}),
        },
    )
    return "the dialog opens"


def save(installation: Installation, user: User, payload: dict[str, Any]) -> str:
    view = payload["view"]
    channel = _channel(installation, view.get("private_metadata"))
    if channel is None:
        return "a channel that is none of ours"
    try:
        with transaction.atomic():
            channel = change_channel(channel=channel, by=user, changes=_entered(channel, view))
            show_here_if_first(channel)
    except ValidationError as error:
        _tell(installation, channel, user, {"text": f"Not saved. {escape(' '.join(error.messages))}"})
        return f"not saved: {' '.join(error.messages)}"
    _tell(installation, channel, user, draw_guess(channel, CHANGE, saved=True))
    return "saved"


def _entered(channel: Channel, view: dict[str, Any]) -> dict[str, Any]:
    """The changes that the dialog asks for. A name goes before the list: whoever types one means it."""
    state = view.get("state")
    values = state.get("values") if isinstance(state, dict) else None
    fields = {name: _value(values, name) for name in ("kind", "account", "name")}
    changes: dict[str, Any] = {"kind": fields["kind"]} if fields["kind"] else {}
    if fields["name"].strip():
        return changes | {"account": account_named(channel.workspace, fields["name"])}
    if fields["account"].isdecimal():
        account = Account.objects.filter(workspace=channel.workspace, pk=int(fields["account"])).first()
        if account is None:
            raise ValidationError("That account is gone.")
        changes["account"] = account
    elif changes.get("kind", channel.kind) == ChannelKind.CUSTOMER:
        changes["account"] = None
    return changes


def _value(values: Any, name: str) -> str:
    """What a field holds: of a menu the chosen option's value, of a line its text."""
    block = values.get(name) if isinstance(values, dict) else None
    element = block.get(name) if isinstance(block, dict) else None
    if not isinstance(element, dict):
        return ""
    option = element.get("selected_option")
    value = option.get("value") if isinstance(option, dict) else element.get("value")
    return value if isinstance(value, str) else ""


def _pressed(payload: dict[str, Any]) -> Any:
    acts = payload.get("actions")
    pressed = acts if isinstance(acts, list) else []
    ours = [act.get("value") for act in pressed if isinstance(act, dict) and act.get("action_id") == CHANGE]
    return ours[0] if ours else None


def _channel(installation: Installation, pk: Any) -> Channel | None:
    if not isinstance(pk, str) or not pk.isdecimal() or len(pk) > 18:
        return None
    channels = Channel.objects.select_related("workspace", "account", "owner")
    return channels.filter(workspace=installation.workspace, pk=int(pk)).first()


def _tell(installation: Installation, channel: Channel, user: User, drawing: dict[str, Any]) -> None:
    _send(installation, place=channel.external_id, request=_ephemeral(channel, user, drawing))


def _ephemeral(channel: Channel, user: User, drawing: dict[str, Any]) -> dict[str, Any]:
    arguments = {"channel": channel.external_id, "user": user.external_id} | drawing
    return {"method": "chat.postEphemeral", "arguments": arguments}


def _send(installation: Installation, **fields: Any) -> None:
    at = fields.pop("at", None) or timezone.now()
    Delivery.objects.create(
        workspace=installation.workspace, installation=installation, kind=DeliveryKind.DIALOG, next_attempt_at=at,
        **fields,
    )  # fmt: skip
    transaction.on_commit(partial(wake, send_deliveries))
