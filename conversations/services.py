"""What starts from outside data or touches several nouns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F

from accounts.models import Account, Channel, Contact, User
from conversations.announce import announce
from conversations.excerpts import clean, one_line
from conversations.intake import Incoming, Intake
from conversations.models import GONE, Conversation, EventKind, Message, MessageKind


def receive_message(
    *,
    channel: Channel,
    ts: str,
    text: str,
    author: User | Contact | None,
    author_name: str = "",
    thread_ts: str | None = None,
    files: list[dict[str, object]] | None = None,
) -> Message:
    """Store one message of a customer's channel, once, and let it open, join, move or reopen a conversation."""
    incoming = Incoming(ts, text, author, author_name, thread_ts, files or [])
    return receive_messages(channel=channel, batch=[incoming])[0]


def receive_messages(*, channel: Channel, batch: Sequence[Incoming]) -> list[Message]:
    """The same for many of one channel at the cost of a few; all of them or, on an error, none."""
    return Intake(channel).take(batch) if batch else []


def edit_message(*, channel: Channel, ts: str, text: str, edited_at: datetime) -> Message | None:
    """Take a new wording over. An edit older than the known one changes nothing; None: no such message.

    The status stays: who acted on the first wording is not to be overruled by a corrected typo.
    """
    with transaction.atomic():
        message = _locked_message(channel, ts)
        if message is None or (message.edited_at and message.edited_at >= edited_at):
            return message
        before, message.text, message.edited_at = message.text, clean(text), edited_at
        message.save(update_fields=["text", "edited_at"])
        if message.text != before:
            _retell(message, EventKind.MESSAGE_EDITED, at=edited_at, data={"before": one_line(before, 300)})
    return message


def delete_message(*, channel: Channel, ts: str, deleted_at: datetime) -> Message | None:
    """Mark as deleted; the text stays in storage but is shown no more, nor as the title. None: no such message.

    The status stays, as with an edit.
    """
    with transaction.atomic():
        message = _locked_message(channel, ts)
        if message is None or message.deleted_at:
            return message
        message.deleted_at = deleted_at
        message.save(update_fields=["deleted_at"])
        _retell(message, EventKind.MESSAGE_DELETED, at=deleted_at, data={})
    return message


def change_account_owner(*, account: Account, owner: User | None, by: User) -> list[Conversation]:
    """Give the account to another teammate: its channels, and its conversations that aren't closed, follow.

    Answers the conversations that changed hands, each of which has an event.
    """
    if owner and owner.workspace_id != account.workspace_id:
        raise ValidationError("The owner must be a teammate of this workspace.")
    with transaction.atomic():
        # Channels first: the order in which an incoming message locks.
        list(Channel.objects.select_for_update(no_key=True).filter(account=account).order_by("pk"))
        account.owner = owner
        account.save(update_fields=["owner"])
        account.channels.update(owner=owner)
        followers = list(
            following_conversations(account, owner).select_for_update(of=("self",), no_key=True).order_by("pk")
        )
        reason = f"The owner of {account.name} changed"
        for conversation in followers:
            conversation.assign(owner, by=by, reason=reason)
    return followers


def following_conversations(account: Account, owner: User | None) -> models.QuerySet[Conversation]:
    """The conversations that would change hands if `owner` took the account."""
    open_ones = Conversation.objects.filter(account=account).unclosed()
    return open_ones.exclude(owner=owner) if owner else open_ones.exclude(owner=None)


def _locked_message(channel: Channel, ts: str) -> Message | None:
    # In the order in which an incoming message locks: the channel first.
    Channel.objects.select_for_update(no_key=True).get(pk=channel.pk)
    return (
        Message.objects.select_related("conversation", "author_user", "author_contact")
        .filter(channel=channel, ts=ts)
        .first()
    )


def _retell(message: Message, kind: EventKind, *, at: datetime, data: dict[str, str]) -> None:
    """Record the event, and have the card tell what the message says now. A note is never on the card."""
    conversation = message.conversation
    event = conversation.event(kind, by=message.author_user or message.author_contact, at=at, message=message)
    event.data = data
    event.save()
    shown: dict[str, str] = {}
    if message.kind != MessageKind.NOTE:
        said = conversation.messages.exclude(kind=MessageKind.NOTE)
        first = said.filter(deleted_at=None).first()
        shown["title"] = first.heading if first else GONE
        if message.sent_at >= conversation.last_message_at:
            shown["last_message_text"] = message.excerpt
    Conversation.objects.filter(pk=conversation.pk).update(version=F("version") + 1, **shown)
    announce(conversation.workspace_id, [conversation.pk])
