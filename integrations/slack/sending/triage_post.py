"""The triage channel's post: one per conversation, edited in place."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Max, Min
from django.utils import timezone

from accounts.models import Channel, ChannelKind
from conversations.models import Conversation, EventKind, MessageKind
from conversations.status import Status
from integrations.models import Delivery, Link, LinkKind
from integrations.showing import showings
from integrations.slack import outsiders
from integrations.slack.client import SlackError, call, pages
from integrations.slack.triage_post import METADATA, draw, draw_moved

PAGES = 5
"""Of 200 messages each, among which an unheard post is looked for."""
CLOCKS = timedelta(minutes=1)
"""How far Slack's clock may be from ours."""


def send_triage_post(delivery: Delivery) -> dict[str, Any]:
    """Post or edit in place, or say in a post where its conversation went. Only ever in a channel that is ours
    alone."""
    refuse_shared(delivery)
    conversation = Conversation.objects.select_related("account", "owner", "channel", "merged_into").get(
        deliveries=delivery
    )
    mine = Link.objects.filter(conversation=conversation, kind=LinkKind.TRIAGE_POST, place=delivery.place)
    link = mine.first()
    elsewhere = _elsewhere(delivery, conversation, link)
    if link and elsewhere is not None:
        return _end(delivery, conversation, link, elsewhere)
    if elsewhere is not None:
        return {"skipped": "shown elsewhere"}
    if link and _is_shown(link, conversation, delivery):
        return {"skipped": "already shown"}
    newest = conversation.messages.exclude(kind=MessageKind.NOTE).aggregate(last=Max("pk"))["last"] or 0
    ts = _show(delivery, conversation, link.external_id if link else "")
    drawn = {"external_id": ts, "drawn_version": conversation.version, "ended_at": None}
    mine.update_or_create(
        conversation=conversation,
        kind=LinkKind.TRIAGE_POST,
        place=delivery.place,
        defaults=drawn,
        create_defaults=drawn
        | {
            "workspace_id": delivery.workspace_id,
            "installation": delivery.installation,
            "told_message_id": newest,  # the post itself shows what was said until now
        },
    )
    return {"ts": ts, "version": conversation.version}


def _elsewhere(delivery: Delivery, conversation: Conversation, link: Link | None) -> list[str] | None:
    """The names of the channels that show the conversation instead; None when this one does."""
    if conversation.merged_into_id:
        return []
    if conversation.status == Status.CLOSED:
        return None  # it moves nowhere any more
    here = delivery.place, delivery.installation_id
    showing = showings([delivery.workspace_id])[delivery.workspace_id]
    wanted = showing.wanted(conversation, [here] if link and not link.ended_at else [])
    return None if here in wanted else [showing.names[place] for place in wanted]


def _is_shown(link: Link, conversation: Conversation, delivery: Delivery) -> bool:
    """A reminder changes nothing but the hour: what was due is overdue."""
    is_reminder = delivery.event is not None and delivery.event.kind == EventKind.REMINDED
    return link.drawn_version >= conversation.version and not link.ended_at and not is_reminder


def _end(delivery: Delivery, conversation: Conversation, link: Link, elsewhere: list[str]) -> dict[str, Any]:
    if not link.ended_at:
        is_hidden = outsiders.are_in(delivery.installation, delivery.place)
        _edit(delivery, link.external_id, draw_moved(conversation, elsewhere, is_hidden=is_hidden))
        link.ended_at = timezone.now()
        link.save(update_fields=["ended_at"])
    return {"ended": link.external_id}


def refuse_shared(delivery: Delivery) -> None:
    """Raises SlackError where customers would read along."""
    channel = Channel.objects.filter(workspace_id=delivery.workspace_id, external_id=delivery.place).first()
    if channel is None or channel.is_shared or channel.kind == ChannelKind.CUSTOMER:
        raise SlackError("the triage channel is shared with customers: nothing is posted there", permanent=True)


def _show(delivery: Delivery, conversation: Conversation, known_ts: str) -> str:
    """Answers the post's ts."""
    is_hidden = outsiders.are_in(delivery.installation, delivery.place)
    drawing = draw(conversation, delivery.installation, is_hidden=is_hidden)
    if known_ts and _edit(delivery, known_ts, drawing):
        return known_ts
    # Not posted yet, or somebody deleted it. An earlier try may have posted without our hearing of it.
    unheard_ts = _unheard_post(delivery, conversation) if delivery.attempts > 1 else ""
    if unheard_ts not in {"", known_ts} and _edit(delivery, unheard_ts, drawing):
        return unheard_ts
    return str(call(delivery.installation, "chat.postMessage", channel=delivery.place, **drawing).get("ts"))


def _edit(delivery: Delivery, ts: str, drawing: dict[str, Any]) -> bool:
    """False when the post is gone."""
    try:
        call(delivery.installation, "chat.update", channel=delivery.place, ts=ts, **drawing)
    except SlackError as error:
        if error.code != "message_not_found":
            raise
        return False
    return True


def _unheard_post(delivery: Delivery, conversation: Conversation) -> str:
    """The ts of the newest post that carries the conversation's mark, if any."""
    tries = Delivery.objects.filter(conversation=conversation, kind=delivery.kind, place=delivery.place)
    since = tries.aggregate(first=Min("created_at"))["first"] - CLOCKS
    for message in pages(
        delivery.installation, "conversations.history", "messages", most=PAGES,
        channel=delivery.place, oldest=f"{since.timestamp():.6f}", include_all_metadata=True,
    ):  # fmt: skip
        mark = message.get("metadata") or {}
        payload = mark.get("event_payload") or {}
        if mark.get("event_type") == METADATA and payload.get("number") == conversation.number:
            return str(message.get("ts"))
    return ""
