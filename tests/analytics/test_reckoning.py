"""What a history comes to, without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from conversations.analytics.figures import Kind
from conversations.analytics.reckoning import Clocks, Handed, Heard, History, reckon

MONDAY = datetime(2026, 11, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
ALWAYS = Clocks(working=lambda began, at: at - began, due=lambda _began: None)


def test_whoever_hands_a_conversation_on_has_it_no_more() -> None:
    handed = [Handed(MONDAY + HOUR, 1, 2), Handed(MONDAY + 3 * HOUR, 2, None)]
    counted = reckon(History(MONDAY, owner=None, heard=[Heard(MONDAY, inbound=True)], handed=handed), ALWAYS)
    came = [(one.at, one.owner) for one in counted if one.kind == Kind.BACKLOG_IN]
    assert came == [(MONDAY, 1), (MONDAY + HOUR, 2), (MONDAY + 3 * HOUR, None)]
    went = [(one.began_at, one.at, one.owner) for one in counted if one.kind == Kind.BACKLOG_OUT]
    assert went == [(MONDAY, MONDAY + HOUR, 1), (MONDAY + HOUR, MONDAY + 3 * HOUR, 2)]
