"""When a link is kept in step no more, or waits for a person."""

from __future__ import annotations

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations.models import Actor, Automatic, EventKind
from integrations.models import Delivery, DeliveryState, Link
from integrations.tools.locking import lock
from integrations.tools.showing import show_links


class LinkEnd(models.TextChoices):
    """Why; a person's own sentence may stand instead."""

    DISCONNECTED = "disconnected", _("Disconnected")
    MERGED = "merged", _("Its conversation was merged into one that has a ticket of its own")


def end(link: Link, because: LinkEnd, *, by: Actor) -> None:
    """Both sides keep what they have."""
    with transaction.atomic():
        lock(link)
        ended = Link.objects.filter(pk=link.pk, ended_at=None)
        if not ended.update(ended_at=timezone.now(), ended_because=because, due_at=None, stopped_at=None):
            return
        left = Delivery.objects.filter(link=link, state=DeliveryState.PENDING)
        left.update(state=DeliveryState.FAILED, error="The link has ended.", finished_at=timezone.now())
        told = {"tool": link.installation.get_provider_display(), "number": link.number, "url": link.url}
        show_links(link.conversation, by=by, told=EventKind.UNLINKED, data=told)
    link.refresh_from_db()


def stop(link: Link, because: str) -> None:
    """Have it wait for a person; what is to be sent is kept."""
    with transaction.atomic():
        lock(link)
        working = Link.objects.filter(pk=link.pk, ended_at=None)
        working.update(stopped_at=timezone.now(), stopped_because=because[:300], trouble="", due_at=None)
        show_links(link.conversation, by=Automatic(link.installation.provider, because))
    link.refresh_from_db()
