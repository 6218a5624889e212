"""What a person does with a link that has stopped: try again, or go on without what had failed."""

from __future__ import annotations

from functools import partial

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import require_change
from conversations.models import Automatic
from integrations.models import Delivery, DeliveryKind, DeliveryState, Link, LinkedMessage
from integrations.tools.locking import lock
from integrations.tools.planning import owner_key
from integrations.tools.showing import show_links
from integrations.tools.tasks import work_links
from integrations.tools.wording import fingerprint
from integrations.wake import wake


def try_again(link: Link, *, by: User) -> None:
    """Begin with what had failed."""
    _go_on(link, by, state=DeliveryState.PENDING, finished_at=None)


def skip(link: Link, *, by: User) -> None:
    """Leave out what had failed. ValidationError for a ticket that could not be made."""
    failed = failure(link)
    if failed and failed.kind == DeliveryKind.TICKET:
        raise ValidationError(_("Without a ticket there is nothing to keep in step: disconnect it instead."))
    with transaction.atomic():
        if failed:
            _count_as_told(link, failed)
        _go_on(link, by)


def take_up(delivery: Delivery) -> None:
    """An operator has sent it again after it had failed: its link goes on with it. Within their transaction."""
    if delivery.link:
        _set_going(delivery.link)
        show_links(delivery.link.conversation, by=Automatic("operator", "Sent again"))


def failure(link: Link) -> Delivery | None:
    """What made it stop, if something that was to be sent did."""
    if link.stopped_at is None:
        return None
    failed = Delivery.objects.filter(link=link, state=DeliveryState.FAILED)
    return failed.filter(finished_at__gte=link.created_at).exclude(error="").order_by("-finished_at", "-pk").first()


def _go_on(link: Link, by: User, **again: object) -> None:
    require_change(by)
    if link.workspace_id != by.workspace_id:
        raise ValidationError(_("This conversation is of another workspace."))
    with transaction.atomic():
        lock(link)
        failed = failure(link)
        if not _set_going(link):
            return
        if failed and again:
            Delivery.objects.filter(pk=failed.pk).update(**again)
        show_links(link.conversation, by=by)
    link.refresh_from_db()


def _set_going(link: Link) -> bool:
    """False where it had not stopped."""
    now = timezone.now()
    stopped = Link.objects.filter(pk=link.pk, ended_at=None).exclude(stopped_at=None)
    transaction.on_commit(partial(wake, work_links))
    return bool(
        stopped.update(
            stopped_at=None, stopped_because="", failures=0, trouble="", due_at=now, heard_at=now, their_version=""
        )
    )


def _count_as_told(link: Link, failed: Delivery) -> None:
    """Otherwise it would be planned anew. A comment is not: its row stands."""
    Delivery.objects.filter(pk=failed.pk).update(error="")
    conversation = link.conversation
    match failed.kind:
        case DeliveryKind.TICKET_STATUS:
            Link.objects.filter(pk=link.pk).update(our_status=conversation.status)
        case DeliveryKind.TICKET_OWNER:
            Link.objects.filter(pk=link.pk).update(our_owner=owner_key(conversation.owner))
        case DeliveryKind.TICKET_EDIT | DeliveryKind.TICKET_DELETE:
            is_deletion = failed.kind == DeliveryKind.TICKET_DELETE
            linked = LinkedMessage.objects.select_related("message").get(link=link, key=failed.request["key"])
            linked.fingerprint = fingerprint(linked.message) if linked.message else ""
            linked.gone_at = timezone.now() if is_deletion else linked.gone_at
            linked.save(update_fields=["fingerprint", "gone_at"])
