"""Every figure of the page opens the conversations behind it: as many as it counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pytest
from django.http import QueryDict
from django.utils import timezone

from accounts.models import Channel, Contact, User
from conversations.analytics import page
from conversations.analytics.breakdown import TABLES, breakdown
from conversations.analytics.charts import Chart, charts
from conversations.analytics.choosing import Choice
from conversations.analytics.drilling import Drill
from conversations.analytics.figures import FIGURES, Unit
from conversations.analytics.report import report
from conversations.analytics.tables import COLUMNS, Row, sheet
from conversations.models import Fact, Message
from tests import cast
from triage.models import ResponseTarget
from triage.reckoning import count_all

pytestmark = pytest.mark.django_db

ASKS = "The export is empty since this morning, can you have a look?"
DAYS_AGO = timedelta(days=3)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
CHARTS = ("volume", "backlog", "trend", "distribution", "targets", "waits")


@pytest.fixture
def story(channel: Channel, contact: Contact, dana: User) -> None:
    """Three were answered, two of them within the target of an hour; one of these was tagged, and one asked again and
    was answered the day after. Four wait, in channels of their own."""
    ResponseTarget.objects.create(workspace=dana.workspace, minutes=60)
    noon = timezone.now().replace(hour=12, minute=0, second=0, microsecond=0) - DAYS_AGO
    for days, minutes in enumerate((4, 20, 90)):
        asked = cast.say(ASKS, channel=channel, by=contact, at=noon - timedelta(days=days))
        answer(asked, asked.sent_at + minutes * MINUTE, by=dana)
        if days == 1:
            again = cast.say(ASKS, channel=channel, by=contact, at=noon + 2 * HOUR, thread_ts=asked.ts)
            answer(asked, again.sent_at + MINUTE, by=dana)
        if not days:
            assert asked.conversation
            asked.conversation.tag(["billing"], by=dana)
    for ago in (10 * MINUTE, 3 * HOUR, 3.5 * HOUR, 30 * HOUR):
        cast.say(ASKS, channel=cast.make_channel(workspace=dana.workspace, owner=dana), by=contact, ago=ago)
    count_all()


def answer(asked: Message, at: datetime, *, by: User) -> None:
    """It closes the conversation."""
    assert asked.channel
    cast.say("This is fixed now, please try again.", channel=asked.channel, by=by, at=at, thread_ts=asked.ts)


def read(query: str, reader: User) -> Choice:
    return Choice.read(QueryDict(query), reader)


def listed(href: str, reader: User) -> int:
    return Drill.read(QueryDict(urlsplit(href).query), reader).conversations(reader).count()


def drawn(query: str, reader: User) -> dict[str, Chart]:
    choice = read(query, reader)
    return {chart.key: chart for chart in charts(report(reader.workspace, choice.scope, choice.period), choice)}


@pytest.mark.usefixtures("story")
def test_charts(dana: User) -> None:
    for query in ("period=7", "period=7&clock=working", "period=7&tag=billing"):
        for chart in drawn(query, dana).values():
            for one in chart.series:
                for label, datum in zip(chart.labels, one.data, strict=True):
                    if datum.value is None:
                        continue
                    where = (query, chart.key, str(one.label), label)
                    if chart.key == "trend":  # it tells times: of the conversations behind them there is at least one
                        assert listed(datum.href, dana), where
                    else:
                        assert listed(datum.href, dana) == datum.value, where
    assert tuple(drawn("period=7", dana)) == CHARTS
    waits = [datum.value for datum in drawn("period=7", dana)["waits"].series[0].data]
    assert [value for value in waits if value] == [1, 2, 1], "the bars differ, and so do their lists"


@pytest.mark.usefixtures("story")
def test_cards_and_what_is_so_now(dana: User) -> None:
    choice = read("period=7", dana)
    found = report(dana.workspace, choice.scope, choice.period)
    cards = {card.key: card for card in page.every_figure(found, choice)}
    assert set(cards) == set(FIGURES)
    for key, card in cards.items():
        facts = Fact.objects.filter(kind__in=FIGURES[key].kinds, day__range=(choice.period.first, choice.period.last))
        assert listed(card.href, dana) == facts.values("conversation").distinct().count(), key
    numbers = {name: (value, href) for name, value, href in page.right_now(found, choice)}
    for name in ("Open", "Waiting for us", "Past their target"):
        value, href = numbers[name]
        assert listed(href, dana) == int(value), name


@pytest.mark.usefixtures("story")
@pytest.mark.parametrize("key", page.HEAT_FIGURES)
def test_the_hours_of_the_week(dana: User, key: str) -> None:
    choice = read(f"period=7&heat={key}", dana)
    found = page.heat(report(dana.workspace, choice.scope, choice.period), choice)
    cells = [cell for _, row in found.rows for cell in row if cell.count]
    assert all(listed(cell.href, dana) == cell.count for cell in cells)
    assert cells


@pytest.mark.usefixtures("story")
@pytest.mark.parametrize("by", TABLES)
def test_tables(dana: User, by: str) -> None:
    first = (timezone.now() - DAYS_AGO).date()  # since then none was closed twice
    choice = read(f"first={first}&by={by}", dana)
    rows = sheet(breakdown(dana.workspace, choice.scope, choice.period, by), choice).rows
    assert rows
    for where, value, href in _counts(rows):
        assert listed(href, dana) == value, (by, *where)


def _counts(rows: Sequence[Row]) -> Iterator[tuple[tuple[str, str], float, str]]:
    """The cells that count."""
    for row in rows:
        for column, cell in zip(COLUMNS, row.cells, strict=True):
            if cell.value and column.unit == Unit.COUNT:
                yield (row.name, column.key), cell.value, cell.href
