"""How a link stands, in words for its conversation's page."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.models import Delivery, DeliveryKind, Link
from integrations.tools.planning import waiting
from integrations.tools.resuming import failure
from integrations.trouble import TROUBLE


@dataclass(frozen=True, slots=True)
class Standing:
    """`level`: good, busy, warn or danger, as badges are coloured. `failed`: what a person decides about."""

    link: Link
    level: str
    words: str
    failed: Delivery | None = None
    may_skip: bool = False


def standing(link: Link) -> Standing:
    tool = link.installation.get_provider_display()
    if link.stopped_at:
        failed = failure(link)
        may_skip = failed is not None and failed.kind != DeliveryKind.TICKET
        return Standing(link, "danger", TROUBLE.told(link.stopped_because), failed, may_skip)
    if link.installation.removed_at:
        return Standing(link, "warn", _("%(tool)s is not connected any more: all waits.") % {"tool": tool})
    if link.installation.revoked_at:
        because = TROUBLE.told(link.installation.revoked_because)
        return Standing(link, "danger", f"{because} {_('Until then all waits.')}")
    if link.trouble or link.installation.paused_because:
        because = TROUBLE.told(link.trouble or link.installation.paused_because)
        return Standing(link, "warn", f"{because} {_('It is tried again by itself; nothing is lost.')}")
    if not link.external_id:
        return Standing(link, "busy", _("The ticket is being made."))
    if count := waiting(link).count():
        words = ngettext("%(count)s change is on its way.", "%(count)s changes are on their way.", count)
        return Standing(link, "busy", words % {"count": count})
    return Standing(link, "good", _("In step"))
