"""Changing the response targets and the calendars of a workspace."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Workspace
from triage.deadlines import target_of
from triage.models import Calendar, ResponseTarget
from triage.target_words import whom
from triage.targets import Target


def targets_with(draft: ResponseTarget) -> list[Target]:
    """The workspace's targets as they would be with this one saved, which is not."""
    return [target_of(row) for row in _placed(draft)]


def save_target(target: ResponseTarget) -> ResponseTarget:
    """A new one comes before the first that would leave nothing for it, else last."""
    with transaction.atomic():
        _lock(target.workspace_id)
        rows = _placed(target)
        target.save()
        _number(rows)
    return target


def move_target(target: ResponseTarget, *, up: bool) -> None:
    """One place; nothing happens at the end."""
    with transaction.atomic():
        _lock(target.workspace_id)
        rows = _rows(target.workspace_id)
        at = rows.index(target)
        to = at - 1 if up else at + 1
        if 0 <= to < len(rows):
            rows[at], rows[to] = rows[to], rows[at]
        _number(rows)


def hidden(rows: list[ResponseTarget]) -> dict[int, ResponseTarget]:
    """By id, those that never count, with the one before them that leaves them nothing."""
    found: dict[int, ResponseTarget] = {}
    for at, row in enumerate(rows):
        before = next((other for other in rows[:at] if _covers(other, row)), None)
        if before:
            found[row.pk] = before
    return found


def remove_calendar(calendar: Calendar) -> None:
    """ValidationError, naming them, while targets use it: they would count all hours of all days from then on."""
    with transaction.atomic():
        _lock(calendar.workspace_id)
        using = [f"“{whom(row.tier, row.priority)}”" for row in calendar.responsetarget_set.all()]
        if using:
            told = ngettext(
                "%(calendar)s is used by the target for %(whom)s. Give it another calendar first.",
                "%(calendar)s is used by the targets for %(whom)s. Give them another calendar first.",
                len(using),
            )
            raise ValidationError(told % {"calendar": calendar, "whom": get_text_list(using, _("and"))})
        calendar.delete()


def _placed(target: ResponseTarget) -> list[ResponseTarget]:
    rows = _rows(target.workspace_id)
    if target.pk:
        return [target if row.pk == target.pk else row for row in rows]
    at = next((at for at, row in enumerate(rows) if _covers(row, target)), len(rows))
    return [*rows[:at], target, *rows[at:]]


def _covers(row: ResponseTarget, other: ResponseTarget) -> bool:
    """All that `other` fits, `row` fits too."""
    return row.tier in {"", other.tier} and row.priority in {"", other.priority}


def _rows(workspace_id: int) -> list[ResponseTarget]:
    return list(ResponseTarget.objects.filter(workspace=workspace_id).select_related("calendar"))


def _number(rows: list[ResponseTarget]) -> None:
    for position, row in enumerate(rows):
        row.position = position
    ResponseTarget.objects.bulk_update(rows, ["position"])


def _lock(workspace_id: int) -> None:
    """One changes the policy at a time."""
    Workspace.objects.select_for_update(no_key=True).get(pk=workspace_id)
