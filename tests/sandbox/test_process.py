"""The program itself: its command line, its data, and who may talk to it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.sandbox.listener import Listener
from tests.sandbox_process import REPOSITORY, SandboxProcess, free_port

EVENTS = "http://127.0.0.1:9/slack/events"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sandbox", *arguments]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=30, check=False)


def test_help_names_every_option() -> None:
    text = run("--help").stdout
    for option in ("--port", "--home", "--events-url", "--interactivity-url", "--commands-url", "--host"):
        assert option in text


def test_a_taken_port_is_said_in_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = run("--port", port, "--home", str(tmp_path), "--events-url", EVENTS)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert f"127.0.0.1:{port}" in done.stderr
    assert "--port" in done.stderr


def test_data_survives_a_restart(tmp_path: Path) -> None:
    with SandboxProcess(tmp_path, EVENTS) as first:
        ts = first.post_message("#general", "dana", "Still here?")
        first.api("misbehave", posts_per_second=3)
    with SandboxProcess(tmp_path, EVENTS) as second:
        assert [one["ts"] for one in second.messages("C0GENERAL1")] == [ts]
        assert second.state()["misbehaviour"]["posts_per_second"] == 3


@pytest.mark.parametrize("interrupt", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_while_a_page_is_open(tmp_path: Path, interrupt: signal.Signals) -> None:
    port = free_port()
    command = [sys.executable, "-m", "sandbox", "--port", str(port), "--home", str(tmp_path), "--events-url", EVENTS]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline().decode() == f"Slack sandbox: http://127.0.0.1:{port}\n"
        with httpx.stream("GET", f"http://127.0.0.1:{port}/sandbox/api/stream") as page:
            next(page.iter_lines())
            os.kill(process.pid, interrupt)
            _, errors = process.communicate(timeout=15)
    assert (process.returncode, errors) == (0, b"")


def test_another_sites_page_is_refused(sandbox: SandboxProcess, listener: Listener) -> None:
    body = {"channel": "#general", "as": "dana", "text": "Hi"}
    address = f"{sandbox.url}/sandbox/api/post"
    assert httpx.post(address, json=body, headers={"Origin": "https://evil.example"}).status_code == 403
    assert httpx.post(address, json=body, headers={"Origin": sandbox.url}).status_code == 200


@pytest.mark.parametrize(
    ("path", "content", "error"),
    [
        ("post", b"{", "invalid_json"),
        ("post", b"[]", "invalid_json"),
        ("post", b"{}", "invalid_arguments"),
        ("dance", b"{}", "unknown_action"),
        ("post", b'{"channel": "#nowhere", "as": "dana", "text": "x"}', "channel_not_found"),
        ("post", b'{"channel": "#general", "as": "nobody", "text": "x"}', "user_not_found"),
        ("post", b'{"channel": "#general", "as": "mia.tanaka", "text": "x"}', "not_in_channel"),
        ("invite", b'{"channel": "#general"}', "invalid_arguments"),
    ],
)
def test_bad_control_requests(sandbox: SandboxProcess, path: str, content: bytes, error: str) -> None:
    answer = httpx.post(f"{sandbox.url}/sandbox/api/{path}", content=content)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_new_workspaces_people_and_channels(sandbox: SandboxProcess, listener: Listener) -> None:
    sandbox.api("create-team", id="T0LARKWD01", name="Larkwood")
    sandbox.api("create-user", id="U0GAIL0001", team="Larkwood", real_name="Gail Vance", email="gail@larkwood.example")
    sandbox.api(
        "create-channel", id="C0EXTLARKW", name="ext-larkwood", members=["dana", "gail"], shared_with=["Larkwood"]
    )
    sandbox.api("invite", channel="#ext-larkwood", user="app", by="dana")
    sandbox.post_message("#ext-larkwood", "gail", "Hello from Larkwood")
    sandbox.settle()
    assert listener.events()[-1]["user_team"] == "T0LARKWD01"
