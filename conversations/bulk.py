"""One change to many conversations: each by its own verb, with a word on each that was refused, and a way back.

A conversation that somebody else changed in the same respect since it was looked at is left as they left it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from conversations import corrections
from conversations.models import Conversation, Correction, EventKind, Priority
from conversations.status import Status
from conversations.tagging import retag

MOST = 200
"""Conversations at once."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the chosen conversations shall have; None: as they have it. `owner` 0: nobody."""

    status: Status | None = None
    owner: User | int | None = None
    priority: Priority | None = None
    add_tag: str = ""
    remove_tag: str = ""
    snooze: datetime | None = None
    merge_into: Conversation | None = None


@dataclass(slots=True)
class Outcome:
    changed: list[Conversation] = field(default_factory=list)
    refusals: dict[int, str] = field(default_factory=dict)
    """By the conversation's id, why it was left as it is."""
    way_back: list[dict[str, Any]] = field(default_factory=list)
    """For `take_back`; plain values, so that it can be kept in the page."""


def change(
    conversations: Sequence[Conversation], wish: Wish, *, seen: Mapping[int, Mapping[str, object]], by: User
) -> Outcome:
    """`seen`: by id, the `status`, `owner` (an id) and `priority` that the person saw."""
    outcome = Outcome()
    for conversation in conversations:
        _attempt(outcome, conversation, partial(_change, conversation, wish, seen.get(conversation.pk, {}), by))
    return outcome


def take_back(conversations: Sequence[Conversation], way_back: Sequence[dict[str, Any]], *, by: User) -> Outcome:
    """Each as it was, in what was changed and not changed again since."""
    outcome, known = Outcome(), {each.pk: each for each in conversations}
    for step in reversed(way_back):
        conversation = known.get(step["id"])
        if conversation:
            _attempt(outcome, conversation, partial(_take_back, conversation, step, by))
    return outcome


def words(outcome: Outcome, wish: Wish) -> str:
    """What was done, for the person who did it."""
    if not outcome.changed:
        return _("Nothing was changed.") if outcome.refusals else _("Nothing to change: it is so already.")
    count = len(outcome.changed)
    many = ngettext("%(count)d conversation", "%(count)d conversations", count) % {"count": count}
    what = f"#{outcome.changed[0].number}" if count == 1 else many
    return _done(wish, what)


def taken_back(outcome: Outcome) -> str:
    return _("Taken back.") if outcome.changed else _("Nothing was taken back.")


def _attempt(outcome: Outcome, conversation: Conversation, act: Callable[[], dict[str, Any] | None]) -> None:
    try:
        step = act()
    except ValidationError as error:
        outcome.refusals[conversation.pk] = f"#{conversation.number}: {' '.join(error.messages)}"
    except ObjectDoesNotExist:  # itself, whose it was, or what was put right about it
        gone = _("It can’t be changed so any more: something that it needs is gone.")
        outcome.refusals[conversation.pk] = f"#{conversation.number}: {gone}"
    else:
        if step:
            outcome.changed.append(conversation)
            outcome.way_back.append({"id": conversation.pk, **step})


def _change(conversation: Conversation, wish: Wish, seen: Mapping[str, object], by: User) -> dict[str, Any] | None:
    """Answers, by name, what it had and has; None where nothing changed."""
    if wish.merge_into:
        return _merge(conversation, wish.merge_into, by)
    wanted = _wanted(wish)
    with transaction.atomic():
        fresh = _locked(conversation)
        for name, value in wanted.items():
            if name in seen and _value(fresh, name) not in {seen[name], value}:
                raise ValidationError(_who_was_first(fresh, name))
        before = _state(fresh)
        for name, value in wanted.items():
            _set(fresh, name, value, by)
        if wish.add_tag or wish.remove_tag:
            retag(fresh, add=[wish.add_tag] if wish.add_tag else [], remove=[wish.remove_tag], by=by)
        if wish.snooze:
            fresh.snooze(wish.snooze, by=by)
        after = _state(fresh)
    return {name: [before[name], after[name]] for name in after if before[name] != after[name]} or None


def _merge(conversation: Conversation, target: Conversation, by: User) -> dict[str, Any] | None:
    if conversation.pk == target.pk:
        return None
    return {"correction": corrections.merge(source=conversation, target=target, by=by).pk}


def _take_back(conversation: Conversation, step: dict[str, Any], by: User) -> dict[str, Any] | None:
    if "correction" in step:
        ours = Correction.objects.filter(workspace=by.workspace_id)
        corrections.undo(correction=ours.get(pk=step["correction"]), by=by)
        return {"correction": step["correction"]}
    with transaction.atomic():
        fresh = _locked(conversation)
        now = _state(fresh)
        changes = {name: pair for name, pair in step.items() if name != "id"}
        for name, (before, after) in changes.items():
            if now[name] != after:
                raise ValidationError(_who_was_first(fresh, name))
            _set(fresh, name, before, by)
    return step


def _set(fresh: Conversation, name: str, value: Any, by: User) -> None:
    match name:
        case "status":
            fresh.set_status(Status(value), by=by)
        case "owner":
            fresh.assign(by.workspace.users.get(pk=value) if value else None, by=by)
        case "priority":
            fresh.prioritise(Priority(value), by=by)
        case "tags":
            fresh.tag(value, by=by)
        case "snoozed_until":
            until = datetime.fromisoformat(value) if value else None
            fresh.snooze(until, by=by) if until else fresh.wake(by=by)


def _wanted(wish: Wish) -> dict[str, object]:
    wanted: dict[str, object] = {}
    if wish.status:
        wanted["status"] = wish.status.value
    if wish.owner is not None:
        wanted["owner"] = wish.owner.pk if isinstance(wish.owner, User) else None
    if wish.priority:
        wanted["priority"] = wish.priority.value
    return wanted


def _state(conversation: Conversation) -> dict[str, Any]:
    return {name: _value(conversation, name) for name in ("status", "owner", "priority", "tags", "snoozed_until")}


def _value(conversation: Conversation, name: str) -> Any:
    if name == "owner":
        return conversation.owner_id
    value = getattr(conversation, name)
    return value.isoformat() if isinstance(value, datetime) else value


def _locked(conversation: Conversation) -> Conversation:
    rows = Conversation.objects.select_for_update(no_key=True, of=("self",)).select_related("owner")
    return rows.get(pk=conversation.pk)


def _who_was_first(fresh: Conversation, name: str) -> str:
    kinds = {
        "status": EventKind.STATUS_CHANGED, "owner": EventKind.OWNER_CHANGED, "priority": EventKind.PRIORITY_CHANGED,
        "tags": EventKind.TAGS_CHANGED,
    }  # fmt: skip
    kind = kinds.get(name)
    events = fresh.events.filter(kind=kind) if kind else fresh.events.filter(
        kind__in=[EventKind.SNOOZED, EventKind.WOKEN])  # fmt: skip
    last = events.select_related("by_user", "by_contact").order_by("-happened_at", "-pk").first()
    who = (last and last.by_name) or _("Somebody")
    match name:
        case "status":
            return _("%(who)s moved it to %(where)s meanwhile.") % {"who": who, "where": Status(fresh.status).label}
        case "owner" if fresh.owner:
            return _("%(who)s gave it to %(owner)s meanwhile.") % {"who": who, "owner": fresh.owner}
        case "owner":
            return _("%(who)s took its owner off meanwhile.") % {"who": who}
        case "priority":
            label = Priority(fresh.priority).label
            return _("%(who)s set its priority to %(priority)s meanwhile.") % {"who": who, "priority": label}
    return _("%(who)s changed it meanwhile.") % {"who": who}


def _done(wish: Wish, what: str) -> str:
    if wish.merge_into:
        return _("{what} merged into #{number}.").format(what=what, number=wish.merge_into.number)
    if wish.snooze:
        return _("{what} snoozed.").format(what=what)
    if wish.add_tag:
        return _("{what} tagged “{tag}”.").format(what=what, tag=wish.add_tag)
    if wish.remove_tag:
        return _("Tag “{tag}” taken off {what}.").format(what=what, tag=wish.remove_tag)
    parts = []
    if wish.status:
        parts.append(_("moved to {status}").format(status=wish.status.label))
    if isinstance(wish.owner, User):
        parts.append(_("given to {name}").format(name=wish.owner.name))
    elif wish.owner is not None:
        parts.append(_("left without owner"))
    if wish.priority:
        parts.append(_("set to priority {priority}").format(priority=wish.priority.label))
    return f"{what} {_(' and ').join(parts)}."
