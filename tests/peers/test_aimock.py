"""Pylon with a model's server that others wrote: the npm package `aimock`."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.core.cache import cache
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Account, Grouping, Workspace
from conversations.models import Message
from integrations.models import ModelAnswer, ModelCall, ModelPurpose
from integrations.openai.asking import ask_next
from integrations.outbox import publish
from tests import cast
from tests.peers.test_emulate import node
from tests.processes import wait_until
from tests.sandbox_process import free_port

HERE = Path(__file__).parent
PROGRAM = HERE / "node_modules" / "@copilotkit" / "aimock" / "dist" / "cli.js"


@pytest.fixture
def model_url(settings: Settings) -> Iterator[str]:
    if not PROGRAM.exists():
        pytest.skip("the package aimock is not installed: npm ci in tests/peers")
    cache.clear()
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [node(), str(PROGRAM), "-p", str(port), "-f", str(HERE / "aimock.json"), "--strict"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    wait_until(lambda: _answers(url), what="aimock")
    settings.OPENAI_BASE_URL, settings.OPENAI_API_KEY = f"{url}/v1", "sk-mock"
    yield url
    os.killpg(process.pid, signal.SIGTERM)
    process.wait(timeout=10)


def test_questions_and_faults(model_url: str, workspace: Workspace, account: Account) -> None:
    channel = cast.make_channel(workspace=workspace, account=account, grouping=Grouping.QUIET_PERIOD)
    hank = cast.make_contact(workspace=workspace, account=account)
    invoice = cast.say("Our invoice of May is wrong", channel=channel, by=hank, ago=timedelta(hours=9))
    moved, stays, unknown = (
        cast.say(text, channel=cast_channel, by=hank, ago=timedelta(minutes=minutes))
        for text, cast_channel, minutes in (
            ("Who corrects it?", channel, 9),
            ("Name another", cast.make_channel(workspace=workspace, account=account), 8),
            ("Nobody has an answer to this", cast.make_channel(workspace=workspace, account=account), 7),
        )
    )
    for message in (moved, stays, unknown):
        Message.objects.filter(pk=message.pk).update(grouping_rule="linked", grouping_score=0.5)
    while publish():
        pass

    assert ask_next() == 3

    assert Message.objects.get(pk=moved.pk).conversation_id == invoice.conversation_id
    assert _states() == {moved.pk: ModelAnswer.USED, stays.pk: ModelAnswer.INVALID, unknown.pk: ModelAnswer.WAITING}
    assert ModelCall.objects.get(message=unknown, purpose=ModelPurpose.GROUPING).error == "HTTP 503"
    asked = _journal(model_url)[0]
    assert asked["body"]["response_format"]["json_schema"]["strict"] is True
    assert asked["headers"]["authorization"] == "[REDACTED]"

    httpx.post(f"{model_url}/__aimock/chaos", json={"malformedRate": 1}).raise_for_status()
    ModelCall.objects.update(claimed_at=timezone.now() - timedelta(minutes=5))
    assert ask_next() == 1
    assert ModelCall.objects.get(message=unknown, purpose=ModelPurpose.GROUPING).error == "JSONDecodeError"


def _states() -> dict[int, str]:
    questions = ModelCall.objects.filter(purpose=ModelPurpose.GROUPING)
    return dict(questions.values_list("message_id", "state"))


def _journal(url: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = httpx.get(f"{url}/__aimock/journal").json()
    return entries


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", timeout=5, trust_env=False).status_code < 500
    except httpx.TransportError:
        return False
