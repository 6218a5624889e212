"""What the sender of replies tells: it begins, it has arrived, it went wrong.

Only a reply that a person wrote gets here, and only `begin` lets it out: from then on it can't be taken back.
"""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.models import Channel, User
from conversations.intake import Incoming
from conversations.models import Message, Reply, ReplyState
from conversations.services import delete_message, edit_message, receive_messages


def begin(reply: Reply) -> bool:
    """Take it up for sending: from now on it can't be taken back. False when there is nothing to send, or not yet:
    its state says which."""
    if reply.send_after <= timezone.now():
        reply.move([ReplyState.WAITING], ReplyState.SENDING, is_sent=False)
    return reply.state == ReplyState.SENDING and reply.message_id is None


def arrived(reply: Reply, *, ts: str, text: str, html: str) -> Message:
    """The other system has it: it is a message now, of its author, and counts for the status like any other."""
    home = reply.conversation.merged_into_id or reply.conversation_id
    said = Incoming(ts, text, reply.author, thread_ts=reply.thread_ts or None, html=html, inbound=False, home=home)
    with transaction.atomic():
        (message,) = receive_messages(channel=reply.conversation.channel, batch=[said])
        reply.move([ReplyState.SENDING], ReplyState.SENT, is_sent=False, message=message, error="")
    return message


def reworded(reply: Reply, message: Message, *, text: str, html: str, by: User | None) -> None:
    """The other system shows the new wording."""
    channel, now = _channel(message), timezone.now()
    with transaction.atomic():
        edit_message(channel=channel, ts=str(message.ts), text=text, html=html, edited_at=now, by=by)
        reply.move([ReplyState.SENDING], ReplyState.SENT, is_sent=True, error="")


def removed(reply: Reply, message: Message, *, by: User | None) -> None:
    """The other system shows it no more."""
    with transaction.atomic():
        delete_message(channel=_channel(message), ts=str(message.ts), deleted_at=timezone.now(), by=by)
        reply.move([ReplyState.SENDING], ReplyState.SENT, is_sent=True, error="")


def went_wrong(reply: Reply, why: str, *, is_final: bool) -> None:
    """Tell whoever wrote it, in words. Not final: it is tried again."""
    is_sent, tried = reply.message_id is not None, [ReplyState.SENDING]
    if is_final:
        reply.move([ReplyState.WAITING, *tried], ReplyState.FAILED, is_sent=is_sent, error=why[:300])
    elif reply.error != why[:300]:
        reply.move(tried, ReplyState.SENDING, is_sent=is_sent, error=why[:300])


def revive(reply: Reply) -> None:
    """An operator has what failed sent again."""
    reply.move([ReplyState.FAILED], ReplyState.SENDING, is_sent=reply.message_id is not None, error="")


def _channel(message: Message) -> Channel:
    if message.channel is None:
        raise ValueError(f"message {message.pk} is in no channel: it was not sent")
    return message.channel
