"""One change to the tags or the tier of many accounts, and the way back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.forms import TAG_LENGTH, as_known, tiers
from accounts.models import Account, User
from accounts.roles import require_change

MOST = 200
"""Accounts at once."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the accounts shall have; None or empty: as they have it."""

    add_tag: str = ""
    remove_tag: str = ""
    tier: str | None = None


def change(ids: Collection[int], wish: Wish, *, by: User) -> list[dict[str, Any]]:
    """Answers for each that changed what `take_back` needs; plain values."""
    require_change(by)
    add, remove = wish.add_tag.strip(), wish.remove_tag.strip()
    if max(len(add), len(wish.tier or "")) > TAG_LENGTH or "," in add:
        message = _("A tag or a tier has at most %(most)d characters, and a tag no comma.")
        raise ValidationError(message % {"most": TAG_LENGTH})
    tier = None if wish.tier is None else as_known(wish.tier, tiers(by.workspace_id))
    steps = []
    with transaction.atomic():
        for account in _locked(ids, by):
            before = {"tags": account.tags, "tier": account.tier}
            account.tags = [tag for tag in account.tags if tag != remove]
            if add and add not in account.tags:
                account.tags = [*account.tags, add]
            account.tier = account.tier if tier is None else tier
            after = {"tags": account.tags, "tier": account.tier}
            if before != after:
                account.save(update_fields=["tags", "tier"])
                steps.append({"id": account.pk, "before": before, "after": after})
    return steps


def take_back(steps: Sequence[dict[str, Any]], *, by: User) -> int:
    """Answers how many are as they were; what somebody changed since stays as it is."""
    require_change(by)
    known, count = {step["id"]: step for step in steps}, 0
    with transaction.atomic():
        for account in _locked(known, by):
            before, after = known[account.pk]["before"], known[account.pk]["after"]
            names = [name for name in after if getattr(account, name) == after[name] != before[name]]
            for name in names:
                setattr(account, name, before[name])
            if names:
                account.save(update_fields=names)
                count += 1
    return count


def _locked(ids: Collection[int], by: User) -> list[Account]:
    ours = Account.objects.filter(workspace=by.workspace_id, pk__in=ids)
    return list(ours.select_for_update(no_key=True).order_by("pk"))
