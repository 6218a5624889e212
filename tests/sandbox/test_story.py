"""The story of three companies: told once, believable, and quick to tell."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from sandbox.errors import SlackError
from sandbox.story import moment
from tests.sandbox.listener import Json, Listener
from tests.sandbox_process import SandboxProcess

STORY = "three-companies"
STEPS: list[Json] = json.loads(
    (Path(__file__).resolve().parents[2] / f"sandbox/stories/{STORY}.json").read_text(encoding="utf-8")
)["steps"]
CUSTOMER_CHANNELS = ("C0EXTGLOBX", "C0EXTINTCH", "C0EXTUMBRL")


def test_it_is_told_once(sandbox: SandboxProcess, listener: Listener) -> None:
    assert sandbox.story(STORY) == {"ok": True, "played": True, "steps": len(STEPS)}
    messages = {channel: len(sandbox.messages(channel)) for channel in CUSTOMER_CHANNELS}
    assert sandbox.story(STORY)["played"] is False
    assert messages == {channel: len(sandbox.messages(channel)) for channel in CUSTOMER_CHANNELS}
    assert sandbox.story(STORY, again=True)["played"] is True


def test_what_the_app_hears(sandbox: SandboxProcess, listener: Listener) -> None:
    sandbox.story(STORY)
    log = sandbox.settle()
    assert {delivery["state"] for delivery in log["deliveries"]} == {"delivered"}
    inviters = {event["channel"]: event["inviter"] for event in listener.events("member_joined_channel")}
    assert inviters == dict(zip(CUSTOMER_CHANNELS, ("U0DANA0001", "U0OMAR0001", "U0DANA0001"), strict=True))
    kinds = Counter(event.get("subtype", event["type"]) for event in listener.events())
    assert 60 <= kinds["message"] <= 90
    for kind in ("file_share", "thread_broadcast", "message_changed", "message_deleted", "reaction_added"):
        assert kinds[kind] >= 1, kind
    for channel in CUSTOMER_CHANNELS:
        stamps = [event["ts"] for event in listener.events("message") if event["channel"] == channel]
        assert stamps == sorted(stamps)


def test_nothing_happens_in_the_future(sandbox: SandboxProcess, listener: Listener) -> None:
    now = time.time()
    assert all(moment(step["at"], now) < now for step in STEPS)
    midnight = datetime(2026, 3, 2, 0, 0, 1, tzinfo=UTC).timestamp()
    moments = [moment(step["at"], midnight) for step in STEPS]
    assert moments == sorted(moments)


def test_who_talks_is_there_and_nobody_real_is_named() -> None:
    text = json.dumps(STEPS)
    assert set(re.findall(r"[\w.-]+@([\w.-]+)", text)) <= {"globex.example"}
    assert {step["as"] for step in STEPS if "as" in step} == {
        *("dana", "omar", "priya", "mia.tanaka", "jonas", "ruth", "carlos.m", "elena", "noah.kim"),
    }


def test_times_of_a_story() -> None:
    now = datetime(2026, 3, 10, 12, 30, 15, tzinfo=UTC).timestamp()
    expected = {
        "-2d 14:05": datetime(2026, 3, 8, 14, 5, tzinfo=UTC),
        "-1h30m": datetime(2026, 3, 10, 11, 0, 15, tzinfo=UTC),
        "-22m": datetime(2026, 3, 10, 12, 8, 15, tzinfo=UTC),
    }
    assert {text: moment(text, now) for text in expected} == {text: when.timestamp() for text, when in expected.items()}
    with pytest.raises(SlackError, match="invalid_arguments"):
        moment("yesterday", now)


@pytest.mark.parametrize("name", ["nothing", "../three-companies", ""])
def test_unknown_stories(sandbox: SandboxProcess, name: str) -> None:
    with pytest.raises(httpx.HTTPStatusError, match="story_not_found"):
        sandbox.story(name)
