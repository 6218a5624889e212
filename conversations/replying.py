"""What people do with replies to customers: write, take back, change, delete.

A Reply is a row of its own until the other system has taken it; from then on it has a Message. What a person wants
and what the sender does (`reply_sending.py`) meet in conditional updates of the row's state: of two at the same
moment one comes too late.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import ChannelKind, User
from accounts.roles import require_change
from conversations.announce import announce
from conversations.excerpts import clean
from conversations.models import Conversation, EventKind, Message, MessageKind, Reply, ReplyState

LENGTH = 4_000
"""Characters of a reply at most."""
UNDO = timedelta(seconds=10)
"""How long a reply waits before it goes out."""

SEND, EDIT, DELETE = "send", "edit", "delete"
"""What a reply's event asks for, in its data as `wish`; `reply` is the row's id."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a reply goes unless its writer chooses otherwise. `thread_ts`: the thread's root; empty: the channel.

    `answers`: the message whose thread it is. `is_begun`: the thread exists, so that leaving it would be odd.
    """

    thread_ts: str = ""
    answers: Message | None = None
    is_begun: bool = False


def destination(conversation: Conversation) -> Destination:
    """The thread of the customer's newest message; one that we began when no customer has written."""
    said = conversation.messages.filter(channel=conversation.channel_id, deleted_at=None)
    spoken = said.exclude(kind=MessageKind.NOTE).exclude(ts=None).order_by("-sent_at", "-pk")
    newest = spoken.filter(kind=MessageKind.INBOUND).first() or spoken.first()
    if newest is None:
        return Destination()
    return Destination(newest.thread_ts or str(newest.ts), newest, is_begun=bool(newest.thread_ts))


def refusal(conversation: Conversation, by: User) -> str:
    """Why this person can send nothing to the customer from this conversation, in words; empty: they can."""
    channel = conversation.channel
    if not by.is_active or by.workspace_id != conversation.workspace_id:
        return _("Only teammates of this workspace can reply.")
    if not by.may_change:
        return _("Your role here is read-only: you can’t reply to customers.")
    if channel.kind != ChannelKind.CUSTOMER:
        return _("%(channel)s is not a customer’s channel.") % {"channel": channel}
    if channel.is_sample:
        return _("This is sample data: there is nobody to reply to.")
    if channel.left_at:
        return _("Pylon is not in %(channel)s any more: invite it there first.") % {"channel": channel}
    if channel.archived_at:
        return _("%(channel)s is archived.") % {"channel": channel}
    if conversation.merged_into_id or conversation.is_unsorted:
        return _("This is no conversation of its own.")
    return ""


def worded(text: str) -> str:
    """The text as it is kept and sent. ValidationError when there is none, or too much."""
    text = clean(text).replace("\r\n", "\n").strip()
    if not text:
        raise ValidationError(_("Write something first."))
    if len(text) > LENGTH:
        message = _("A reply has at most %(most)s characters; this one has %(has)s.")
        raise ValidationError(message % {"most": f"{LENGTH:,}", "has": f"{len(text):,}"})
    return text


def write_reply(*, conversation: Conversation, text: str, by: User, key: UUID, thread_ts: str) -> Reply:
    """Let a reply go out in a moment. The same key again is the same reply. ValidationError where it can't be."""
    if problem := refusal(conversation, by):
        raise ValidationError(problem)
    text, now = worded(text), timezone.now()
    if thread_ts and not is_thread_of(conversation, thread_ts):
        raise ValidationError(_("This thread is of another conversation."))
    with transaction.atomic():
        reply, is_new = Reply.objects.get_or_create(
            author=by, key=key,
            defaults={
                "workspace_id": conversation.workspace_id, "conversation": conversation, "text": text,
                "thread_ts": thread_ts, "created_at": now, "send_after": now + UNDO,
            },
        )  # fmt: skip
        if is_new:
            _record(reply, EventKind.REPLY_WRITTEN, SEND, by=by)
    return reply


def take_back(*, reply: Reply, by: User) -> Reply:
    """Don't send it after all. ValidationError when it is on its way already."""
    _refuse_others(reply, by)
    reply.move([ReplyState.WAITING, ReplyState.FAILED], ReplyState.TAKEN_BACK, is_sent=False)
    if reply.state != ReplyState.TAKEN_BACK:
        raise ValidationError(_("Too late to take it back: it is on its way. Once it was sent you can delete it."))
    return reply


def try_again(*, reply: Reply, by: User) -> Reply:
    """Send at once what could not be sent."""
    _refuse_others(reply, by)
    with transaction.atomic():
        now = timezone.now()
        if reply.move([ReplyState.FAILED], ReplyState.WAITING, is_sent=False, send_after=now, error=""):
            _record(reply, EventKind.REPLY_CHANGED, SEND, by=by)
    return reply


def edit_reply(*, reply: Reply, text: str, by: User) -> Reply:
    """Give a sent reply another wording, in the other system and then here. ValidationError where it can't be."""
    text = worded(text)
    if text == reply.text and reply.state == ReplyState.SENT:
        return reply
    return _change(reply, EDIT, by=by, text=text)


def delete_reply(*, reply: Reply, by: User) -> Reply:
    """Delete a sent reply, in the other system and then here. ValidationError where it can't be."""
    return _change(reply, DELETE, by=by)


def leave_unchanged(*, reply: Reply, by: User) -> Reply:
    """Give up a change that could not be made: the reply stays as the customer sees it."""
    _refuse_others(reply, by)
    if reply.message:
        reply.move([ReplyState.FAILED], ReplyState.SENT, is_sent=True, text=reply.message.text, error="")
    return reply


def under_way(conversation: Conversation) -> list[Reply]:
    """Those that are not among the messages yet, old to new; also those of conversations that were merged into it."""
    mine = Q(conversation=conversation) | Q(conversation__merged_into=conversation)
    states = [ReplyState.WAITING, ReplyState.SENDING, ReplyState.FAILED]
    unsent = Reply.objects.filter(mine, message=None, state__in=states)
    return list(unsent.select_related("author").order_by("created_at", "pk"))


def is_thread_of(conversation: Conversation, thread_ts: str) -> bool:
    """Whether what was said in the thread is in this conversation, or in the one that it was merged into."""
    homes = {conversation.pk, conversation.merged_into_id} - {None}
    in_thread = Message.objects.filter(Q(ts=thread_ts) | Q(thread_ts=thread_ts), channel=conversation.channel_id)
    return in_thread.filter(conversation__in=homes).exists()


def _change(reply: Reply, wish: str, *, by: User, **changes: str) -> Reply:
    _refuse_others(reply, by)
    if reply.message is None:
        raise ValidationError(_("It was not sent yet."))
    if reply.message.deleted_at:
        if wish == DELETE:
            return reply
        raise ValidationError(_("It was deleted meanwhile."))
    with transaction.atomic():
        movable = [ReplyState.SENT, ReplyState.FAILED]
        if not reply.move(movable, ReplyState.SENDING, is_sent=True, error="", **changes):
            raise ValidationError(_("Another change of it is on its way. Wait for that."))
        _record(reply, EventKind.REPLY_CHANGED, wish, by=by)
    return reply


def _refuse_others(reply: Reply, by: User) -> None:
    require_change(by)
    if not reply.may_be_changed_by(by):
        raise ValidationError(_("Only whoever wrote a reply, or an admin, can change it."))


def _record(reply: Reply, kind: EventKind, wish: str, *, by: User) -> None:
    event = reply.conversation.event(kind, by=by, at=timezone.now(), message=reply.message)
    event.data = {"reply": reply.pk, "wish": wish}
    event.save()
    announce(reply.workspace_id, [reply.conversation_id])
