from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandbox.listener import Json, Listener
from tests.sandbox_process import SandboxProcess

SHARED = Path(__file__).resolve().parents[3] / "shared"


@pytest.fixture(scope="session")
def _listener() -> Iterator[Listener]:
    with Listener() as listener:
        yield listener


@pytest.fixture(scope="session")
def _process(_listener: Listener, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    home = tmp_path_factory.mktemp("sandbox")
    with SandboxProcess(home, _listener.url, speed=1000, answer_timeout=1.0) as process:
        yield process


@pytest.fixture
def listener(_listener: Listener, _process: SandboxProcess) -> Listener:
    """The app's place: an HTTP server that keeps what it receives and answers 200."""
    _process.reset()
    _listener.clear()
    return _listener


@pytest.fixture
def sandbox(_process: SandboxProcess, listener: Listener) -> SandboxProcess:
    """A sandbox as it is in the beginning, sending to `listener`; it retries a thousand times faster."""
    return _process


@pytest.fixture
def globex(sandbox: SandboxProcess, listener: Listener) -> str:
    """#ext-globex, with the app in it and its own arrival forgotten."""
    sandbox.api("invite", channel="#ext-globex", user="app", by="dana")
    sandbox.settle()
    listener.received.clear()
    return "C0EXTGLOBX"


@pytest.fixture(scope="session")
def signing_vector() -> Json:
    return _shared_json("payloads/slack-signing-vector.json")


def _shared_json(name: str) -> Json:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"../shared/{name} is absent")
    data: Json = json.loads(path.read_text(encoding="utf-8"))
    return data
