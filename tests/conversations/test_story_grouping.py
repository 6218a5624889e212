"""The demo's story, whose companies write as customers do in shared channels, is grouped as its author meant it."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from conversations.decision import Settings
from conversations.evaluation import grouping_figures
from conversations.models import Message
from conversations.simulation import Replay

STORY = Path(__file__).parents[2] / "sandbox" / "stories" / "three-companies.json"
NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
OURS = {"dana", "omar", "priya"}
MEANT = {
    "Jonas, let me check": "gseats", "Jonas, billing found": "gseats", "Got it, that works": "gseats",
    "Mia: 600 requests": "grate", "Perfect, that's all": "grate", "Hello! Can you put our PO": "po",
    "Done, Carlos": "po", "Thanks!": "po", "Where do I find the receipts": "receipts", "Under *Billing": "receipts",
    "Found them": "receipts", "By the way, sign-in": "isso", "We'd like to add five": "seats",
    "You can do it yourself": "seats", "No need, found it": "seats", "Heads-up": "heads-up",
    "We have a demo": "uimport",
}  # fmt: skip
"""What is said outside threads and has no name in the story, by its beginning: the matter that it is about."""


def test_each_matter_is_a_conversation() -> None:
    channels: dict[str, list[tuple[Message, str]]] = {}
    stamps: dict[str | None, str] = {}
    for number, step in enumerate(json.loads(STORY.read_text(encoding="utf-8"))["steps"], start=1):
        if "text" not in step or "do" in step:
            continue
        at = _when(step["at"])
        message = Message(
            pk=number, ts=f"{at.timestamp() + number / 1000:.6f}", thread_ts=stamps.get(step.get("thread")),
            text=step["text"], kind="outbound" if step["as"] in OURS else "inbound", sent_at=at,
            author_name=step["as"].partition(".")[0].title(),
        )  # fmt: skip
        stamps.setdefault(step.get("id", f"step {number}"), str(message.ts))
        matter = next((name for start, name in MEANT.items() if step["text"].startswith(start)), "")
        channels.setdefault(step["in"], []).append((message, step.get("thread") or matter or step["id"]))
    played = []
    for said in channels.values():
        replay = Replay(Settings())
        for message, _ in said:
            replay.place(message)
        played.append(([matter for _, matter in said], [str(replay.placed[message.pk]) for message, _ in said]))
    figures = grouping_figures(played)
    assert figures["VI"] > 94
    assert figures["one"] > 90
    assert figures["exF"] > 75


def _when(written: str) -> datetime:
    """As the story writes it: days ago and a time of day, or hours and minutes ago."""
    if match := re.fullmatch(r"-(\d+)d (\d+):(\d+)", written):
        days, hours, minutes = map(int, match.groups())
        return NOW.replace(hour=0) - timedelta(days=days) + timedelta(hours=hours, minutes=minutes)
    hours, minutes = (int(part or 0) for part in re.fullmatch(r"-(?:(\d+)h)?(?:(\d+)m)?", written).groups())  # type: ignore[union-attr]
    return NOW - timedelta(hours=hours, minutes=minutes)
