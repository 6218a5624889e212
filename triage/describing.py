"""A triage channel's filter, in words."""

from __future__ import annotations

from accounts.models import Account, Channel, User
from conversations.models import Priority
from conversations.status import Status
from triage.models import TriageChannel
from triage.routing import Filter


def in_words(triage: TriageChannel) -> str:
    """ "conversations of Dana Reyes or Omar Haddad, of the tier Enterprise" """
    if triage.is_general:
        return "everything that no other triage channel shows"
    chosen, mine = Filter.read(triage.filter), {"workspace": triage.workspace_id}
    owners = [str(user) for user in User.objects.filter(**mine, pk__in=chosen.owners)] + ["nobody"] * (
        0 in chosen.owners
    )
    parts = [
        ("of", owners),
        ("of", [str(one) for one in Account.objects.filter(**mine, pk__in=chosen.accounts)]),
        ("in", [str(one) for one in Channel.objects.filter(**mine, pk__in=chosen.channels)]),
        ("of the tier", sorted(chosen.tiers)),
        ("tagged", sorted(chosen.tags)),
        ("with priority", [str(Priority(one).label) for one in sorted(chosen.priorities)]),
        ("when they are", [str(Status(one).label) for one in sorted(chosen.statuses)]),
    ]
    told = [f"{word} {' or '.join(values)}" for word, values in parts if values]
    return "conversations " + (", ".join(told) or "of people or accounts that are gone")
