"""Two accounts that are one company: what belongs to one goes to the other, and can be taken apart again.

`AccountMerge.moved` has, by the name of each relation that points to an account, the ids of the rows that moved; under
`kept` the fields of the kept account that changed, each before and after; and whatever those who listen add.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Account, AccountMerge, Channel, User
from accounts.roles import require_admin

FILLED = ("owner_id", "tier", "external_team_id")
"""Taken from the account that goes where the kept one has none."""
JOINED = ("domains", "tags")

accounts_merged, merge_undone = Signal(), Signal()
"""Sent inside the transaction with `merge` and `by`, once rows have moved: whoever names accounts by their ids follows,
and may note in `merge.moved`, under a name of its own, what it needs to go back."""


def merge(*, kept: Account, gone: Account, by: User) -> AccountMerge:
    """Raises ValidationError, in words, when they can't be merged."""
    require_admin(by)
    if kept.pk == gone.pk or kept.workspace_id != gone.workspace_id:
        raise ValidationError(_("Choose two different accounts."))
    with transaction.atomic():
        kept, gone = _lock(kept.pk, gone.pk)
        done = AccountMerge(workspace_id=kept.workspace_id, kept=kept, gone=_fields(gone), gone_id=gone.pk, by_user=by)
        done.moved = {name: _move(name, gone, kept) for name in relations()}
        done.moved["kept"] = _take_over(kept, gone)
        accounts_merged.send(sender=None, merge=done, by=by)
        gone.delete()
        done.save()
    return done


def undo(done: AccountMerge, *, by: User) -> Account:
    """Bring the account back, with its rows that nobody has given to another since. Answers it.

    Raises ValidationError, in words, when its name is taken or somebody was first."""
    require_admin(by)
    with transaction.atomic():
        done = AccountMerge.objects.select_for_update(of=("self",)).select_related("kept").get(pk=done.pk)
        if done.undone_at:
            raise ValidationError(_("This merge has been taken apart already."))
        _lock(done.kept_id)
        _require_newest(done)
        done.undone_at = timezone.now()
        back = _restored(done)
        for name in relations():
            relation = _relation(name)
            rows = relation.related_model._default_manager.filter(
                **{relation.field.name: done.kept_id, "pk__in": done.moved.get(name, [])}
            )
            rows.update(**{relation.field.name: back})
        _give_back(done)
        done.save(update_fields=["undone_at"])
        merge_undone.send(sender=None, merge=done, by=by)
    return back


def led_to(workspace_id: int, pk: int) -> Account | None:
    """The account that took this one in."""
    done = AccountMerge.objects.filter(workspace=workspace_id, gone_id=pk, undone_at=None).select_related("kept")
    found = done.order_by("-pk").first()
    return found.kept if found else None


def relations() -> list[str]:
    """The names of everything that points to an account."""
    return [str(relation.get_accessor_name()) for relation in Account._meta.related_objects]


def _relation(name: str) -> Any:
    return next(one for one in Account._meta.related_objects if one.get_accessor_name() == name)


def _lock(*pks: int) -> list[Account]:
    """Answers the accounts as named. Channels first: the order in which an incoming message locks."""
    list(Channel.objects.select_for_update(no_key=True).filter(account__in=pks).order_by("pk"))
    found = {one.pk: one for one in Account.objects.select_for_update().filter(pk__in=pks).order_by("pk")}
    if len(found) < len(pks):
        raise ValidationError(_("One of the accounts is gone: somebody else merged or deleted it."))
    return [found[pk] for pk in pks]


def _move(name: str, gone: Account, kept: Account) -> list[int]:
    relation = _relation(name)
    rows = relation.related_model._default_manager.filter(**{relation.field.name: gone})
    ids = list(rows.order_by("pk").values_list("pk", flat=True))
    rows.update(**{relation.field.name: kept})
    return ids


def _require_newest(done: AccountMerge) -> None:
    """What came along with a later merge comes apart after it: only then the fields are told apart as well."""
    later = AccountMerge.objects.filter(kept=done.kept_id, undone_at=None, moved__merges__contains=[done.pk]).first()
    if later:
        raise ValidationError(_("First take %(name)s apart, with which it came.") % {"name": later.gone["name"]})


def _take_over(kept: Account, gone: Account) -> dict[str, list[Any]]:
    """The notes of both, one after the other."""
    after: dict[str, Any] = {name: getattr(kept, name) or getattr(gone, name) for name in FILLED}
    after |= {name: list(dict.fromkeys([*getattr(kept, name), *getattr(gone, name)])) for name in JOINED}
    after["notes"] = "\n\n".join(dict.fromkeys(filter(None, [kept.notes, gone.notes])))
    changed = {name: [getattr(kept, name), value] for name, value in after.items() if getattr(kept, name) != value}
    _set(kept, {name: pair[1] for name, pair in changed.items()})
    return changed


def _give_back(done: AccountMerge) -> None:
    """What somebody wrote since stays; of domains and tags those that came with the other go."""
    kept, back = done.kept, {}
    for name, (before, after) in done.moved.get("kept", {}).items():
        now = getattr(kept, name)
        if now == after:
            back[name] = before
        elif name in JOINED:
            back[name] = [one for one in now if one in before or one not in after]
    _set(kept, back)


def _set(account: Account, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(account, name, value)
    if values:
        account.save(update_fields=[*values])


def _fields(account: Account) -> dict[str, str | None]:
    """To the microsecond, as texts."""
    values = {field: field.value_from_object(account) for field in Account._meta.concrete_fields}
    return {f.attname: None if value is None else f.value_to_string(account) for f, value in values.items()}


def _restored(done: AccountMerge) -> Account:
    values = {f.attname: _value(f, done.gone.get(f.attname)) for f in Account._meta.concrete_fields}
    values = {name: value for name, value in values.items() if value is not None}
    if not User.objects.filter(pk=values.get("owner_id") or 0).exists():
        values["owner_id"] = None
    if Account.objects.filter(workspace=done.workspace_id, name__iexact=values["name"]).exists():
        message = _("Another account is called %(name)s by now: rename it first.")
        raise ValidationError(message % {"name": values["name"]})
    back = Account(**values)
    back.save(force_insert=True)
    return back


def _value(field: models.Field[Any, Any], text: str | None) -> Any:
    return None if text is None else field.to_python(text)
