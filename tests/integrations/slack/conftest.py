from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from accounts.models import Workspace
from integrations.models import Installation
from tests import cast

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
def shared_payloads() -> list[tuple[str, Any]]:
    """Requests that Slack's own framework is tested with."""
    folder = SHARED / "payloads" / "bolt-python"
    if not folder.is_dir():
        pytest.skip("../shared/payloads/bolt-python is absent")
    return [(file.name, json.loads(file.read_text())) for file in sorted(folder.glob("*.json"))]
