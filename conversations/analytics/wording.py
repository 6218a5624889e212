"""Figures in words: durations, shares, changes, days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.dateformat import format as date_format
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from conversations.analytics.answers import Bar, Summary, Total, Value
from conversations.analytics.choosing import Clock
from conversations.analytics.figures import Figure, Unit
from conversations.analytics.period import Step

NOTHING = "–"
MINUTE, HOUR, DAY = 60, 3600, 86_400


@dataclass(frozen=True, slots=True)
class Change:
    """`verdict`: better, worse, or empty where a change is neither. `words` say it all; colour only repeats it."""

    words: str
    verdict: str
    is_more: bool


def number(value: float) -> str:
    return number_format(round(value, 1) if value % 1 else int(value), use_l10n=True, force_grouping=True)


def duration(seconds: float | None) -> str:
    """The two greatest units: "2 d 3 h", "1 h 20 min", "45 s"."""
    if seconds is None:
        return NOTHING
    if seconds < MINUTE:
        return _("%(n)s s") % {"n": round(seconds)}
    if seconds < HOUR:
        return _("%(n)s min") % {"n": round(seconds / MINUTE)}
    if seconds < DAY:
        hours, minutes = divmod(round(seconds / MINUTE), 60)
        return _("%(h)s h %(m)s min") % {"h": hours, "m": minutes} if minutes else _("%(h)s h") % {"h": hours}
    days, hours = divmod(round(seconds / HOUR), 24)
    return _("%(d)s d %(h)s h") % {"d": days, "h": hours} if hours else _("%(d)s d") % {"d": days}


def share(value: float | None) -> str:
    return NOTHING if value is None else _("%(n)s %%") % {"n": number(round(value * 100))}


def quantity(unit: str, value: float | None) -> str:
    if value is None:
        return NOTHING
    if unit == Unit.SECONDS:
        return duration(value)
    return share(value) if unit == Unit.SHARE else number(value)


def summary(value: Value, clock: Clock) -> Summary | None:
    """Of a duration, by the clock that was chosen; of replies the only one there is."""
    return value.working if clock == Clock.WORKING and value.working is not None else value.wall


def amount(figure: Figure, value: Value, clock: Clock) -> float | None:
    """What stands for the figure: a count, a share, a median."""
    if figure.unit not in {Unit.SECONDS, Unit.REPLIES}:
        return value.value
    found = summary(value, clock)
    return found.median if found else None


def change(total: Total, clock: Clock) -> Change | None:
    """Against the period before; None where there is nothing to compare."""
    figure = total.figure
    now = amount(figure, total.now, clock)
    before = amount(figure, total.before, clock) if total.before else None
    if now is None or before is None or (not before and figure.unit != Unit.SHARE):
        return None
    if figure.unit == Unit.SHARE:
        points = round((now - before) * 100)
        if not points:
            return Change(_("unchanged"), "", is_more=False)
        words = _("%(n)s points more") if points > 0 else _("%(n)s points less")
        return Change(words % {"n": abs(points)}, _verdict(figure, points > 0), points > 0)
    percent = round((now / before - 1) * 100)
    if not percent:
        return Change(_("unchanged"), "", is_more=False)
    if figure.unit == Unit.SECONDS:
        words = _("%(n)s %% slower") if percent > 0 else _("%(n)s %% faster")
    else:
        words = _("%(n)s %% more") if percent > 0 else _("%(n)s %% fewer")
    return Change(words % {"n": number(abs(percent))}, _verdict(figure, percent > 0), percent > 0)


def day(at: date, *, with_year: bool = True) -> str:
    # Translators: a day, with its year and without, in the format of Django's "date" filter
    return date_format(at, _("j M Y") if with_year else _("j M"))


def step(first: date, last: date, step: Step) -> str:
    """The name of a step of a series: "3 Nov", "3–9 Nov", "Nov 2026"."""
    if step == Step.MONTH:
        return date_format(first, "M Y")
    if step == Step.DAY or first == last:
        return day(first, with_year=False)
    if first.month == last.month:
        return f"{first.day}–{day(last, with_year=False)}"
    return f"{day(first, with_year=False)} – {day(last, with_year=False)}"


def bar(one: Bar, unit: str) -> str:
    """What a bar of a distribution stands for."""
    if unit != Unit.SECONDS:
        if one.most is None:
            return _("%(n)s or more") % {"n": one.least}
        return str(one.least) if one.most == one.least + 1 else f"{one.least}–{one.most - 1}"
    if not one.least and one.most:
        return _("under %(most)s") % {"most": duration(one.most)}
    if one.most is None:
        return _("over %(least)s") % {"least": duration(one.least)}
    return f"{duration(one.least)} – {duration(one.most)}"


def _verdict(figure: Figure, is_more: bool) -> str:
    if figure.less_is_better is None:
        return ""
    return "worse" if is_more == figure.less_is_better else "better"
