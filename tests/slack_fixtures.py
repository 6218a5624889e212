"""A Slack for tests: the sandbox as a process, and a team of it that is connected."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from integrations.models import Installation
from integrations.slack.connect import connect
from tests.sandbox.listener import Listener
from tests.sandbox_process import SandboxProcess


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
