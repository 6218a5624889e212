"""Takes over what happened to a ticket, by comparing it as it stands there with what both sides last agreed on.

Comments become internal notes, or replies to the customer where the workspace says so. What we wrote ourselves is
known by its comment's id or its key. A change of status or owner that was made on both sides goes to the later one.
"""

from __future__ import annotations

from datetime import datetime
from uuid import uuid5

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from conversations.models import Automatic, Conversation, EventKind
from conversations.notes import remove_note, reword_note
from conversations.replying import destination, refusal, worded, write_reply
from integrations.models import Delivery, DeliveryKind, Direction, Link, LinkedMessage
from integrations.tools.config import Config
from integrations.tools.errors import Gone, ToolError
from integrations.tools.limits import LONGEST_COMMENT
from integrations.tools.locking import lock
from integrations.tools.planning import owner_key, waiting
from integrations.tools.protocol import Adapter, Counterpart, Person, TheirComment
from integrations.tools.showing import show_links
from integrations.tools.wording import fingerprint_of


def read(link: Link, adapter: Adapter) -> int:
    """Answers how many comments were new. Raises ToolError, in words where the ticket is gone."""
    ticket = _ticket(link, adapter)
    is_same = ticket.external_id == link.external_id
    if is_same and ticket.version and ticket.version == link.their_version:
        return 0
    comments = adapter.comments(ticket.external_id)
    with transaction.atomic():
        lock(link)
        _follow(link, ticket)
        added = _take_comments(link, comments)
        _take_status(link, ticket)
        _take_owner(link, ticket)
        link.their_version = ticket.version
        link.save(update_fields=["our_status", "our_owner", "their_status", "their_owner", "their_version"])
    return added


def know_comments(link: Link, comments: list[TheirComment]) -> None:
    """Count what a ticket holds already as known: it is not taken over."""
    LinkedMessage.objects.bulk_create(
        [
            LinkedMessage(
                link=link, direction=Direction.IN, external_id=one.external_id, is_public=one.is_public,
                fingerprint=fingerprint_of(one),
            )
            for one in comments
        ],
        ignore_conflicts=True,
    )  # fmt: skip


# The ticket ───────────────────────────────────────────────────────────────────────────────────────────


def _ticket(link: Link, adapter: Adapter) -> Counterpart:
    """As it stands; where it was merged, the one that stands for it now."""
    seen: set[str] = set()
    external_id = link.external_id
    while True:
        try:
            ticket = adapter.get(external_id)
        except Gone as error:
            tool = link.installation.get_provider_display()
            raise Gone(f"{tool} has no ticket {link.number} any more: it was deleted there.") from error
        if not ticket.merged_into or ticket.merged_into in seen:
            return ticket
        seen.add(external_id)
        external_id = ticket.merged_into


def _follow(link: Link, ticket: Counterpart) -> None:
    """Its number, address and id may have changed."""
    known = (link.external_id, link.number, link.url)
    if known == (ticket.external_id, ticket.number[:64], ticket.url[:500]):
        return
    others = Link.objects.filter(installation=link.installation_id, external_id=ticket.external_id, ended_at=None)
    if other := others.exclude(pk=link.pk).select_related("conversation").first():
        raise ToolError(
            f"Ticket {link.number} was merged into {ticket.number}, which is connected with "
            f"#{other.conversation.number} already.",
            permanent=True,
        )
    if link.external_id != ticket.external_id:  # what was said there stays here, though the new one does not tell it
        said_there = LinkedMessage.objects.filter(link=link, direction=Direction.IN, gone_at=None)
        said_there.update(gone_at=timezone.now())
    link.external_id, link.number, link.url = ticket.external_id, ticket.number[:64], ticket.url[:500]
    link.save(update_fields=["external_id", "number", "url"])
    show_links(link.conversation, by=Automatic(link.installation.provider, "The ticket moved"))


def _take_status(link: Link, ticket: Counterpart) -> None:
    if ticket.status == link.their_status:
        return
    is_ours = ticket.status == _unheard(link, DeliveryKind.TICKET_STATUS, "status")
    link.their_status = ticket.status
    conversation = link.conversation
    conversation.refresh_from_db()
    wanted = Config.read(link.installation.config).ours(ticket.status)
    if is_ours or wanted is None:
        return
    if wanted != conversation.status:
        if conversation.status != link.our_status and _is_later(conversation.status_changed_at, ticket):
            return  # ours goes over
        conversation.set_status(wanted, by=_they(link, f"set to {ticket.status}"))
    link.our_status = wanted


def _take_owner(link: Link, ticket: Counterpart) -> None:
    theirs = ticket.owner.email.lower() or f"somebody called {ticket.owner.name}"[:254] if ticket.owner else ""
    if theirs == link.their_owner:
        return
    is_ours = theirs == _unheard(link, DeliveryKind.TICKET_OWNER, "owner")
    link.their_owner = theirs
    conversation = link.conversation
    conversation.refresh_from_db()
    owner = _teammate(conversation, ticket.owner) if ticket.owner else None
    if is_ours or (theirs and owner is None):
        return
    if owner_key(owner) != owner_key(conversation.owner):
        if owner_key(conversation.owner) != link.our_owner and _is_later(_owned_since(conversation), ticket):
            return  # ours goes over
        conversation.assign(
            owner, by=_they(link, f"owned by {ticket.owner.name}" if ticket.owner else "owned by nobody")
        )
    link.our_owner = owner_key(owner)


def _unheard(link: Link, kind: DeliveryKind, name: str) -> str | None:
    """What we may have set without hearing of it."""
    tried: Delivery | None = waiting(link).filter(kind=kind, attempts__gt=0).first()
    return str(tried.request[name]) if tried and name in tried.request else None


def _is_later(ours: datetime, ticket: Counterpart) -> bool:
    return ticket.updated_at is not None and ours > ticket.updated_at


def _owned_since(conversation: Conversation) -> datetime:
    changes = conversation.events.filter(kind=EventKind.OWNER_CHANGED).order_by("-happened_at")
    return changes.values_list("happened_at", flat=True).first() or conversation.opened_at


def _they(link: Link, what: str) -> Automatic:
    tool = link.installation.get_provider_display()
    return Automatic(link.installation.provider, f"{tool} {link.number}: {what}", for_person=True)


# Its comments ─────────────────────────────────────────────────────────────────────────────────────────


def _take_comments(link: Link, comments: list[TheirComment]) -> int:
    rows = list(LinkedMessage.objects.filter(link=link).select_related("message__conversation"))
    by_id = {row.external_id: row for row in rows if row.external_id}
    by_key = {row.key: row for row in rows if row.key}
    added = 0
    for comment in comments:
        if known := by_id.get(comment.external_id):
            _take_wording(known, comment)
        elif comment.key:
            _note(link, by_key.get(comment.key), comment)
        else:
            _take(link, comment)
            added += 1
    told = {comment.external_id for comment in comments}
    for row in by_id.values():
        if row.direction == Direction.IN and row.external_id not in told and row.gone_at is None:
            _forget(row)
    return added


def _note(link: Link, row: LinkedMessage | None, comment: TheirComment) -> None:
    """Something of ours, of which we had not heard; or that an earlier link of the ticket has said."""
    if row and not row.external_id:
        row.external_id, row.is_public = comment.external_id, comment.is_public
        row.save(update_fields=["external_id", "is_public"])
    else:
        know_comments(link, [comment])


def _take(link: Link, comment: TheirComment) -> None:
    row = LinkedMessage(
        link=link, direction=Direction.IN, external_id=comment.external_id, is_public=comment.is_public,
        fingerprint=fingerprint_of(comment),
    )  # fmt: skip
    conversation = link.conversation
    speaker = _teammate(conversation, comment.author)
    if reply_by := _may_reply(link, comment, speaker):
        key = uuid5(link.key, comment.external_id)
        thread_ts = destination(conversation).thread_ts
        row.reply = write_reply(
            conversation=conversation, text=_text(comment), by=reply_by, key=key, thread_ts=thread_ts
        )
    else:
        tool = link.installation.get_provider_display()
        by = speaker or Automatic(link.installation.provider, f"Written in {tool}")
        name = "" if speaker else f"{comment.author.name or 'Somebody'} ({tool})"
        row.message = conversation.add_note(_text(comment), by=by, author_name=name)
    row.save()


def _may_reply(link: Link, comment: TheirComment, speaker: User | None) -> User | None:
    """Whoever wrote it for the customer to read; None: it becomes a note."""
    if not (comment.is_public and comment.author.is_ours and Config.read(link.installation.config).brings_replies):
        return None
    if speaker is None or refusal(link.conversation, speaker):
        return None
    try:
        worded(_text(comment))
    except ValidationError:
        return None
    return speaker


def _take_wording(row: LinkedMessage, comment: TheirComment) -> None:
    """What they changed of their own. What went to the customer stays as the customer has read it."""
    if row.direction == Direction.OUT or row.fingerprint == fingerprint_of(comment):
        return
    if row.message and row.reply is None:
        reword_note(row.message, text=_text(comment), at=timezone.now())
    LinkedMessage.objects.filter(pk=row.pk).update(fingerprint=fingerprint_of(comment))


def _forget(row: LinkedMessage) -> None:
    if row.message and row.reply is None:
        remove_note(row.message, at=timezone.now())
    LinkedMessage.objects.filter(pk=row.pk).update(gone_at=timezone.now())


def _text(comment: TheirComment) -> str:
    """With its files named, and the addresses at which they open for who may sign in there."""
    text = comment.text.strip()
    if len(text) > LONGEST_COMMENT:
        text = f"{text[:LONGEST_COMMENT]}…"
    files = [f"{file.name}: {file.url}" if file.url else file.name for file in comment.files]
    return "\n".join([text, *files]).strip() or "(empty)"


def _teammate(conversation: Conversation, person: Person) -> User | None:
    if not person.email:
        return None
    ours = User.objects.filter(workspace=conversation.workspace_id, is_active=True)
    return ours.filter(email__iexact=person.email).first()
