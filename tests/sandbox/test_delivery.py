"""Timeouts, retries and what is remembered of them."""

from __future__ import annotations

import itertools
import time
from pathlib import Path

from tests.sandbox.listener import Json, Listener, Received, Reply
from tests.sandbox_process import SandboxProcess

TRIAGE = "C0TRIAGE01"


def retry_headers(listener: Listener) -> list[tuple[str | None, str | None]]:
    names = ("x-slack-retry-num", "x-slack-retry-reason")
    return [(one.headers.get(names[0]), one.headers.get(names[1])) for one in listener.received]


def delivery(sandbox: SandboxProcess) -> Json:
    (found,) = sandbox.settle()["deliveries"]
    return dict(found)


def test_three_retries_with_number_and_reason(sandbox: SandboxProcess, listener: Listener) -> None:
    listener.respond = lambda _: Reply(500)
    sandbox.post_message(TRIAGE, "dana", "Hi")
    found = delivery(sandbox)
    assert retry_headers(listener) == [(None, None), *((str(n), "http_error") for n in (1, 2, 3))]
    assert len({one.body for one in listener.received}) == 1
    assert found["state"] == "failed"
    assert [attempt["status"] for attempt in found["attempts"]] == [500] * 4


def test_it_stops_at_the_first_success(sandbox: SandboxProcess, listener: Listener) -> None:
    statuses = itertools.chain([503], itertools.repeat(204))
    listener.respond = lambda _: Reply(next(statuses))
    sandbox.post_message(TRIAGE, "dana", "Hi")
    found = delivery(sandbox)
    assert found["state"] == "delivered"
    assert [attempt["status"] for attempt in found["attempts"]] == [503, 204]


def test_no_retry_is_honoured(sandbox: SandboxProcess, listener: Listener) -> None:
    listener.respond = lambda _: Reply(500, headers={"X-Slack-No-Retry": "1"})
    sandbox.post_message(TRIAGE, "dana", "Hi")
    assert len(delivery(sandbox)["attempts"]) == 1


def test_a_late_answer_is_a_timeout(sandbox: SandboxProcess, listener: Listener) -> None:
    slow = itertools.chain([1.5], itertools.repeat(0.0))

    def late_once(_: Received) -> Reply:
        time.sleep(next(slow))
        return Reply()

    listener.respond = late_once
    sandbox.post_message(TRIAGE, "dana", "Hi")
    found = delivery(sandbox)
    assert [attempt["reason"] for attempt in found["attempts"]] == ["http_timeout", None]
    assert retry_headers(listener)[1] == ("1", "http_timeout")


def test_endless_redirects(sandbox: SandboxProcess, listener: Listener) -> None:
    listener.respond = lambda _: Reply(307, headers={"Location": listener.url})
    sandbox.post_message(TRIAGE, "dana", "Hi")
    assert {attempt["reason"] for attempt in delivery(sandbox)["attempts"]} == {"too_many_redirects"}


def test_events_of_a_channel_arrive_as_they_were_written(sandbox: SandboxProcess, listener: Listener) -> None:
    texts = [f"Number {number}" for number in range(30)]
    for text in texts:
        sandbox.post_message(TRIAGE, "dana", text)
    sandbox.settle()
    assert [event["text"] for event in listener.events()] == texts


def test_pending_events_survive_a_restart(tmp_path: Path) -> None:
    with Listener() as app:
        app.respond = lambda _: Reply(500)
        with SandboxProcess(tmp_path, app.url) as first:
            ts = first.post_message(TRIAGE, "dana", "Before the restart")
            app.wait_for(2)
        app.clear()
        with SandboxProcess(tmp_path, app.url, speed=10_000) as second:
            assert second.messages(TRIAGE)[0]["ts"] == ts
            (found,) = second.settle()["deliveries"]
    assert found["state"] == "delivered"
    assert app.received[0].headers["x-slack-retry-num"] == "2"
