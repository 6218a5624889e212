"""What starts from outside data or touches several nouns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Account, Channel, Contact, User
from accounts.roles import require_change
from conversations.announce import announce
from conversations.describing import DESCRIBED, undescribe
from conversations.excerpts import clean
from conversations.intake import Incoming, Intake
from conversations.models import Automatic, Conversation, EventKind, Message, MessageKind, Reply

WOKEN_AT_ONCE = 200
FORMER_LENGTH = 4_000
"""Of a former wording, in characters, that is kept to be read."""


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


def edit_message(
    *,
    channel: Channel,
    ts: str,
    text: str,
    edited_at: datetime,
    html: str = "",
    files: list[dict[str, object]] | None = None,
    by: User | None = None,
) -> Message | None:
    """Take a new wording over, and what is left of its files. An edit older than the known one, or of a deleted
    message, changes nothing; None: no such message. `by`: who changed it, when it was not its author.

    The status stays: who acted on the first wording is not to be overruled by a corrected typo.
    """
    with transaction.atomic():
        message = _locked_message(channel, ts)
        if message is None or message.deleted_at or (message.edited_at and message.edited_at >= edited_at):
            return message
        before, before_files = message.text, message.files
        message.text, message.html, message.edited_at = clean(text), clean(html), edited_at
        message.files = before_files if files is None else clean(files)
        message.save(update_fields=["text", "html", "files", "edited_at"])
        if message.text != before or len(message.files) != len(before_files):
            _retell(message, EventKind.MESSAGE_EDITED, at=edited_at, data={"before": before[:FORMER_LENGTH]}, by=by)
    return message


def delete_message(*, channel: Channel, ts: str, deleted_at: datetime, by: User | None = None) -> Message | None:
    """Mark as deleted; what it said is shown no more, nor as the title, and stays in storage only as long as the
    workspace keeps deleted messages. None: no such message. `by`: who deleted it, when it was not its author.

    The status stays, as with an edit, unless nothing is left that anybody said: then it is closed.
    """
    with transaction.atomic():
        message = _locked_message(channel, ts)
        if message is None or message.deleted_at:
            return message
        message.deleted_at = deleted_at
        message.save(update_fields=["deleted_at"])
        if channel.workspace.forgets_deleted:
            _forget(message)
        _retell(message, EventKind.MESSAGE_DELETED, at=deleted_at, data={}, by=by)
        left = message.conversation.messages.exclude(kind=MessageKind.NOTE).filter(deleted_at=None)
        if message.kind != MessageKind.NOTE and not left.exists():
            message.conversation.close(by=Automatic("all_deleted", "All that was said has been deleted"))
    return message


def know_file(*, message: Message, file: dict[str, object]) -> None:
    """Take over what was learned later about one of the message's files."""
    with transaction.atomic():
        fresh = Message.objects.select_for_update(no_key=True).get(pk=message.pk)
        fresh.files = [clean(file) if one.get("id") == file["id"] else one for one in fresh.files]
        fresh.save(update_fields=["files"])


def name_author(author: User | Contact, *, former: str) -> None:
    """Put the name right of those messages that came before the author's name was known."""
    key = {"author_user": author} if isinstance(author, User) else {"author_contact": author}
    with transaction.atomic():
        named = Message.objects.filter(workspace=author.workspace_id, author_name=former, **key)
        ids = set(named.values_list("conversation_id", flat=True))
        if not named.update(author_name=author.name[:120]):
            return
        shown = Conversation.objects.filter(pk__in=ids)
        shown.filter(last_message_author=former).update(last_message_author=author.name[:120])
        shown.update(version=F("version") + 1)
        announce(author.workspace_id, sorted(ids))


def change_account_owner(*, account: Account, owner: User | None, by: User) -> list[Conversation]:
    """Give the account to another teammate: its channels, and its conversations that aren't closed, follow.

    Answers the conversations that changed hands, each of which has an event.
    """
    require_change(by)
    if owner and owner.workspace_id != account.workspace_id:
        raise ValidationError(_("The owner must be a teammate of this workspace."))
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


def wake_snoozed() -> int:
    """Bring back those whose time has come. Answers how many."""
    why = Automatic("snooze", "Its time has come")
    with transaction.atomic():
        # Locked while it is looked at: somebody may snooze it again at this moment.
        due = Conversation.objects.select_for_update(skip_locked=True, no_key=True).filter(
            snoozed_until__lte=timezone.now()
        )
        woken = [conversation.wake(by=why) for conversation in due.order_by("pk")[:WOKEN_AT_ONCE]]
    return len(woken)


def _locked_message(channel: Channel, ts: str) -> Message | None:
    # In the order in which an incoming message locks: the channel first.
    Channel.objects.select_for_update(no_key=True).get(pk=channel.pk)
    return (
        Message.objects.select_related("conversation", "author_user", "author_contact")
        .filter(channel=channel, ts=ts)
        .first()
    )


def _forget(message: Message) -> None:
    """Remove what the message said, and what it said before it was edited."""
    message.text, message.html, message.files, message.grouping_reason = "", "", [], ""
    message.save(update_fields=["text", "html", "files", "grouping_reason"])
    message.events.filter(kind=EventKind.MESSAGE_EDITED).update(data={})
    message.events.update(reason="")  # which may quote it
    Reply.objects.filter(message=message).update(text="")


def _retell(message: Message, kind: EventKind, *, at: datetime, data: dict[str, str], by: User | None) -> None:
    """Record the event, and have the card tell what the message says now. A note is never on the card."""
    conversation = message.conversation
    event = conversation.event(kind, by=by or message.author_user or message.author_contact, at=at, message=message)
    event.data = data
    event.save()
    shown: dict[str, object] = {}
    if message.kind != MessageKind.NOTE:
        told: tuple[str, ...] = ()
        if kind == EventKind.MESSAGE_DELETED:
            undescribe(conversation)
            told = ("title", "titled_at", *DESCRIBED)
        elif conversation.described_at is None:
            conversation.retitle()
            told = ("title", "titled_at")
        shown = {name: getattr(conversation, name) for name in told}
        if message.sent_at >= conversation.last_message_at:
            shown["last_message_text"] = message.excerpt
    Conversation.objects.filter(pk=conversation.pk).update(version=F("version") + 1, **shown)
    announce(conversation.workspace_id, [conversation.pk])
