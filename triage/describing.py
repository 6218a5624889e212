"""A triage channel's filter, in words."""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts.models import Account, Channel, User
from conversations.models import Priority
from conversations.status import Status
from triage.models import TriageChannel
from triage.routing import Filter


def in_words(triage: TriageChannel) -> str:
    """ "conversations of Dana Reyes or Omar Haddad, of the tier Enterprise" """
    if triage.is_general:
        return _("everything that no other triage channel shows")
    chosen, mine = Filter.read(triage.filter), {"workspace": triage.workspace_id}
    owners = [str(user) for user in User.objects.filter(**mine, pk__in=chosen.owners)]
    owners += [_("nobody")] * (0 in chosen.owners)
    parts = [
        (_("of %(chosen)s"), owners),
        (_("of %(chosen)s"), [str(one) for one in Account.objects.filter(**mine, pk__in=chosen.accounts)]),
        (_("in %(chosen)s"), [str(one) for one in Channel.objects.filter(**mine, pk__in=chosen.channels)]),
        (_("of the tier %(chosen)s"), sorted(chosen.tiers)),
        (_("tagged %(chosen)s"), sorted(chosen.tags)),
        (_("with priority %(chosen)s"), [str(Priority(one).label) for one in sorted(chosen.priorities)]),
        (_("when they are %(chosen)s"), [str(Status(one).label) for one in sorted(chosen.statuses)]),
    ]
    told = [words % {"chosen": f" {_('or')} ".join(values)} for words, values in parts if values]
    if not told:
        return _("conversations of people or accounts that are gone")
    return _("conversations %(which)s") % {"which": ", ".join(told)}
