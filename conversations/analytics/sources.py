"""Where a report's cells come from: the tallies where they tell them apart, else the facts themselves.

Tallies answer for the workspace, and for owners with either accounts (or their tiers), channels or one tag. Any other
choice is added up from the facts at once: it takes longer the more facts there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from accounts.models import Account, Workspace
from conversations.analytics.briefs import added_up, added_up_counts
from conversations.analytics.cells import Cell
from conversations.analytics.figures import FIGURES, Kind
from conversations.analytics.period import Period, Step
from conversations.analytics.scope import Scope
from conversations.analytics.tallies import ACCOUNT, ALL, CHANNEL, OWNER, TAG, TAGGED
from conversations.models import Conversation, ConversationQuerySet, Fact, Span, Tally

TABLES = (OWNER, ACCOUNT, CHANNEL, TAG)
DAY, MONTH_AT_MOST = timedelta(days=1), timedelta(days=31)
HOURLY = tuple(figure.kinds[0] for figure in FIGURES.values() if figure.by_hour)

ByDay = dict[date, Cell]
Tables = dict[str, dict[str, Cell]]
"""By slice and key."""


@dataclass(slots=True)
class Course:
    """A period as it went. `steps`: by the first day of each, without hours; those without facts are not there.
    `hours`: of each kind in `HOURLY`, how many there were by weekday, 0 being Monday, and hour."""

    steps: ByDay = field(default_factory=lambda: defaultdict(Cell))
    hours: dict[str, list[list[int]]] = field(
        default_factory=lambda: {kind: [[0] * 24 for _ in range(7)] for kind in HOURLY}
    )

    def add_hours(self, kind: str, weekday: int, counts: Mapping[Any, int]) -> None:
        """`counts`: by hour, a number or as JSON has it."""
        hours = self.hours[kind][weekday]
        for hour, count in counts.items():
            hours[int(hour)] += count


class Source:
    """The cells of a scope."""

    def __init__(self, workspace: Workspace, scope: Scope) -> None:
        self.workspace, self.scope, self.is_sample = workspace, scope, has_only_samples(workspace)
        self.accounts = _accounts(workspace, scope)

    def course(self, period: Period) -> Course:
        course, tallies = Course(), self._tallies()
        if tallies is None:
            for day, cell in _add_up_days(self._facts(period.first, period.last)).items():
                course.steps[period.start_of(day)].merge(cell)
                for kind in HOURLY:
                    course.add_hours(kind, day.weekday(), cell.measure(kind).hours)
            return course
        days = tallies.filter(span=Span.DAY, day__range=(period.first, period.last))
        for part in self._spans(tallies, period.first, period.last) if period.step == Step.MONTH else (days,):
            for day, figures in part.values_list("day", "figures").iterator(chunk_size=2000):
                course.steps[period.start_of(day)].take(figures, hours=False)
        for day, *hours in days.values_list("day", *(f"figures__{kind}__h" for kind in HOURLY)):
            for kind, counts in zip(HOURLY, hours, strict=True):
                course.add_hours(kind, day.weekday(), counts or {})
        return course

    def whole(self, first: date, last: date) -> Cell:
        """All of these days, without hours where tallies tell."""
        whole, tallies = Cell(), self._tallies()
        if tallies is None:
            for cell in _add_up_days(self._facts(first, last)).values():
                whole.merge(cell)
            return whole
        for part in self._spans(tallies, first, last):
            for figures in part.values_list("figures", flat=True).iterator(chunk_size=2000):
                whole.take(figures, hours=False)
        return whole

    def tables(self, first: date, last: date, names: Collection[str] = TABLES, *, working: bool = True) -> Tables:
        """Of durations only first response and resolution are there, where tallies tell; those in working hours for
        sure only with `working`."""
        tables: Tables = {name: defaultdict(Cell) for name in names}
        from_tallies = self._tables_of_tallies()
        for name in names:
            if name in from_tallies:
                self._read_table(name, tables[name], first, last, working=working)
        if missing := [name for name in names if name not in from_tallies]:
            _add_up_tables(self._facts(first, last), {name: tables[name] for name in missing})
        return tables

    def backlog(self, day: date) -> int:
        """How many were open when that day began."""
        kinds = (Kind.BACKLOG_IN, Kind.BACKLOG_OUT)
        tallies = self._tallies()
        if tallies is None:
            facts = self._facts(date.min, day - timedelta(days=1)).filter(kind__in=kinds)
            counts = dict(facts.order_by().values_list("kind").annotate(n=Count("pk")))
            return int(counts.get(kinds[0], 0)) - int(counts.get(kinds[1], 0))
        came, went = added_up_counts(tallies.filter(span=Span.DAY, day__lt=day), *kinds)
        return came - went

    def conversations(self) -> ConversationQuerySet:
        """The listed ones, as they are now."""
        found = Conversation.objects.filter(workspace=self.workspace, channel__is_sample=self.is_sample).listed()
        if self.scope.owners:
            found = found.filter(_in("owner_id", self.scope.owners))
        if self.accounts is not None:
            found = found.filter(_in("account_id", self.accounts))
        if self.scope.channels:
            found = found.filter(channel_id__in=self.scope.channels)
        if self.scope.tags:
            found = found.filter(tags__overlap=sorted(self.scope.tags))
        return found

    def facts(self) -> QuerySet[Fact]:
        """Of all days."""
        found = Fact.objects.filter(workspace=self.workspace, is_sample=self.is_sample)
        if self.scope.owners:
            found = found.filter(_in("owner_id", self.scope.owners))
        if self.accounts is not None:
            found = found.filter(_in("account_id", self.accounts))
        if self.scope.channels:
            own = Conversation.objects.filter(channel__in=self.scope.channels)  # there is an index of these
            found = found.filter(conversation__in=own.values("pk"))
        if self.scope.tags:
            found = found.filter(tags__overlap=sorted(self.scope.tags))
        return found

    def _facts(self, first: date, last: date) -> QuerySet[Fact]:
        return self.facts().filter(day__range=(first, last))

    def _tallies(self) -> QuerySet[Tally] | None:
        """Those whose sum is the scope's; None where they can't tell."""
        chosen = [name for name, part in self._parts().items() if part is not None]
        if self.is_sample or len(chosen) > 1 or len(self.scope.tags) > 1:
            return None
        tallies = Tally.objects.filter(workspace=self.workspace)
        owners = Q(owner_id__in=self.scope.owners) if self.scope.owners else Q()
        if chosen:
            (name,) = chosen
            slice_ = TAGGED if name == TAG and not self.scope.owners else name
            return tallies.filter(owners, slice=slice_, key__in=[str(key) for key in self._parts()[name] or ()])
        if not self.scope.owners:
            return tallies.filter(slice=ALL)
        return tallies.filter(slice=OWNER, key__in=[str(key) for key in self.scope.owners])

    def _tables_of_tallies(self) -> list[str]:
        """The tables that tallies can tell."""
        chosen = [name for name, part in self._parts().items() if part is not None]
        if self.is_sample or len(chosen) > 1 or len(self.scope.tags) > 1:
            return []
        return [OWNER, *chosen] if chosen else list(TABLES)

    def _read_table(self, name: str, table: dict[str, Cell], first: date, last: date, *, working: bool) -> None:
        chosen = [part for part in self._parts() if self._parts()[part] is not None]
        slice_ = chosen[0] if chosen and name == OWNER else name
        if name == TAG and not self.scope.owners:
            slice_ = TAGGED
        tallies = Tally.objects.filter(workspace=self.workspace, slice=slice_)
        if self.scope.owners:
            tallies = tallies.filter(owner_id__in=self.scope.owners)
        if chosen:
            tallies = tallies.filter(key__in=[str(key) for key in self._parts()[chosen[0]] or ()])
        for part in self._spans(tallies, first, last):
            for key, cell in added_up(part, "owner_id" if name == OWNER else "key", working=working):
                table[str(key)].merge(cell)

    def _spans(self, tallies: QuerySet[Tally], first: date, last: date) -> Iterator[QuerySet[Tally]]:
        """Those of these days, and in place of days those of the months that are whole and added up."""
        months = self._whole_months(first, last)
        days = [first + n * DAY for n in range((last - first).days + 1)]
        days = [day for day in days if day.replace(day=1) not in months]  # named one by one, for the index
        yield tallies.filter(span=Span.DAY, day__in=days)
        yield tallies.filter(span=Span.MONTH, day__in=months)

    def _whole_months(self, first: date, last: date) -> set[date]:
        """Those within, that are added up."""
        months = Tally.objects.filter(workspace=self.workspace, slice=ALL, span=Span.MONTH, day__range=(first, last))
        return {day for day in months.values_list("day", flat=True) if _end_of_month(day) <= last}

    def _parts(self) -> dict[str, Any]:
        """What is chosen, owners apart, by slice; None: nothing."""
        return {
            ACCOUNT: self.accounts, CHANNEL: self.scope.channels or None, TAG: self.scope.tags or None,
        }  # fmt: skip


def has_only_samples(workspace: Workspace) -> bool:
    if Tally.objects.filter(workspace=workspace, slice=ALL, span=Span.DAY).exists():
        return False
    return Fact.objects.filter(workspace=workspace, is_sample=True).exists()


def _accounts(workspace: Workspace, scope: Scope) -> frozenset[int] | None:
    """Those chosen, by themselves and by their tiers; None: all, and conversations without one."""
    if not scope.accounts and not scope.tiers:
        return None
    accounts = scope.accounts
    if scope.tiers:
        of_tiers = Account.objects.filter(workspace=workspace, tier__in=scope.tiers).values_list("pk", flat=True)
        accounts = accounts & {*of_tiers} if accounts else frozenset(of_tiers)
    return accounts


def _in(column: str, ids: frozenset[int]) -> Q:
    """0 among the ids: those without."""
    chosen = Q(**{f"{column}__in": ids - {0}})
    return chosen | Q(**{f"{column}__isnull": True}) if 0 in ids else chosen


def _add_up_days(facts: QuerySet[Fact]) -> ByDay:
    days: ByDay = defaultdict(Cell)
    rows = facts.values_list("day", "kind", "hour", "value", "working")
    for day, kind, hour, value, working in rows.iterator(chunk_size=5000):
        days[day].add(kind, hour, value, working)
    return days


def _add_up_tables(facts: QuerySet[Fact], tables: Tables) -> None:
    rows = facts.values_list("kind", "hour", "value", "working", "owner_id", "account_id", "channel_id", "tags")
    for kind, hour, value, working, owner, account, channel, tags in rows.iterator(chunk_size=5000):
        places = {OWNER: [str(owner or 0)], ACCOUNT: [str(account or 0)], CHANNEL: [str(channel)], TAG: tags}
        for name, table in tables.items():
            for key in places[name]:
                table[key].add(kind, hour, value, working)


def _end_of_month(month: date) -> date:
    return (month + MONTH_AT_MOST).replace(day=1) - DAY
