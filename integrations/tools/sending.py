"""Tells the tool what a delivery stands for, and notes on both rows what both sides know then.

No transaction is open during a call. A delivery that was tried before may have been heard: what it said is looked for
by its key before it is said again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from django.db import transaction
from django.utils import timezone

from conversations.models import Automatic, Conversation, EventKind, Message
from integrations.models import Delivery, DeliveryKind, Link, LinkedMessage
from integrations.tools.attaching import attached
from integrations.tools.config import Config
from integrations.tools.ending import LinkEnd, end
from integrations.tools.errors import Gone, Unsupported
from integrations.tools.locking import lock
from integrations.tools.planning import opening_of, owner_key, tell
from integrations.tools.protocol import Adapter, Counterpart, NewComment, NewTicket
from integrations.tools.showing import show_links
from integrations.tools.wording import announcement, fingerprint, page, requester, said, subject

Answer: TypeAlias = dict[str, Any]
"""What came of it, to be kept on the delivery."""
TICKET = ["external_id", "number", "url", "their_status", "their_owner", "their_version"]
"""What is known of a ticket once it is there."""
NEVER_TOLD = "-"
"""In the place of an owner: nobody's address, so that whoever it is now goes over."""


def send(delivery: Delivery, link: Link, adapter: Adapter) -> Answer:
    """Raises ToolError."""
    answer = _SENDERS[DeliveryKind(delivery.kind)](delivery, link, adapter)
    files = delivery.response.get("files")
    return answer | {"files": files} if files else answer


def _send_ticket(delivery: Delivery, link: Link, adapter: Adapter) -> Answer:
    if link.external_id:
        return {"skipped": "there is a ticket already"}
    unheard = made = adapter.created(str(link.key)) if delivery.attempts > 1 else None
    conversation, config = link.conversation, Config.read(link.installation.config)
    linked = LinkedMessage.objects.select_related("message").get(link=link, key=delivery.request["key"])
    opening = _opening(linked, conversation, config, adapter)
    status, owner = config.theirs(conversation.status), conversation.owner
    if made is None:
        asks = requester(conversation, linked.message or opening_of(conversation))
        ticket = NewTicket(
            key=str(link.key), subject=subject(conversation), requester=asks, opening=opening,
            url=page(conversation), status=status, owner_email=(owner.email or "") if owner else "",
            fields=config.fields,
        )  # fmt: skip
        made = attached(opening, delivery, lambda full: adapter.create(replace(ticket, opening=full)))
    with transaction.atomic():
        lock(link)
        note_ticket(link, made)
        # What it was made with is what both sides know; where the tool made something else of it, that is put right.
        link.our_status = conversation.status if config.ours(made.status) == conversation.status else ""
        # An earlier try may have been made with another owner; of this one we know whether the tool has found them.
        link.our_owner = owner_key(owner) if not unheard or link.their_owner == owner_key(owner) else NEVER_TOLD
        # What the tool told of the ticket before its id was known was told of nothing: it is read once.
        link.heard_at = link.due_at = timezone.now()
        link.save(update_fields=[*TICKET, "our_status", "our_owner", "heard_at", "due_at"])
        linked.external_id, linked.is_public = made.opening_id, opening.is_public
        linked.fingerprint = fingerprint(linked.message) if linked.message and not unheard else ""
        linked.save(update_fields=["external_id", "is_public", "fingerprint"])
        told = {"tool": link.installation.get_provider_display(), "number": made.number, "url": made.url}
        by = link.linked_by or Automatic(link.installation.provider, "New conversations connect by themselves")
        show_links(conversation, by=by, told=EventKind.LINKED, data=told)
    return {"ticket": made.external_id, "number": made.number}


def _send_comment(delivery: Delivery, link: Link, adapter: Adapter) -> Answer:
    linked = LinkedMessage.objects.select_related("message__channel").get(link=link, key=delivery.request["key"])
    if linked.external_id:
        return {"skipped": "it is there already"}
    message, text = linked.message, str(delivery.request.get("says", ""))
    if message is None and not text:
        return {"skipped": "the message is no more"}
    if message and message.deleted_at:
        LinkedMessage.objects.filter(pk=linked.pk).update(gone_at=timezone.now())
        return {"skipped": "the message was deleted"}
    if message:
        comment = said(message, linked.key, Config.read(link.installation.config), adapter.can)
    else:
        comment = announcement(link.conversation, linked.key, text, adapter.can)
    unheard = _unheard(delivery, link, linked.key, adapter)
    external_id = unheard or attached(comment, delivery, lambda full: adapter.add(link.external_id, full))
    # Of what an earlier try has said the wording is not known: an edit since then goes over.
    known = fingerprint(message) if message and not unheard else ""
    LinkedMessage.objects.filter(pk=linked.pk).update(
        external_id=external_id, is_public=comment.is_public, fingerprint=known
    )
    if delivery.request.get("ends"):
        end(
            link,
            LinkEnd.MERGED,
            by=Automatic(link.installation.provider, "It is part of a conversation that has its own"),
        )
    return {"comment": external_id}


def _send_edit(delivery: Delivery, link: Link, adapter: Adapter) -> Answer:
    linked, message = _linked(link, delivery)
    if linked.gone_at or message is None or message.deleted_at:
        return {"skipped": "it is gone"}
    comment = said(message, linked.key, Config.read(link.installation.config), adapter.can)
    answer: Answer = {"comment": linked.external_id}
    known = fingerprint(message)
    try:
        attached(comment, delivery, lambda full: adapter.edit(link.external_id, linked.external_id, full))
    except Unsupported:
        text = f"{comment.author.name} changed a message of {message.sent_at:%d %b %H:%M} UTC. It says now:\n\n"
        answer |= _tell_instead(link, adapter, f"{linked.key}-{known[:12]}", text + comment.text)
    except Gone:
        _still_there(link, adapter)
        LinkedMessage.objects.filter(pk=linked.pk).update(gone_at=timezone.now())
        return {"skipped": "the comment is gone there"}
    LinkedMessage.objects.filter(pk=linked.pk).update(fingerprint=known)
    return answer


def _send_deletion(delivery: Delivery, link: Link, adapter: Adapter) -> Answer:
    linked, message = _linked(link, delivery)
    if linked.gone_at or message is None:
        return {"skipped": "it is gone"}
    answer: Answer = {"comment": linked.external_id}
    try:
        adapter.delete(link.external_id, linked.external_id)
    except Unsupported:
        text = f"{message.author_name} deleted their message of {message.sent_at:%d %b %H:%M} UTC in Slack."
        answer |= _tell_instead(link, adapter, f"{linked.key}-deleted", text)
    except Gone:
        _still_there(link, adapter)
    LinkedMessage.objects.filter(pk=linked.pk).update(gone_at=timezone.now())
    return answer


def _send_status(delivery: Delivery, link: Link, adapter: Adapter) -> Answer:
    config, ours = Config.read(link.installation.config), link.conversation.status
    wanted, answer = config.theirs(ours), {"skipped": "it is in step"}
    if wanted and wanted != link.their_status and config.ours(link.their_status) != ours:
        _remember(delivery, status=wanted)
        adapter.set_status(link.external_id, wanted)
        link.their_status, answer = wanted, {"status": wanted}
    link.our_status = ours
    link.save(update_fields=["our_status", "their_status"])
    return answer


def _send_owner(delivery: Delivery, link: Link, adapter: Adapter) -> Answer:
    ours = link.conversation.owner
    email = (ours.email or "").lower() if ours else ""
    answer: Answer = {"skipped": "it is in step"}
    if email != link.their_owner and (email or ours is None):
        _remember(delivery, owner=email)
        is_found = adapter.set_owner(link.external_id, email)
        answer = {"owner": email} if is_found else {"skipped": f"nobody there has the address {email}"}
        link.their_owner = email if is_found else link.their_owner
    link.our_owner = owner_key(ours)
    link.save(update_fields=["our_owner", "their_owner"])
    return answer


_SENDERS: Mapping[DeliveryKind, Callable[[Delivery, Link, Adapter], Answer]] = {
    DeliveryKind.TICKET: _send_ticket,
    DeliveryKind.TICKET_COMMENT: _send_comment,
    DeliveryKind.TICKET_EDIT: _send_edit,
    DeliveryKind.TICKET_DELETE: _send_deletion,
    DeliveryKind.TICKET_STATUS: _send_status,
    DeliveryKind.TICKET_OWNER: _send_owner,
}


# What they share ──────────────────────────────────────────────────────────────────────────────────────


def _opening(linked: LinkedMessage, conversation: Conversation, config: Config, adapter: Adapter) -> NewComment:
    if linked.message:
        return said(linked.message, linked.key, config, adapter.can)
    return announcement(conversation, linked.key, subject(conversation), adapter.can)


def note_ticket(link: Link, made: Counterpart) -> None:
    """In memory; the fields are TICKET."""
    link.external_id, link.number, link.url = made.external_id, made.number[:64], made.url[:500]
    link.their_status, link.their_version = made.status, ""
    link.their_owner = made.owner.email.lower() if made.owner else ""


def _linked(link: Link, delivery: Delivery) -> tuple[LinkedMessage, Message | None]:
    linked = LinkedMessage.objects.select_related("message__channel").get(link=link, key=delivery.request["key"])
    return linked, linked.message


def _unheard(delivery: Delivery, link: Link, key: str, adapter: Adapter) -> str:
    """The id of what an earlier try said without our hearing of it, if any."""
    if delivery.attempts <= 1:
        return ""
    return next((one.external_id for one in adapter.comments(link.external_id) if one.key == key), "")


def _tell_instead(link: Link, adapter: Adapter, key: str, text: str) -> Answer:
    """What the tool can't do itself is said in a private comment."""
    if not adapter.can.private and adapter.can.public:
        return {"skipped": "the tool can neither do this nor keep a comment private"}
    tell(link, key, text)
    return {"told": key}


def _still_there(link: Link, adapter: Adapter) -> None:
    """Raises Gone where it is the ticket that is gone, and not a comment."""
    adapter.get(link.external_id)


def _remember(delivery: Delivery, **wanted: str) -> None:
    """Before the call: should its answer be lost, what comes back is known as ours."""
    delivery.request = delivery.request | wanted
    delivery.save(update_fields=["request"])
