"""What a ticket still has to be told: the difference between the conversation and what both sides last agreed on.

Compared each time from what is stored, so that nothing is lost when an event was, and nothing is told twice.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from conversations.models import Conversation, Message, MessageKind
from integrations.models import Delivery, DeliveryKind, DeliveryState, Direction, Link, LinkedMessage
from integrations.tools.config import Config
from integrations.tools.protocol import Abilities
from integrations.tools.wording import fingerprint, goes_over

WAITING = [DeliveryState.PENDING, DeliveryState.SENDING]


def plan(link: Link, config: Config, can: Abilities) -> int:
    """Make the deliveries that are missing, in their order. Within a transaction that holds the link's row. Answers
    how many wait by now."""
    if link.ended_at is None:
        kinds = goes_over(config, can)
        if not link.external_id:
            _plan_ticket(link)
        _plan_comments(link, kinds)
        if link.external_id:
            _plan_changes(link)
            _plan_standing(link)
    return waiting(link).count()


def waiting(link: Link) -> QuerySet[Delivery]:
    return Delivery.objects.filter(link=link, state__in=WAITING).order_by("pk")


def owner_key(owner: User | None) -> str:
    """By which an owner is known on both sides: the e-mail address, in small letters."""
    return "" if owner is None else (owner.email or f"teammate {owner.pk}").lower()


def add(link: Link, kind: DeliveryKind, **request: object) -> Delivery:
    return Delivery.objects.create(
        workspace_id=link.workspace_id, installation_id=link.installation_id, conversation_id=link.conversation_id,
        link=link, kind=kind, place=link.number, request=request,
    )  # fmt: skip


def tell(link: Link, key: str, text: str, **request: object) -> None:
    """Have the tool's people told something of ours, once for each key."""
    _, is_new = LinkedMessage.objects.get_or_create(link=link, key=key, defaults={"direction": Direction.OUT})
    if is_new:
        add(link, DeliveryKind.TICKET_COMMENT, key=key, says=text, **request)


def tell_again(link: Link, linked: LinkedMessage) -> None:
    """Have the tool give a comment of ours the words that its message has."""
    _once(link, DeliveryKind.TICKET_EDIT, linked.key)


def opening_of(conversation: Conversation) -> Message | None:
    """With what a ticket begins."""
    said = conversation.messages.exclude(kind=MessageKind.NOTE).filter(deleted_at=None)
    return said.order_by("sent_at", "pk").first()


def _plan_ticket(link: Link) -> None:
    if waiting(link).filter(kind=DeliveryKind.TICKET).exists() or _has_failed(link, DeliveryKind.TICKET):
        return
    opening = opening_of(link.conversation)
    key = f"m{opening.pk}" if opening else "opening"
    known = LinkedMessage.objects.filter(link=link, key=key)
    if not known.exists():
        LinkedMessage.objects.create(link=link, direction=Direction.OUT, message=opening, key=key)
    add(link, DeliveryKind.TICKET, key=key)


def _plan_comments(link: Link, kinds: Iterable[MessageKind]) -> None:
    known = LinkedMessage.objects.filter(link=link)
    came = known.filter(Q(message=OuterRef("pk")) | Q(reply__message=OuterRef("pk")))
    missing = Message.objects.filter(conversation=link.conversation_id, kind__in=kinds, deleted_at=None)
    for message in missing.exclude(Exists(came)).order_by("sent_at", "pk"):
        key = f"m{message.pk}"
        LinkedMessage.objects.create(link=link, direction=Direction.OUT, message=message, key=key)
        add(link, DeliveryKind.TICKET_COMMENT, key=key)


def _plan_changes(link: Link) -> None:
    """Edits and deletions of what is there. A message that was moved elsewhere is followed no more."""
    changed = Q(message__edited_at__isnull=False) | Q(message__deleted_at__isnull=False)
    sent = LinkedMessage.objects.filter(
        changed, link=link, direction=Direction.OUT, gone_at=None, message__conversation=link.conversation_id
    )
    for linked in sent.exclude(external_id="").select_related("message").order_by("message__edited_at", "pk"):
        if linked.message is None:
            continue
        if linked.message.deleted_at:
            _once(link, DeliveryKind.TICKET_DELETE, linked.key)
        elif linked.fingerprint != fingerprint(linked.message):
            _once(link, DeliveryKind.TICKET_EDIT, linked.key)


def _plan_standing(link: Link) -> None:
    """Status and owner are read when they are sent: one delivery of each stands for all changes until then."""
    conversation = link.conversation
    for kind, has_changed in (
        (DeliveryKind.TICKET_STATUS, conversation.status != link.our_status),
        (DeliveryKind.TICKET_OWNER, owner_key(conversation.owner) != link.our_owner),
    ):
        if has_changed and not waiting(link).filter(kind=kind).exists():
            add(link, kind)


def _once(link: Link, kind: DeliveryKind, key: str) -> None:
    if not waiting(link).filter(kind=kind, request__key=key).exists():
        add(link, kind, key=key)


def _has_failed(link: Link, kind: DeliveryKind) -> bool:
    return Delivery.objects.filter(link=link, kind=kind, state=DeliveryState.FAILED).exists()
