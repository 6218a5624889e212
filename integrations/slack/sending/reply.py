"""Replies to customers: the only calls that write into a customer's channel.

Each is made for a Reply that a person wrote, into the channel of its conversation, and into a thread that belongs to
it. Whatever else asks for one is refused here, however it came about.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db.models import Sum

from accounts.models import Channel, ChannelKind, User
from conversations import reply_sending
from conversations.models import Reply, ReplyState
from conversations.replying import is_thread_of
from integrations.models import Delivery, DeliveryKind
from integrations.reply_deliveries import is_overtaken
from integrations.slack.client import SlackError, call, pages
from integrations.slack.reply_text import mrkdwn, shown

METADATA = "pylon_reply"
"""The reply's own mark. The customer's apps can read it: it says nothing but the random key."""
AS_WRITTEN = {"parse": "none", "link_names": False}
"""Slack makes no mention of a word such as @channel. Said each time: chat.update's default is another one."""
PAGES = 5
"""Of 200 messages each, among which an unheard post is looked for."""
CLOCKS = timedelta(minutes=1)
"""How far Slack's clock may be from ours."""


def send_reply(delivery: Delivery) -> dict[str, Any]:
    """Post it in its writer's name, once, and store it as the message that it now is."""
    reply = _reply(delivery)
    if is_overtaken(delivery) or not reply_sending.begin(reply):
        return _nothing_to_do(reply)
    channel = _channel(delivery, reply)
    if reply.thread_ts and not is_thread_of(reply.conversation, reply.thread_ts):
        raise _refused("The thread belongs to another conversation by now.")
    ts = _unheard_post(delivery, reply, channel) or _post(delivery, reply, channel)
    plain, html = shown(reply.text)
    reply_sending.arrived(reply, ts=ts, text=plain, html=html)
    return {"ts": ts}


def send_reply_edit(delivery: Delivery) -> dict[str, Any]:
    reply = _reply(delivery)
    message = reply.message
    if is_overtaken(delivery) or message is None or message.deleted_at or reply.state != ReplyState.SENDING:
        return _nothing_to_do(reply)
    channel = _channel(delivery, reply)
    text = mrkdwn(reply.text)
    call(delivery.installation, "chat.update", channel=channel.external_id, ts=message.ts, text=text, **AS_WRITTEN)
    plain, html = shown(reply.text)
    reply_sending.reworded(reply, message, text=plain, html=html, by=_whoever(delivery))
    return {"ts": message.ts}


def send_reply_delete(delivery: Delivery) -> dict[str, Any]:
    reply = _reply(delivery)
    message = reply.message
    if is_overtaken(delivery) or message is None or reply.state != ReplyState.SENDING:
        return _nothing_to_do(reply)
    channel = _channel(delivery, reply)
    try:
        call(delivery.installation, "chat.delete", channel=channel.external_id, ts=message.ts)
    except SlackError as error:
        if error.code != "message_not_found":  # else an earlier try has done it, or somebody in Slack
            raise
    reply_sending.removed(reply, message, by=_whoever(delivery))
    return {"ts": message.ts}


# What may be sent ─────────────────────────────────────────────────────────────────────────────────────


def _reply(delivery: Delivery) -> Reply:
    if delivery.reply is None or delivery.reply.workspace_id != delivery.workspace_id:
        raise _refused("This is no reply that somebody wrote.")
    return delivery.reply


def _whoever(delivery: Delivery) -> User | None:
    """Wanted the change."""
    return delivery.event.by_user if delivery.event else None


def _nothing_to_do(reply: Reply) -> dict[str, Any]:
    if reply.state == ReplyState.WAITING and (seconds := reply.seconds_left):
        raise SlackError("it can still be taken back", permanent=False, retry_after=seconds)
    return {"skipped": reply.get_state_display()}


def _channel(delivery: Delivery, reply: Reply) -> Channel:
    """The customer's channel that it is for. SlackError where nothing may be written, or not by this person."""
    channel, author = reply.conversation.channel, reply.author
    if {reply.conversation.workspace_id, delivery.installation.workspace_id} != {reply.workspace_id}:
        raise _refused("It is of another workspace.")
    if delivery.place != channel.external_id or channel.kind != ChannelKind.CUSTOMER:
        raise _refused(f"{channel} is not a customer’s channel.")
    if reply.message and reply.message.channel_id != channel.pk:
        raise _refused("It was sent into another channel.")
    if channel.left_at:
        raise _refused(f"Pylon is not in {channel} any more: invite it there first.")
    if not author.is_active or author.workspace_id != reply.workspace_id:
        raise _refused(f"{author.name} is no active teammate any more.")
    return channel


def _refused(why: str) -> SlackError:
    return SlackError(why, permanent=True)


# Posting, and finding what was posted ─────────────────────────────────────────────────────────────────


def _post(delivery: Delivery, reply: Reply, channel: Channel) -> str:
    arguments: dict[str, Any] = {
        "channel": channel.external_id,
        "text": mrkdwn(reply.text),
        "username": reply.author.name[:80],
        "metadata": {"event_type": METADATA, "event_payload": {"key": str(reply.key)}},
        "unfurl_links": False,
        "unfurl_media": False,
    }
    if reply.author.avatar_url:
        arguments["icon_url"] = reply.author.avatar_url
    if reply.thread_ts:
        arguments["thread_ts"] = reply.thread_ts
    return str(call(delivery.installation, "chat.postMessage", **arguments, **AS_WRITTEN)["ts"])


def _unheard_post(delivery: Delivery, reply: Reply, channel: Channel) -> str:
    """The ts of what an earlier try posted without our hearing of it, if any."""
    tries = Delivery.objects.filter(reply=reply, kind=DeliveryKind.REPLY).aggregate(all=Sum("attempts"))["all"]
    if tries <= 1:
        return ""
    for message in _since(delivery, reply, channel):
        mark = message.get("metadata") or {}
        if mark.get("event_type") == METADATA and (mark.get("event_payload") or {}).get("key") == str(reply.key):
            return str(message["ts"])
    return ""


def _since(delivery: Delivery, reply: Reply, channel: Channel) -> Iterator[dict[str, Any]]:
    """What was said since it was written, where it goes."""
    method, where = "conversations.history", {"channel": channel.external_id}
    if reply.thread_ts:
        method, where = "conversations.replies", where | {"ts": reply.thread_ts}
    oldest = f"{(reply.created_at - CLOCKS).timestamp():.6f}"
    return pages(
        delivery.installation, method, "messages", most=PAGES, oldest=oldest, include_all_metadata=True, **where
    )
