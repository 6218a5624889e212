"""Faults on request, the same ones for the same seed."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler

from tests.sandbox.listener import Listener
from tests.sandbox_process import SandboxProcess

TRIAGE = "C0TRIAGE01"


def write(sandbox: SandboxProcess, count: int) -> None:
    for number in range(count):
        sandbox.post_message(TRIAGE, "dana", f"Number {number}")


def texts(listener: Listener) -> list[str]:
    return [event["text"] for event in listener.events()]


def test_duplicates_carry_the_same_event_id(sandbox: SandboxProcess, listener: Listener) -> None:
    sandbox.api("misbehave", events={"duplicate_share": 1.0})
    write(sandbox, 3)
    sandbox.settle()
    assert sorted(texts(listener)) == sorted([f"Number {number}" for number in range(3)] * 2)
    assert len({one.envelope["event_id"] for one in listener.received}) == 3
    assert sum("x-slack-retry-num" in one.headers for one in listener.received) == 3


def duplicated(sandbox: SandboxProcess, listener: Listener, seed: int) -> list[str]:
    sandbox.reset()
    listener.clear()
    sandbox.api("misbehave", seed=seed, events={"duplicate_share": 0.3})
    write(sandbox, 20)
    sandbox.settle()
    return sorted(texts(listener))


def test_a_seed_repeats_itself(sandbox: SandboxProcess, listener: Listener) -> None:
    first, again, other = (duplicated(sandbox, listener, seed) for seed in (7, 7, 8))
    assert 20 < len(first) < 40
    assert first == again
    assert first != other


def test_shuffled_order(sandbox: SandboxProcess, listener: Listener) -> None:
    sandbox.api("misbehave", events={"shuffle_window_seconds": 0.5})
    write(sandbox, 20)
    sandbox.settle()
    assert texts(listener) != [f"Number {number}" for number in range(20)]
    assert sorted(texts(listener)) == sorted(f"Number {number}" for number in range(20))


def test_delays(sandbox: SandboxProcess, listener: Listener) -> None:
    sandbox.api("misbehave", events={"delay_share": 1.0, "delay_seconds": 0.5})
    write(sandbox, 1)
    (found,) = sandbox.settle()["deliveries"]
    assert found["attempts"][0]["at"] - found["created"] >= 0.5


def test_rate_limits_name_the_wait(sandbox: SandboxProcess, listener: Listener) -> None:
    rule = {"method": "chat.postMessage", "fault": "rate_limited", "retry_after_seconds": 1, "times": 1}
    sandbox.api("misbehave", calls=[rule])
    client = WebClient(sandbox.token, base_url=f"{sandbox.url}/api/")
    client.retry_handlers.append(RateLimitErrorRetryHandler(max_retry_count=1))
    started = time.monotonic()
    client.auth_test()
    client.chat_postMessage(channel=TRIAGE, text="Hi")
    assert time.monotonic() - started >= 1
    assert [one["status"] for one in sandbox.log()["calls"]] == [200, 429, 200]
    assert sandbox.state()["misbehaviour"]["calls"][0]["times"] == 0


def test_a_post_refused_is_a_post_not_made(sandbox: SandboxProcess, listener: Listener) -> None:
    sandbox.api("misbehave", calls=[{"fault": "server_error"}])
    headers = {"Authorization": f"Bearer {sandbox.token}"}
    body = {"channel": TRIAGE, "text": "Hi"}
    assert httpx.post(f"{sandbox.url}/api/chat.postMessage", json=body, headers=headers).status_code == 503
    sandbox.api("misbehave")
    assert sandbox.messages(TRIAGE) == []


def test_no_answer(sandbox: SandboxProcess, listener: Listener) -> None:
    sandbox.api("misbehave", calls=[{"fault": "timeout", "timeout_seconds": 5}])
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{sandbox.url}/api/auth.test", timeout=0.3)


def test_posts_per_second(sandbox: SandboxProcess, listener: Listener) -> None:
    sandbox.api("misbehave", posts_per_second=1)
    answers = [sandbox.web_api("chat.postMessage", channel=TRIAGE, text="Hi") for _ in range(3)]
    assert answers[0]["ok"] is True
    assert answers[1]["error"] == "ratelimited"


@pytest.mark.parametrize(
    "settings",
    [
        {"events": {"duplicate_share": 2}},
        {"events": {"duplicates": 1}},
        {"calls": [{"fault": "meteor"}]},
        {"weather": 1},
        {"calls": [{"method": 1, "share": "all"}]},
    ],
)
def test_bad_settings_are_refused(sandbox: SandboxProcess, settings: dict[str, Any]) -> None:
    with pytest.raises(httpx.HTTPStatusError, match="invalid_arguments"):
        sandbox.api("misbehave", **settings)


def test_a_lost_answer_is_of_a_call_that_was_made(sandbox: SandboxProcess) -> None:
    sandbox.api("misbehave", calls=[{"method": "chat.postMessage", "fault": "lost", "times": 1}])
    client = WebClient(token=sandbox.token, base_url=f"{sandbox.url}/api/", retry_handlers=[])
    with pytest.raises(SlackApiError) as refused:
        client.chat_postMessage(channel=TRIAGE, text="Heard?")
    assert refused.value.response.status_code == 502
    assert [message["text"] for message in sandbox.messages(TRIAGE)] == ["Heard?"]
