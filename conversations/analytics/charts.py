"""The charts of the page of analytics, each with the table behind it and a sentence that says what it shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from conversations.analytics import wording
from conversations.analytics.answers import Point, Report
from conversations.analytics.choosing import Choice, Clock
from conversations.analytics.figures import FIGURES, Unit

Text = str | Promise

HOUR = 3600


@dataclass(frozen=True, slots=True)
class Datum:
    """A number of a chart, in words, and the conversations behind it."""

    value: float | None
    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Series:
    """`look`: the name of its colour. `is_line`: drawn as a line, else as bars."""

    look: str
    label: Text
    data: Sequence[Datum]
    is_line: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """`sentence`: what it shows, for who can't or won't look at it. `head`: what its labels are."""

    key: str
    title: Text
    sentence: str
    unit: str
    head: Text
    labels: Sequence[str]
    series: Sequence[Series]
    is_stacked: bool = False

    @property
    def has_data(self) -> bool:
        return any(datum.value for one in self.series for datum in one.data)

    @property
    def rows(self) -> list[tuple[str, list[Datum]]]:
        return [(label, [one.data[place] for one in self.series]) for place, label in enumerate(self.labels)]

    @property
    def drawing(self) -> dict[str, object]:
        """For the script."""
        return {
            "key": self.key, "unit": self.unit, "labels": list(self.labels), "stacked": self.is_stacked,
            "series": [
                {"look": one.look, "label": str(one.label), "line": one.is_line,
                 "values": [datum.value for datum in one.data], "texts": [datum.text for datum in one.data]}
                for one in self.series
            ],
        }  # fmt: skip


def charts(report: Report, choice: Choice) -> list[Chart]:
    return [
        _volume(report, choice),
        _backlog(report, choice),
        _trend(report, choice),
        _distribution(report, choice, "first_response", _("How long the first response took")),
        _targets(report, choice),
        _waits(report, choice),
    ]


def _volume(report: Report, choice: Choice) -> Chart:
    series = [_of_figure(report, choice, key) for key in ("new", "closed", "reopened")]
    new, closed = (report.totals[key].now.count for key in ("new", "closed"))
    sentence = _("%(new)s new, %(closed)s closed.") % {"new": wording.number(new), "closed": wording.number(closed)}
    if new and len(report.series) > 1:
        busiest = max(report.series, key=lambda point: point.values["new"].count)
        sentence += " " + _("Most began %(when)s: %(n)s.") % {
            "when": _label(busiest, choice), "n": wording.number(busiest.values["new"].count),
        }  # fmt: skip
    return Chart("volume", _("Volume"), sentence, Unit.COUNT, _("When"), _labels(report, choice), series)


def _backlog(report: Report, choice: Choice) -> Chart:
    data = [
        Datum(point.backlog, wording.number(point.backlog), choice.behind("backlog", point.last, point.last))
        for point in report.series
    ]
    begin, end = report.series[0].backlog, report.series[-1].backlog
    most = max(report.series, key=lambda point: point.backlog)
    sentence = _("From %(begin)s open to %(end)s; the most were %(most)s (%(when)s).") % {
        "begin": wording.number(begin), "end": wording.number(end), "most": wording.number(most.backlog),
        "when": _label(most, choice),
    }  # fmt: skip
    series = [Series("backlog", _("Open at the end"), data, is_line=True)]
    return Chart("backlog", _("Backlog"), sentence, Unit.COUNT, _("When"), _labels(report, choice), series)


def _trend(report: Report, choice: Choice) -> Chart:
    figure = FIGURES["first_response"]
    data: dict[str, list[Datum]] = {"median": [], "p90": []}
    for point in report.series:
        found = wording.summary(point.values[figure.key], choice.clock)
        href = choice.behind(figure.key, point.start, point.last)
        for name, values in data.items():
            value = getattr(found, name) if found else None
            values.append(Datum(value, wording.duration(value), href))
    whole = wording.summary(report.totals[figure.key].now, choice.clock)
    sentence = _("No first response in these days.")
    if whole and whole.count:
        sentence = _("Half of the first responses came within %(median)s, nine of ten within %(p90)s.") % {
            "median": wording.duration(whole.median), "p90": wording.duration(whole.p90),
        }  # fmt: skip
    series = [
        Series("median", _("Median"), data["median"], is_line=True),
        Series("p90", _("90th percentile"), data["p90"], is_line=True),
    ]
    return Chart("trend", _("First response"), sentence, Unit.SECONDS, _("When"), _labels(report, choice), series)


def _distribution(report: Report, choice: Choice, key: str, title: str) -> Chart:
    is_working = choice.clock == Clock.WORKING
    bars = (report.working_distributions if is_working else report.distributions)[key]
    total = sum(bar.count for bar in bars)
    within = sum(bar.count for bar in bars if bar.most is not None and bar.most <= HOUR)
    sentence = _("No first response in these days.")
    if total:
        sentence = _("%(share)s of %(n)s came within an hour.") % {
            "share": wording.share(within / total), "n": wording.number(total),
        }  # fmt: skip
    period = choice.period
    data = [
        Datum(
            bar.count, wording.number(bar.count),
            choice.behind(key, period.first, period.last, least=bar.least, most=bar.most,
                   clock="working" if is_working else None),
        )
        for bar in bars
    ]  # fmt: skip
    labels = [wording.bar(bar, FIGURES[key].unit) for bar in bars]
    series = [Series("new", FIGURES[key].label, data)]
    return Chart("distribution", title, sentence, Unit.COUNT, _("Time"), labels, series)


def _targets(report: Report, choice: Choice) -> Chart:
    whole = report.totals["target_rate"].now
    missed_in_all = report.totals["target_missed"].now.count
    met: list[Datum] = []
    missed: list[Datum] = []
    for point in report.series:
        late = point.values["target_missed"].count
        kept = point.values["target_rate"].count - late
        met.append(Datum(kept, wording.number(kept), choice.behind("target_met", point.start, point.last)))
        missed.append(Datum(late, wording.number(late), choice.behind("target_missed", point.start, point.last)))
    sentence = _("No wait with a response target ended in these days.")
    if whole.count:
        sentence = _("%(met)s of %(all)s waits with a target were answered in time.") % {
            "met": wording.number(whole.count - missed_in_all), "all": wording.number(whole.count),
        }  # fmt: skip
    series = [Series("closed", _("In time"), met), Series("missed", _("Missed"), missed)]
    labels = _labels(report, choice)
    return Chart("targets", _("Response targets"), sentence, Unit.COUNT, _("When"), labels, series, is_stacked=True)


def _waits(report: Report, choice: Choice) -> Chart:
    now, last = report.now, choice.period.last
    sentence = _("Nobody waits.")
    if now.waiting:
        sentence = _("%(n)s wait for us now, the longest for %(longest)s.") % {
            "n": wording.number(now.waiting), "longest": wording.duration(now.longest_wait),
        }  # fmt: skip
    data = [
        Datum(
            bar.count, wording.number(bar.count), choice.behind("waiting", last, last, least=bar.least, most=bar.most)
        )
        for bar in now.waits
    ]  # fmt: skip
    labels = [wording.bar(bar, Unit.SECONDS) for bar in now.waits]
    series = [Series("reopened", _("Waiting"), data)]
    return Chart("waits", _("Waiting right now"), sentence, Unit.COUNT, _("Time"), labels, series)


def _of_figure(report: Report, choice: Choice, key: str) -> Series:
    data = [
        Datum(
            point.values[key].count, wording.number(point.values[key].count),
            choice.behind(key, point.start, point.last),
        )
        for point in report.series
    ]  # fmt: skip
    return Series(key, FIGURES[key].label, data)


def _labels(report: Report, choice: Choice) -> list[str]:
    return [_label(point, choice) for point in report.series]


def _label(point: Point, choice: Choice) -> str:
    return wording.step(point.start, point.last, choice.period.step)
