"""Until when, in people's words."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from conversations.snoozing import until

NOW = datetime(2026, 11, 23, 22, 30, tzinfo=UTC)  # in Berlin half an hour before midnight
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("words", "at"),
    [
        ("30m", datetime(2026, 11, 23, 23, 0, tzinfo=UTC)),
        ("2 H", datetime(2026, 11, 24, 0, 30, tzinfo=UTC)),
        ("3d", datetime(2026, 11, 26, 22, 30, tzinfo=UTC)),
        ("1w", datetime(2026, 11, 30, 22, 30, tzinfo=UTC)),
        ("Tomorrow", datetime(2026, 11, 24, 8, 0, tzinfo=UTC)),
        ("2026-12-01", datetime(2026, 12, 1, 8, 0, tzinfo=UTC)),
    ],
)
def test_what_is_understood(words: str, at: datetime) -> None:
    assert until(words, now=NOW, zone=BERLIN) == at


@pytest.mark.parametrize("words", ["", "soon", "0h", "-2h", "9999w", "2026-11-01", "2026-13-01", "9999-12-31", "h"])
def test_what_is_not(words: str) -> None:
    with pytest.raises(ValueError, match="Write until when"):
        until(words, now=NOW, zone=BERLIN)
