"""A table of accounts: kept when it is looked at, applied once."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.importing import Line, Verdict, plan
from accounts.models import Account, AccountImport, User
from accounts.roles import require_admin
from conversations.services import change_account_owner

BATCH = 500


class OutdatedError(ValidationError):
    """Accounts have changed since the table was looked at."""


def keep(table: Sequence[Sequence[str]], *, name: str, by: User) -> AccountImport:
    """Raises `tables.TableError`, in words, for one whose columns aren't named. Tables that this person looked at
    before and did not apply are let go."""
    require_admin(by)
    plan(table[:1], workspace_id=by.workspace_id)
    AccountImport.objects.filter(by_user=by, applied_at=None).delete()
    return AccountImport.objects.create(
        workspace_id=by.workspace_id, token=secrets.token_urlsafe(24), name=name[:120], table=table, by_user=by
    )


def apply(kept: AccountImport, *, seen: str, by: User) -> AccountImport:
    """All of it that isn't refused, or nothing; a second time does nothing. Raises OutdatedError when it would no
    longer do what was `seen`, the plan's fingerprint."""
    require_admin(by)
    with transaction.atomic():
        kept = AccountImport.objects.select_for_update(of=("self",)).get(pk=kept.pk)
        if kept.applied_at:
            return kept
        planned = plan(kept.table, workspace_id=kept.workspace_id)
        if planned.fingerprint != seen:
            raise OutdatedError(_("Accounts have changed since you looked: this is what would be done now."))
        _make([line for line in planned.lines if line.verdict == Verdict.MADE], kept.workspace_id)
        for line in planned.lines:
            if line.verdict == Verdict.CHANGED and line.account:
                _change(line.account, line, by)
        kept.applied_at, kept.outcome, kept.table = timezone.now(), planned.counts, []
        kept.save(update_fields=["applied_at", "outcome", "table"])
    return kept


def _make(lines: Sequence[Line], workspace_id: int) -> None:
    made = [Account(workspace_id=workspace_id, name=line.name, **line.values) for line in lines]
    Account.objects.bulk_create(made, batch_size=BATCH)


def _change(account: Account, line: Line, by: User) -> None:
    values = dict(line.values)
    if "owner" in values:
        change_account_owner(account=account, owner=values.pop("owner"), by=by)
    if values:
        Account.objects.filter(pk=account.pk).update(**values)
