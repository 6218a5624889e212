"""From what people did with replies to deliveries, and back from a delivery's failure to the reply."""

from __future__ import annotations

from collections.abc import Iterable

from conversations import reply_sending
from conversations.models import ConversationEvent, EventKind, Reply
from conversations.replying import DELETE, EDIT, SEND
from integrations.models import Delivery, DeliveryKind, DeliveryState, Installation, Provider
from integrations.slack.refusals import WORDS

KINDS = {SEND: DeliveryKind.REPLY, EDIT: DeliveryKind.REPLY_EDIT, DELETE: DeliveryKind.REPLY_DELETE}
WISHES = {EventKind.REPLY_WRITTEN, EventKind.REPLY_CHANGED}


def reply_deliveries(events: Iterable[ConversationEvent]) -> list[Delivery]:
    """One for each wish, in their order. Where the channel's Slack is not connected, the reply has failed."""
    wishes = [event for event in events if event.kind in WISHES]
    if not wishes:
        return []
    found = Reply.objects.select_related("conversation__channel").in_bulk([event.data["reply"] for event in wishes])
    ways = _installations({event.workspace_id for event in wishes})
    deliveries = []
    for event in wishes:
        reply = found[event.data["reply"]]
        channel = reply.conversation.channel
        installation_id = ways.get((reply.workspace_id, channel.external_team_id))
        if installation_id is None:
            reply_sending.went_wrong(reply, "The channel’s Slack workspace is not connected.", is_final=True)
            continue
        deliveries.append(
            Delivery(
                workspace_id=reply.workspace_id, installation_id=installation_id, conversation=reply.conversation,
                event=event, reply=reply, kind=KINDS[event.data["wish"]], place=channel.external_id,
                next_attempt_at=reply.send_after,
            )
        )  # fmt: skip
    return deliveries


def tell_writer(delivery: Delivery, error: str) -> None:
    """After a try that failed: the reply shows why, in words, and whether it is tried again."""
    if delivery.reply:
        is_final = delivery.state == DeliveryState.FAILED
        ours = error if error.endswith(".") else ""  # a sentence of the sender's own
        why = ours or WORDS.get(error) or f"Slack could not take it ({error[:100]})."
        reply_sending.went_wrong(delivery.reply, why, is_final=is_final)


def is_overtaken(delivery: Delivery) -> bool:
    """A later one of the same reply stands for what its writer wants by now."""
    return Delivery.objects.filter(reply=delivery.reply_id, pk__gt=delivery.pk).exists()


def set_out_again(delivery: Delivery) -> None:
    """An operator has sent it again after it had failed."""
    if delivery.reply and not is_overtaken(delivery):
        reply_sending.revive(delivery.reply)


def _installations(workspaces: set[int]) -> dict[tuple[int, str], int]:
    """By workspace and Slack team; without a team, the first one."""
    ways: dict[tuple[int, str], int] = {}
    installations = Installation.objects.filter(workspace__in=workspaces, provider=Provider.SLACK, revoked_at=None)
    for installation in installations.order_by("-pk"):
        ways[installation.workspace_id, installation.external_id] = installation.pk
        ways[installation.workspace_id, ""] = installation.pk
    return ways
