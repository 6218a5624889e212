"""The figures as people read them, on small stories."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.models import Channel, Contact, User, Workspace
from conversations.analytics.answers import Report
from conversations.analytics.behind import conversations_behind
from conversations.analytics.period import Period, Step
from conversations.analytics.report import report
from conversations.analytics.scope import Scope
from conversations.analytics.tallies import ALL
from conversations.models import Conversation, Span, Tally
from tests import cast
from triage.reckoning import count_all

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 11, 2, 9, tzinfo=UTC)
WEEK = Period(date(2026, 11, 2), date(2026, 11, 8))
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ASKS = "The export is empty since this morning, can you have a look?"
LOOKS = "Let me check with the team."
DONE = "This is fixed now, please try again."


@pytest.fixture
def story(channel: Channel, contact: Contact, dana: User) -> None:
    """Asked, answered after 30 minutes, concluded after two hours; asked again, answered in 10 minutes."""
    root = cast.say(ASKS, channel=channel, by=contact, at=MONDAY)
    cast.say(LOOKS, channel=channel, by=dana, at=MONDAY + 30 * MINUTE, thread_ts=root.ts)
    cast.say(DONE, channel=channel, by=dana, at=MONDAY + 2 * HOUR, thread_ts=root.ts)
    cast.say("It is empty again, can you check?", channel=channel, by=contact, at=MONDAY + 25 * HOUR, thread_ts=root.ts)
    cast.say(DONE, channel=channel, by=dana, at=MONDAY + 25 * HOUR + 10 * MINUTE, thread_ts=root.ts)


def read(workspace: Workspace, **parts: frozenset[int] | frozenset[str]) -> Report:
    count_all()
    return report(workspace, Scope(**parts), WEEK)  # type: ignore[arg-type]  # each its own


def test_a_story(workspace: Workspace, story: None, dana: User) -> None:
    found = read(workspace)
    counts = {key: total.now.count for key, total in found.totals.items() if total.now.count}
    assert counts == {
        "new": 1, "reopened": 1, "closed": 2, "first_response": 1, "next_response": 1, "resolution": 2,
        "time_todo": 2, "time_in_progress": 1, "touches": 2, "auto_changes": 4, "auto_corrected_rate": 4,
    }  # fmt: skip
    assert found.totals["first_response"].now.value == pytest.approx(1800, rel=0.05)
    assert found.totals["touches"].now.wall
    assert found.totals["touches"].now.wall.mean == 1.5
    assert [point.backlog for point in found.series] == [0] * 7
    assert found.heat["new"][0][9] == 1
    assert [(line.name, line.values["new"].value) for line in found.tables["owner"]] == [("Dana Reyes", 1)]
    behind = conversations_behind(workspace, Scope(), "reopened", first=WEEK.first, last=WEEK.last)
    assert [one.number for one in behind] == [1]


def test_the_days_before_are_counted_as_the_days_are(channel: Channel, contact: Contact, dana: User) -> None:
    """Whole months are read at once, where there are such."""
    workspace = dana.workspace
    for days in (0, 5, 20, 33, 50, 64, 90, 92):
        at = MONDAY - timedelta(days=days)
        asked = cast.say(ASKS, channel=channel, by=contact, at=at)
        cast.say(DONE, channel=channel, by=dana, at=at + timedelta(minutes=days + 1), thread_ts=asked.ts)
        Conversation.objects.latest("number").tag(["billing", "bug"][: 1 + days % 2], by=dana)
    count_all()
    assert Tally.objects.filter(span=Span.MONTH, slice=ALL).count() >= 3
    now = Period(date(2026, 10, 20), date(2026, 12, 31), Step.MONTH)
    for scope in (Scope(), Scope(owners=frozenset({dana.pk})), Scope(tags=frozenset({"billing", "bug"}))):
        found, then = report(workspace, scope, now), now.before
        by_day = report(workspace, scope, Period(then.first, then.last, Step.DAY))
        assert by_day.totals["new"].now.count in range(2, 6)
        expected = {key: total.now for key, total in by_day.totals.items()}
        for one in (found, report(workspace, scope, now, series_before=False)):
            assert {key: total.before for key, total in one.totals.items()} == expected
        by_month = report(workspace, scope, then)
        assert {key: total.now for key, total in by_month.totals.items()} == expected
        assert (by_month.heat, by_month.series) == (by_day.heat, found.series_before)
