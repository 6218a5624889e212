"""Triage channels that are chosen by account follow one that is merged into another."""

from __future__ import annotations

from typing import Any

from accounts.models import AccountMerge
from triage.models import TriageChannel

FILTERS = "triage_filters"


def on_merged(merge: AccountMerge, **_: Any) -> None:
    followed = {}
    for triage in _of(merge).filter(filter__accounts__contains=[merge.gone_id]).select_for_update(no_key=True):
        before = triage.filter["accounts"]
        after = sorted({merge.kept_id if pk == merge.gone_id else pk for pk in before})
        _choose(triage, after)
        followed[str(triage.pk)] = [before, after]
    merge.moved[FILTERS] = followed


def on_undone(merge: AccountMerge, **_: Any) -> None:
    """Those that nobody has chosen anew since."""
    followed = merge.moved.get(FILTERS, {})
    for triage in _of(merge).filter(pk__in=followed).select_for_update(no_key=True):
        before, after = followed[str(triage.pk)]
        if triage.filter.get("accounts") == after:
            _choose(triage, before)


def _of(merge: AccountMerge) -> Any:
    return TriageChannel.objects.filter(workspace=merge.workspace_id)


def _choose(triage: TriageChannel, accounts: list[int]) -> None:
    triage.filter = {**triage.filter, "accounts": accounts}
    triage.save(update_fields=["filter"])
