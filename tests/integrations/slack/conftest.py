from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from accounts.models import Workspace
from integrations.models import Installation
from integrations.slack.connect import connect
from tests import cast
from tests.sandbox.listener import Listener
from tests.sandbox_process import SandboxProcess

SHARED = Path(__file__).resolve().parents[4] / "shared"


@pytest.fixture(autouse=True)
def _no_slack(settings: Settings) -> None:
    """Nobody listens there: what a test needs of Slack, it asks the sandbox."""
    settings.SLACK_API_URL = "http://127.0.0.1:9/api/"


@pytest.fixture
def installation(workspace: Workspace) -> Installation:
    """Of a team whose Slack does not answer."""
    return cast.make_installation(workspace=workspace, url="https://acme.slack.example/")


@pytest.fixture(scope="session")
def _listener() -> Iterator[Listener]:
    with Listener() as listener:
        yield listener


@pytest.fixture(scope="session")
def _sandbox(_listener: Listener, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    with SandboxProcess(tmp_path_factory.mktemp("slack"), _listener.url, speed=1000) as process:
        yield process


@pytest.fixture
def sandbox(_sandbox: SandboxProcess, _listener: Listener, settings: Settings) -> SandboxProcess:
    """A Slack that answers; what it sends goes nowhere."""
    _sandbox.reset()
    _listener.clear()
    settings.SLACK_API_URL = f"{_sandbox.url}/api/"
    return _sandbox


@pytest.fixture
def acme(sandbox: SandboxProcess, db: None) -> Installation:
    """The sandbox's own installation, connected."""
    return connect(sandbox.token)


@pytest.fixture(scope="session")
def shared_payloads() -> list[tuple[str, Any]]:
    """Requests that Slack's own framework is tested with."""
    folder = SHARED / "payloads" / "bolt-python"
    if not folder.is_dir():
        pytest.skip("../shared/payloads/bolt-python is absent")
    return [(file.name, json.loads(file.read_text())) for file in sorted(folder.glob("*.json"))]
