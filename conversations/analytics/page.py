"""What the page of analytics tells: its figures on cards, and the hours of the week."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from conversations.analytics import wording
from conversations.analytics.answers import Report, Total
from conversations.analytics.choosing import Choice, Clock
from conversations.analytics.figures import FIGURES, Unit
from conversations.analytics.wording import Change

Text = str | Promise

HEADLINES = (
    "new", "closed", "first_response", "resolution", "target_rate", "reopened", "next_response", "touches",
)  # fmt: skip
HEAT_LEVELS = 5
HEAT_FIGURES = [key for key, figure in FIGURES.items() if figure.by_hour]


@dataclass(frozen=True, slots=True)
class Card:
    key: str
    label: Text
    meaning: Text
    value: str
    before: str
    change: Change | None
    detail: str
    href: str


@dataclass(frozen=True, slots=True)
class HeatCell:
    count: int
    level: int
    href: str
    label: str


@dataclass(frozen=True, slots=True)
class Heat:
    figure: str
    label: Text
    sentence: str
    rows: Sequence[tuple[str, Sequence[HeatCell]]]


def cards(report: Report, choice: Choice) -> list[Card]:
    return [card(report.totals[key], choice) for key in HEADLINES]


def card(total: Total, choice: Choice) -> Card:
    figure, clock = total.figure, choice.clock
    before = wording.amount(figure, total.before, clock) if total.before else None
    return Card(
        figure.key, figure.label, figure.meaning,
        wording.quantity(figure.unit, wording.amount(figure, total.now, clock)),
        wording.quantity(figure.unit, before),
        wording.change(total, clock),
        _detail(total, clock),
        choice.behind(figure.key, choice.period.first, choice.period.last),
    )  # fmt: skip


def every_figure(report: Report, choice: Choice) -> list[Card]:
    return [card(total, choice) for total in report.totals.values()]


def right_now(report: Report, choice: Choice) -> list[tuple[str, str, str]]:
    """What is told of this moment, whatever the days: name, value, address."""
    now, last = report.now, choice.period.last
    waits = choice.behind("waiting", last, last)
    return [
        (_("Open"), wording.number(now.open), choice.behind("open", last, last)),
        (_("Waiting for us"), wording.number(now.waiting), waits),
        (_("Past their target"), wording.number(now.overdue), choice.behind("overdue", last, last)),
        (_("Longest wait"), wording.duration(now.longest_wait), waits if now.waiting else ""),
        (_("Median wait"), wording.duration(now.median_wait), waits if now.waiting else ""),
    ]


def heat(report: Report, choice: Choice) -> Heat:
    key = choice.heat if choice.heat in HEAT_FIGURES else HEAT_FIGURES[0]
    counts, figure = report.heat[key], FIGURES[key]
    top = max((count for row in counts for count in row), default=0)
    rows = [
        (
            str(WEEKDAYS_ABBR[weekday]),
            [_heat_cell(choice, key, (weekday, hour), count, top) for hour, count in enumerate(row)],
        )
        for weekday, row in enumerate(counts)
    ]
    sentence = _("Nothing was counted in these days.")
    if top:
        weekday, hour = max(
            ((w, h) for w in range(7) for h in range(24)), key=lambda place: counts[place[0]][place[1]]
        )  # fmt: skip
        sentence = _("Most on %(day)s from %(from)02d:00 to %(to)02d:00: %(n)s.") % {
            "day": WEEKDAYS[weekday], "from": hour, "to": hour + 1, "n": wording.number(top),
        }  # fmt: skip
    return Heat(key, figure.label, sentence, rows)


def _heat_cell(choice: Choice, key: str, place: tuple[int, int], count: int, top: int) -> HeatCell:
    weekday, hour = place
    level = -(-count * HEAT_LEVELS // top) if top else 0
    period = choice.period
    href = choice.behind(key, period.first, period.last, weekday=weekday, hour=hour) if count else ""
    label = _("%(day)s, %(hour)02d:00: %(n)s") % {"day": WEEKDAYS[weekday], "hour": hour, "n": count}
    return HeatCell(count, level, href, label)


def _detail(total: Total, clock: Clock) -> str:
    found = wording.summary(total.now, clock)
    unit = total.figure.unit
    if unit == Unit.SHARE:
        return _("of %(n)s") % {"n": wording.number(total.now.count)} if total.now.count else ""
    if found is None or not found.count:
        return ""
    return _("90th percentile %(p90)s, mean %(mean)s") % {
        "p90": wording.quantity(unit, found.p90), "mean": wording.quantity(unit, found.mean),
    }  # fmt: skip
