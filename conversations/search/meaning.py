"""What the filters of a query name in the reader's workspace, as conditions of SQL on a conversation `c` and a message
`m`. What can't be looked up is answered with what could have been meant."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from difflib import get_close_matches
from itertools import groupby

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Contact, User
from conversations.models import MessageKind, Priority
from conversations.search.words import Filter
from conversations.status import Status

OFFERED = 5
"""Possible meanings that are named."""
NONE = {"none", "nobody", "-"}


@dataclass(frozen=True, slots=True)
class Sql:
    """A condition with its values, which are never part of the text."""

    text: str
    values: tuple[object, ...] = ()

    def negated(self) -> Sql:
        return Sql(f"({self.text}) IS NOT TRUE", self.values)


class NotUnderstoodError(Exception):
    """Says, for a person, what could be meant instead."""


@dataclass(slots=True)
class Meaning:
    """`own`: of the conversation; `indexed`: those of them that an index begins with; `said`: of one message."""

    own: list[Sql] = field(default_factory=list)
    indexed: list[Sql] = field(default_factory=list)
    said: list[Sql] = field(default_factory=list)
    authors: list[Sql] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def understand(filters: Sequence[Filter], user: User) -> Meaning:
    """Several values of one word: any of them; several words: all of them."""
    meaning = Meaning()
    for (key, is_excluded), same in groupby(sorted(filters, key=_place), key=_place):
        found: list[Sql] = []
        for filter_ in same:
            try:
                found.append(_CONDITIONS[key](filter_.value, user))
            except NotUnderstoodError as error:
                meaning.problems.append(str(error))
        if not found:
            continue
        condition = _any(found)
        if is_excluded:
            condition = condition.negated()
        if key in _OF_A_MESSAGE:
            meaning.said.append(condition)
        else:
            meaning.own.append(condition)
        if key == "from" and not is_excluded:
            meaning.authors.append(condition)
        if key in {"owner", "account"} and len(found) == 1 and not is_excluded:
            meaning.indexed.append(condition)
    return meaning


def _place(filter_: Filter) -> tuple[str, bool]:
    return filter_.key, filter_.is_excluded


def _any(conditions: Sequence[Sql]) -> Sql:
    if len(conditions) == 1:
        return conditions[0]
    text = " OR ".join(f"({condition.text})" for condition in conditions)
    return Sql(f"({text})", tuple(value for condition in conditions for value in condition.values))


def _owner(value: str, user: User) -> Sql:
    if value.casefold() in NONE:
        return Sql("c.owner_id IS NULL")
    if value.casefold() in {"me", "mine"}:
        return Sql("c.owner_id = %s", (user.pk,))
    return Sql("c.owner_id = %s", (_teammate(value, user),))


def _teammate(value: str, user: User) -> int:
    people = user.workspace.users.values_list("pk", "name", "email")
    names = [(pk, name, (email or "").partition("@")[0]) for pk, name, email in people]
    return _one(
        value, names,
        several=_("Several teammates are called “%(value)s”: %(found)s."),
        none=_("No teammate is called “%(value)s”%(near)s."),
    )  # fmt: skip


def _account(value: str, user: User) -> Sql:
    if value.casefold() in NONE:
        return Sql("c.account_id IS NULL")
    names = [(pk, name, "") for pk, name in user.workspace.accounts.values_list("pk", "name")]
    return Sql("c.account_id = %s", (_one(
        value, names,
        several=_("Several accounts are called “%(value)s”: %(found)s."),
        none=_("No account is called “%(value)s”%(near)s."),
    ),))  # fmt: skip


def _channel(value: str, user: User) -> Sql:
    names = [(pk, name, "") for pk, name in user.workspace.channels.values_list("pk", "name")]
    return Sql("c.channel_id = %s", (_one(
        value.removeprefix("#"), names,
        several=_("Several channels are called “%(value)s”: %(found)s."),
        none=_("No channel is called “%(value)s”%(near)s."),
    ),))  # fmt: skip


def _status(value: str, _user: User) -> Sql:
    name = re.sub(r"[\W_]+", "", value.casefold())
    if name == "open":
        return Sql("c.status IN ('todo', 'in_progress')")
    known = {status.value.replace("_", ""): status.value for status in Status}
    if name not in known:
        raise NotUnderstoodError(_choices("status", value, [*Status.values, "open"]))
    return Sql("c.status = %s", (known[name],))


def _priority(value: str, _user: User) -> Sql:
    if value.casefold() not in Priority.values:
        raise NotUnderstoodError(_choices("priority", value, Priority.values))
    return Sql("c.priority = %s", (value.casefold(),))


def _tag(value: str, _user: User) -> Sql:
    # Tags keep how they were written: the usual ways of writing one are tried.
    written = sorted({value, value.lower(), value.upper(), value.title(), value.capitalize()})
    return Sql("c.tags && %s::varchar[]", (written,))


def _tier(value: str, user: User) -> Sql:
    return Sql(
        "c.account_id IN (SELECT id FROM accounts_account WHERE workspace_id = %s AND lower(tier) = lower(%s))",
        (user.workspace_id, value),
    )


def _is(value: str, user: User) -> Sql:
    known = {
        "unread": Sql(
            "c.last_message_at > coalesce((SELECT greatest(seen.at, %s) FROM conversations_seen seen"
            " WHERE seen.user_id = %s AND seen.conversation_id = c.id), %s)",
            (user.read_before_at, user.pk, user.read_before_at),
        ),
        "waiting": Sql("c.waiting_since IS NOT NULL"),
        "snoozed": Sql("c.snoozed_until IS NOT NULL"),
        "mine": Sql("c.owner_id = %s", (user.pk,)),
    }
    if value.casefold() not in known:
        raise NotUnderstoodError(_choices("is", value, list(known)))
    return known[value.casefold()]


def _has(value: str, _user: User) -> Sql:
    if value.casefold() not in {"file", "files"}:
        raise NotUnderstoodError(_choices("has", value, ["file"]))
    return Sql("m.files <> '[]'")


def _in(value: str, _user: User) -> Sql:
    known = {
        "notes": MessageKind.NOTE, "note": MessageKind.NOTE, "replies": MessageKind.OUTBOUND,
        "questions": MessageKind.INBOUND,
    }  # fmt: skip
    if value.casefold() not in known:
        raise NotUnderstoodError(_choices("in", value, ["notes", "replies", "questions"]))
    return Sql("m.kind = %s", (known[value.casefold()].value,))


def _from(value: str, user: User) -> Sql:
    """Everybody of that name, here and at customers."""
    if value.casefold() == "me":
        return Sql("m.author_user_id = %s", (user.pk,))
    people = user.workspace.users.values_list("pk", "name", "email")
    teammates = [pk for pk, name, email in people if _fits(value, name, email or "")]
    contacts = Contact.objects.filter(workspace=user.workspace_id)
    # The database narrows them down; who fits by whole words is decided here.
    near = contacts.filter(name__icontains=value.split(maxsplit=1)[0]) | contacts.filter(email__istartswith=value)
    others = [pk for pk, name, email in near.values_list("pk", "name", "email")[:1_000] if _fits(value, name, email)]
    if not teammates and not others:
        raise NotUnderstoodError(_("Nobody here is called “%(value)s”.") % {"value": value})
    parts = []
    if teammates:
        parts.append(Sql("m.author_user_id = ANY(%s)", (teammates,)))
    if others:
        parts.append(Sql("m.author_contact_id = ANY(%s)", (others,)))
    return _any(parts)


def _fits(value: str, name: str, email: str) -> bool:
    asked, said = _folded(value), _folded(name)
    return said.startswith(asked) or f" {asked}" in f" {said}" or email.casefold().startswith(value.casefold())


def _before(value: str, _user: User) -> Sql:
    return Sql("m.sent_at < %s", (_span("before", value)[0],))


def _after(value: str, _user: User) -> Sql:
    """From that day on."""
    return Sql("m.sent_at >= %s", (_span("after", value)[0],))


def _during(value: str, _user: User) -> Sql:
    return Sql("m.sent_at >= %s AND m.sent_at < %s", _span("during", value))


def _span(key: str, value: str) -> tuple[datetime, datetime]:
    """The year, month or day, in the reader's time zone."""
    today = timezone.localdate()
    known = {"today": today, "yesterday": today - timedelta(days=1)}
    match = re.fullmatch(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", value)
    try:
        if value.casefold() in known:
            first = known[value.casefold()]
            last = first + timedelta(days=1)
        elif match:
            year, month, day = (int(part) if part else None for part in match.groups())
            first = date(year or 0, month or 1, day or 1)
            last = first + timedelta(days=1) if day else _months_on(first, 1 if month else 12)
        else:
            raise ValueError(value)
        return _midnight(first), _midnight(last)
    except (ValueError, OverflowError):
        example = f"{key}:{today:%Y-%m-%d}, {key}:{today:%Y-%m}, {key}:today"
        problem = _("“%(value)s” is no date. Write %(example)s.") % {"value": f"{key}:{value}", "example": example}
        raise NotUnderstoodError(problem) from None


def _months_on(first: date, months: int) -> date:
    years, month = divmod(first.month - 1 + months, 12)
    return date(first.year + years, month + 1, 1)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _one(value: str, names: list[tuple[int, str, str]], *, several: str, none: str) -> int:
    """The id of the one that is called so; of a beginning or a word of its name when that is one alone.

    `names`: id, name, another name. `several` and `none`: what is said otherwise.
    """
    asked = _folded(value)
    folded = [(pk, name, _folded(name), other.casefold()) for pk, name, other in names]
    for fitting in (
        [(pk, name) for pk, name, said, other in folded if asked in {said, other}],
        [(pk, name) for pk, name, said, _other in folded if said.startswith(asked)],
        [(pk, name) for pk, name, said, _other in folded if f" {asked}" in said],
    ):
        if len(fitting) == 1:
            return fitting[0][0]
        if fitting:
            raise NotUnderstoodError(several % {"value": value, "found": _listed([name for _pk, name in fitting])})
    by_fold = {said: name for _pk, name, said, _other in folded}
    by_fold |= {said.split(maxsplit=1)[0]: name for _pk, name, said, _other in folded if said}
    near = [by_fold[close] for close in get_close_matches(asked, by_fold, n=OFFERED, cutoff=0.5)]
    meant = f": {_listed(list(dict.fromkeys(near)))}?" if near else ""
    raise NotUnderstoodError(none % {"value": value, "near": meant})


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:OFFERED])
    return f"{shown}, …" if len(names) > OFFERED else shown


def _folded(name: str) -> str:
    return " ".join(re.split(r"[\W_]+", name.casefold())).strip()


def _choices(key: str, value: str, choices: Sequence[str]) -> str:
    possible = ", ".join(f"{key}:{choice}" for choice in choices)
    return _("“%(value)s” is not known. Possible: %(possible)s.") % {"value": f"{key}:{value}", "possible": possible}


_CONDITIONS: Mapping[str, Callable[[str, User], Sql]] = {
    "owner": _owner, "status": _status, "account": _account, "channel": _channel, "tag": _tag,
    "priority": _priority, "tier": _tier, "is": _is, "has": _has, "from": _from, "in": _in,
    "before": _before, "after": _after, "during": _during,
}  # fmt: skip
_OF_A_MESSAGE = {"has", "from", "in", "before", "after", "during"}
