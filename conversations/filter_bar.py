"""The board's filters as they are drawn: what can be chosen, what is, and how each choice is taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import ChannelKind, User
from conversations import board as boards
from conversations.models import Priority
from conversations.selecting import MINE, NOBODY, NONE, Selection, without
from conversations.tagging import tags_in_use

CHANNELS = 500
WAITS = (0, 30, 60, 4 * 60, 24 * 60)
"""Minutes that are offered."""


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Part:
    """One thing to choose by: any of its options."""

    name: str
    label: str
    options: Sequence[Option]

    @property
    def chosen(self) -> int:
        return sum(option.is_chosen for option in self.options)

    @property
    def is_long(self) -> bool:
        return len(self.options) > 8


@dataclass(frozen=True, slots=True)
class Chip:
    """Something that is chosen; `without`: the query that is left when it is taken back."""

    label: str
    without: str


@dataclass(frozen=True, slots=True)
class FilterBar:
    parts: Sequence[Part]
    waits: Sequence[Option]
    chips: Sequence[Chip]
    text: str
    is_unread: bool
    is_snoozed: bool
    problems: Sequence[str]


def filter_bar(selection: Selection, query: str, reader: User) -> FilterBar:
    """`query`: the board's, with its swimlanes, in which the chips' addresses are written. Six queries."""
    given = QueryDict(query)
    parts = [_part(name, label, options, given.getlist(name)) for name, label, options in _offered(reader)]
    waits = [Option(str(wait), wait_in_words(wait), given.get("waiting") == str(wait)) for wait in WAITS]
    bar_chips = [
        Chip(f"{part.label}: {option.label}", without(query, part.name, option.value))
        for part in parts
        for option in part.options
        if option.is_chosen
    ]
    if selection.waiting_minutes is not None:
        wait = wait_in_words(selection.waiting_minutes)
        bar_chips.append(Chip(wait, _less(query, "waiting")))
    if selection.unread_by:
        bar_chips.append(Chip(_("Unread"), _less(query, "unread")))
    if selection.is_snoozed:
        bar_chips.append(Chip(_("Snoozed"), _less(query, "snoozed")))
    if selection.text:
        bar_chips.append(Chip(f"“{selection.text}”", _less(query, "q")))
    return FilterBar(
        parts, waits, bar_chips, selection.text, bool(selection.unread_by), selection.is_snoozed, selection.problems
    )


def wait_in_words(minutes: int) -> str:
    if not minutes:
        return _("Waiting for us")
    hours, rest = divmod(minutes, 60)
    if rest:
        return ngettext("Waiting over %(n)d minute", "Waiting over %(n)d minutes", minutes) % {"n": minutes}
    if hours % 24:
        return ngettext("Waiting over %(n)d hour", "Waiting over %(n)d hours", hours) % {"n": hours}
    return ngettext("Waiting over %(n)d day", "Waiting over %(n)d days", hours // 24) % {"n": hours // 24}


def _offered(reader: User) -> Sequence[tuple[str, str, Mapping[str, str]]]:
    workspace = reader.workspace
    people = {str(pk): name for pk, name in boards.people(workspace.pk)}
    companies = {str(pk): name for pk, name in boards.companies(workspace.pk)}
    channels = workspace.channels.filter(kind=ChannelKind.CUSTOMER).order_by("name", "pk")[:CHANNELS]
    tiers = workspace.accounts.exclude(tier="").order_by("tier").values_list("tier", flat=True).distinct()
    return [
        ("owner", _("Owner"), {MINE: _("Me"), NOBODY: _("No owner")} | people),
        ("account", _("Account"), companies | {NONE: _("No account")}),
        ("tag", _("Tag"), {tag: tag for tag in sorted(tags_in_use(workspace.pk), key=str.casefold)}),
        ("priority", _("Priority"), {each.value: str(each.label) for each in Priority}),
        ("channel", _("Channel"), {str(channel.pk): str(channel) for channel in channels}),
        ("tier", _("Tier"), {tier: tier for tier in tiers}),
    ]


def _part(name: str, label: str, options: Mapping[str, str], given: Sequence[str]) -> Part:
    # What is chosen but not offered (a tag long unused, somebody who has left) can be taken back all the same.
    every = dict(options) | {value: value for value in given if value not in options}
    return Part(name, label, [Option(value, text, value in given) for value, text in every.items()])


def _less(query: str, name: str) -> str:
    left = QueryDict(query, mutable=True)
    left.pop(name, None)
    return left.urlencode()
