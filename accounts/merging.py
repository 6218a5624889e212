"""Two accounts that are one company: what belongs to one goes to the other, and can be taken apart again.

`AccountMerge.moved` has, by the name of each relation that points to an account, the ids of the rows that moved; under
`left`, by the same names, the fields of those that could not, because an account may have only one such row; under
`kept` the fields of the kept account that changed, each before and after; and whatever those who listen add.
"""

from __future__ import annotations

from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Account, AccountMerge, Channel, User
from accounts.roles import require_admin

Row = TypeVar("Row", bound=models.Model)

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
        left = {name: _clashing(name, gone, kept) for name in relations()}
        done.moved = {name: _move(name, gone, kept, left[name]) for name in relations()}
        done.moved["left"] = {name: [_fields(row) for row in rows] for name, rows in left.items() if rows}
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
            for values in done.moved.get("left", {}).get(name, []):
                _row(relation.related_model, values).save(force_insert=True)
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


def _clashing(name: str, gone: Account, kept: Account) -> list[models.Model]:
    """Rows of the one that a constraint allows only once, and that the other has already."""
    relation = _relation(name)
    field, rows = relation.field.name, relation.related_model._default_manager
    clashing: dict[Any, models.Model] = {}
    for constraint in relation.related_model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint) and field in constraint.fields:
            rest = [other for other in constraint.fields if other != field]
            taken = {*rows.filter(**{field: kept}).values_list(*rest)}
            clashing |= {
                row.pk: row for row in rows.filter(**{field: gone}) if tuple(getattr(row, one) for one in rest) in taken
            }
    return list(clashing.values())


def _move(name: str, gone: Account, kept: Account, left: list[models.Model]) -> list[int]:
    relation = _relation(name)
    rows = relation.related_model._default_manager.filter(**{relation.field.name: gone})
    rows = rows.exclude(pk__in=[row.pk for row in left])
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


def _fields(row: models.Model) -> dict[str, str | None]:
    """To the microsecond, as texts."""
    values = {field: field.value_from_object(row) for field in row._meta.concrete_fields}
    return {f.attname: None if value is None else f.value_to_string(row) for f, value in values.items()}


def _row(model: type[Row], texts: dict[str, str | None]) -> Row:
    """As `_fields` wrote it. Without those it names who are gone since."""
    values = {}
    for field in model._meta.concrete_fields:
        text = texts.get(field.attname)
        if text is not None:
            values[field.attname] = field.to_python(text)
        if text is None or (field.related_model is User and not User.objects.filter(pk=text).exists()):
            values.pop(field.attname, None)
    return model(**values)


def _restored(done: AccountMerge) -> Account:
    back = _row(Account, done.gone)
    if Account.objects.filter(workspace=done.workspace_id, name__iexact=back.name).exists():
        message = _("Another account is called %(name)s by now: rename it first.")
        raise ValidationError(message % {"name": back.name})
    back.save(force_insert=True)
    return back
