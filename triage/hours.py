"""Working time. Pure: (calendar, moment) → when so many working minutes are over, and which stretches count.

Days are those of the calendar's own time zone: where its clocks are put forward, a day is an hour shorter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

UTC_ZONE = ZoneInfo("UTC")
HORIZON = 2 * 366
"""Days that are looked ahead: a calendar without any working time has no end."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a wait. `reason` says why it does not count, and is empty where it does."""

    start: datetime
    end: datetime
    reason: str = ""

    @property
    def counts(self) -> bool:
        return not self.reason


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """`hours` by weekday, 0 being Monday: stretches of local time in order, `time.max` being midnight.
    `holidays` by date, with their names."""

    zone: ZoneInfo = UTC_ZONE
    hours: Mapping[int, Sequence[tuple[time, time]]] = field(default_factory=dict)
    holidays: Mapping[date, str] = field(default_factory=dict)

    def after(self, start: datetime, working: timedelta) -> datetime | None:
        """The moment at which so much working time has passed since `start`; None when it never will."""
        left = working
        for stretch in self._from(start):
            if not stretch.counts:
                continue
            length = stretch.end - stretch.start
            if length >= left:
                return stretch.start + left
            left -= length
        return None

    def between(self, start: datetime, end: datetime) -> timedelta:
        """The working time from one moment to another."""
        return sum((one.end - one.start for one in self.stretches(start, end) if one.counts), timedelta())

    def stretches(self, start: datetime, end: datetime) -> list[Stretch]:
        """All of the time between, what counts and what does not, each with its reason, without gaps."""
        found: list[Stretch] = []
        for one in self._from(start):
            if one.start >= end:
                break
            cut = Stretch(one.start, min(one.end, end), one.reason)
            if found and found[-1].reason == cut.reason:
                cut = Stretch(found.pop().start, cut.end, cut.reason)
            found.append(cut)
        return found

    def _from(self, start: datetime) -> Iterator[Stretch]:
        first = start.astimezone(self.zone).date()
        for offset in range(HORIZON):
            for one in self._day(first + timedelta(days=offset)):
                if one.end > start:
                    yield Stretch(max(one.start, start), one.end, one.reason)

    def _day(self, day: date) -> Iterator[Stretch]:
        begins, ends = self._at(day, time.min), self._at(day, time.max)
        holiday = self.holidays.get(day)
        working = [] if holiday is not None else self.hours.get(day.weekday(), ())
        free = (
            _("holiday: %(holiday)s") % {"holiday": holiday}
            if holiday
            else _("a holiday")
            if holiday is not None
            else _("outside working hours")
        )
        at = begins
        for opens, closes in working:
            opening, closing = self._at(day, opens), self._at(day, closes)
            if opening > at:
                yield Stretch(at, opening, free)
            if closing > max(at, opening):
                yield Stretch(max(at, opening), closing)
                at = closing
        if ends > at:
            yield Stretch(at, ends, free)

    def _at(self, day: date, at: time) -> datetime:
        """In UTC: differences of local times ignore the clocks' changes."""
        if at == time.max:
            day, at = day + timedelta(days=1), time.min
        return datetime.combine(day, at, self.zone).astimezone(UTC)


ALWAYS = WorkingHours(hours={weekday: [(time.min, time.max)] for weekday in range(7)})


def read_hours(hours: Mapping[str, Sequence[Sequence[str]]]) -> dict[int, list[tuple[time, time]]]:
    """From a calendar's JSON: by weekday ("0" to "6") pairs of "HH:MM"; "24:00" is midnight.

    ValueError, in words, for anything else, and for stretches that overlap or end before they begin.
    """
    read: dict[int, list[tuple[time, time]]] = {}
    for weekday, stretches in hours.items():
        if weekday not in {str(day) for day in range(7)}:
            raise ValueError(_("%(weekday)s is no weekday: 0 is Monday, 6 is Sunday.") % {"weekday": weekday})
        day = [(_time(opens), _time(closes)) for opens, closes in stretches]
        for number, (opens, closes) in enumerate(day):
            if closes <= opens:
                words = {"from": stretches[number][0], "to": stretches[number][1]}
                raise ValueError(_("%(from)s to %(to)s ends before it begins.") % words)
            if number and opens < day[number - 1][1]:
                raise ValueError(_("%(from)s lies within the stretch before it.") % {"from": stretches[number][0]})
        read[int(weekday)] = day
    return read


def read_holidays(holidays: Mapping[str, str]) -> dict[date, str]:
    """ValueError for a date that isn't YYYY-MM-DD."""
    return {date.fromisoformat(on): name for on, name in holidays.items()}


def _time(text: str) -> time:
    if text == "24:00":
        return time.max
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise ValueError(_("%(text)s is no time of day, as 09:30.") % {"text": text}) from None
