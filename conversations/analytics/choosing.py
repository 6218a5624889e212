"""What somebody wants to look at on the pages of analytics, as their address says it.

`period=90&step=week&clock=working&owner=mine`: so that it can be sent to somebody, and kept as a bookmark.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import Self, TypeVar
from urllib.parse import urlencode

from django.db.models import TextChoices
from django.http import QueryDict
from django.urls import reverse
from django.utils.dateformat import format as date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from conversations.analytics.breakdown import TABLES
from conversations.analytics.period import DAY, LONGEST, Period, Step
from conversations.analytics.report import today
from conversations.analytics.scope import Scope, scope_of
from conversations.selecting import Selection

Chosen = TypeVar("Chosen", bound=TextChoices)

FILTERS = ("owner", "account", "channel", "tag", "tier")
"""The parts of a selection by which figures can be told apart."""
OWN = ("period", "first", "last", "step", "clock", "by", "sort", "heat")
"""What the page itself has in its address."""
DAYS_BY_DAY, DAYS_BY_WEEK = 31, 200
"""Up to how many days a period is told by day, and by week, where nobody chose."""


class Preset(TextChoices):
    WEEK = "7", gettext_lazy("Last 7 days")
    MONTH = "30", gettext_lazy("Last 30 days")
    QUARTER = "90", gettext_lazy("Last 90 days")
    THIS_MONTH = "month", gettext_lazy("This month")
    THIS_QUARTER = "quarter", gettext_lazy("This quarter")
    YEAR = "365", gettext_lazy("Last 12 months")
    CUSTOM = "custom", gettext_lazy("From … to …")


class Clock(TextChoices):
    """By which durations are told."""

    WALL = "wall", gettext_lazy("Wall clock")
    WORKING = "working", gettext_lazy("Working hours")


@dataclass(frozen=True, slots=True)
class Choice:
    """`step`: as it was chosen, empty: by the period's length. `sort`: a column of the table, with a minus: the
    greatest first. `query`: all of it, in one spelling, without what can't be read. `problems`: that, in words."""

    preset: Preset
    period: Period
    step: str
    clock: Clock
    by: str
    sort: str
    heat: str
    selection: Selection
    query: str
    problems: tuple[str, ...]

    @classmethod
    def read(cls, query: QueryDict, reader: User) -> Self:
        problems: list[str] = []
        preset = _one_of(Preset, query.get("period") or ("custom" if query.get("first") else ""), Preset.MONTH)
        step = query.get("step", "") if query.get("step") in Step.values else ""
        period = _period(preset, query, today(reader.workspace), problems)
        if preset == Preset.CUSTOM and problems:
            preset = Preset.MONTH
        selection = Selection.read(_only(query, FILTERS), reader)
        kept = _only(query, (*OWN, *FILTERS))
        for name in ("first", "last") if preset != Preset.CUSTOM else ():
            kept.pop(name, None)
        for name in FILTERS:
            kept.pop(name, None)
        kept = QueryDict("&".join(part for part in (kept.urlencode(), selection.query) if part))
        return cls(
            preset,
            Period(period.first, period.last, Step(step) if step else _usual_step(period)),
            step,
            _one_of(Clock, query.get("clock", ""), Clock.WALL),
            query.get("by", "") if query.get("by") in TABLES else TABLES[0],
            query.get("sort", "")[:40],
            query.get("heat", "")[:40],
            selection,
            kept.urlencode(),
            (*problems, *selection.problems),
        )

    @property
    def scope(self) -> Scope:
        return scope_of(self.selection)

    @property
    def days(self) -> str:
        return in_words(self.period)

    @property
    def days_before(self) -> str:
        return in_words(self.period.before)

    def address(self, **changes: str) -> str:
        """The query string with some of it changed; empty takes it away."""
        changed = QueryDict(self.query, mutable=True)
        for name, value in changes.items():
            changed.pop(name, None)
            if value:
                changed[name] = value
        return changed.urlencode()

    def behind(self, figure: str, first: date, last: date, **more: str | int | None) -> str:
        """The address of the conversations of which a figure is made. `more`: a bar, a field, or another filter."""
        chosen = {"figure": figure, "first": first.isoformat(), "last": last.isoformat()}
        chosen |= {name: str(value) for name, value in more.items() if value is not None}
        kept = _without(self.selection.query, frozenset(chosen))
        return f"{_list_address()}?{kept}{urlencode(chosen)}"


def in_words(period: Period) -> str:
    """ "3 Nov 2026 – 9 Nov 2026"."""
    # Translators: a day with its year, in the format of Django's "date" filter
    first, last = (date_format(day, _("j M Y")) for day in (period.first, period.last))
    return first if first == last else f"{first} – {last}"


@cache
def _list_address() -> str:
    return reverse("analytics-conversations")


@lru_cache(maxsize=64)
def _without(query: str, names: frozenset[str]) -> str:
    """A query string without these, to put others behind. Kept: a page has thousands of addresses."""
    kept = QueryDict(query, mutable=True)
    for name in names:
        kept.pop(name, None)
    return f"{kept.urlencode()}&" if kept else ""


def _only(query: QueryDict, names: tuple[str, ...]) -> QueryDict:
    kept = QueryDict(mutable=True)
    for name in names:
        if values := [value.replace("\x00", "") for value in query.getlist(name) if value.strip()]:
            kept.setlist(name, values)
    return kept


def _one_of(choices: type[Chosen], value: str, otherwise: Chosen) -> Chosen:
    return choices(value) if value in choices.values else otherwise


def _period(preset: Preset, query: QueryDict, today: date, problems: list[str]) -> Period:
    if preset == Preset.CUSTOM:
        try:
            return _custom(query.get("first", ""), query.get("last", ""), today)
        except ValueError as error:
            problems.append(_("%(problem)s The last 30 days are shown instead.") % {"problem": error})
            preset = Preset.MONTH
    if preset == Preset.THIS_MONTH:
        return Period(today.replace(day=1), today)
    if preset == Preset.THIS_QUARTER:
        return Period(today.replace(month=today.month - (today.month - 1) % 3, day=1), today)
    return Period(today - (int(preset) - 1) * DAY, today)


def _custom(first: str, last: str, today: date) -> Period:
    """ValueError, in words for who typed it."""
    begin, end = _day(first), _day(last) if last.strip() else today
    if end < begin:
        raise ValueError(_("The last day is before the first."))
    if (end - begin).days + 1 > LONGEST:
        raise ValueError(_("A period has at most three years."))
    if end > today + timedelta(days=366) or begin.year < 2000:
        raise ValueError(_("Nothing can have been counted in those days."))
    return Period(begin, end)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        how = _("“%(text)s” is no date: write it as 2026-11-30.")
        raise ValueError(how % {"text": text.strip()[:40]}) from None


def _usual_step(period: Period) -> Step:
    if period.days <= DAYS_BY_DAY:
        return Step.DAY
    return Step.WEEK if period.days <= DAYS_BY_WEEK else Step.MONTH
