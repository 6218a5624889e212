"""Socket Mode with real processes: what Slack sends is stored once, however often and on whatever way it comes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from pytest_django import Settings

from integrations.models import InboundEvent, SlackApp
from integrations.slack.requests import Received, read
from integrations.slack.socket_mode import FORM, JSON, app_tokens, as_posted
from integrations.slack.socket_standing import standings
from tests.processes import Processes, open_sockets, wait_until
from tests.sandbox_process import Json, SandboxProcess, free_port

TRIAGE, DANA = "C0TRIAGE01", "U0DANA0001"

KILLED_BEFORE_THE_ANSWER = """
import os, signal
from django.core.management import call_command
from integrations.slack import receive

class Dies(receive.Receiver):
    async def store(self, request):
        await super().store(request)
        os.kill(os.getpid(), signal.SIGKILL)

import integrations.slack.socket_mode
integrations.slack.socket_mode.Receiver = Dies
call_command("socket_mode")
"""


@pytest.fixture
def slack(tmp_path: Path) -> Iterator[SandboxProcess]:
    """Nobody listens at its events URL; the gaps between its tries are 0, 2 and 10 seconds."""
    nowhere = f"http://127.0.0.1:{free_port()}/slack/events"
    with SandboxProcess(tmp_path / "slack", nowhere, speed=30, answer_timeout=1) as process:
        yield process


@pytest.fixture
def processes(slack: SandboxProcess, tmp_path: Path) -> Iterator[Processes]:
    known = {"SLACK_API_URL": f"{slack.url}/api/", "SLACK_APP_TOKEN": "xapp-sandbox"}
    soon = {"WEBSOCKETS_BACKOFF_INITIAL_DELAY": "0.2", "WEBSOCKETS_BACKOFF_MIN_DELAY": "0.2"}
    with Processes(tmp_path, **known, **soon) as processes:
        yield processes


def say(slack: SandboxProcess, *texts: str) -> None:
    for text in texts:
        slack.post_message(TRIAGE, DANA, text)


def stored() -> Counter[str]:
    return Counter(InboundEvent.objects.values_list("kind", flat=True))


def tries(log: Json) -> list[int]:
    return [len(delivery["attempts"]) for delivery in log["deliveries"]]


@pytest.mark.django_db(transaction=True)
def test_everything_arrives_once_over_two_connections(slack: SandboxProcess, processes: Processes) -> None:
    processes.start_socket_mode(connections=2)
    # A connection is counted before Slack's greeting names the app.
    wait_until(lambda: [standing.app_id for standing in standings()] == ["A0PYLON001"] * 2)
    say(slack, *(f"Question {number}" for number in range(10)))
    slack.api("command", **{"channel": TRIAGE, "as": DANA, "text": "/pylon mine"})
    shortcut = {"channel": TRIAGE, "as": DANA, "message_ts": slack.messages(TRIAGE)[-1]["ts"]}
    slack.api("shortcut", **shortcut, callback_id="add_to_conversation")
    assert set(tries(slack.settle())) == {1}
    assert stored() == {"message": 10, "slash_command": 1, "message_action": 1}

    assert slack.api("drop-sockets")["closed"] == 2
    say(slack, "Anybody?", "There?")
    assert set(tries(slack.settle())) == {1}, "the new connections were there before the old ones went"
    slack.stop()
    wait_until(lambda: open_sockets() == 0)
    slack.start()
    wait_until(lambda: open_sockets() == 2, what=f"see {processes.log('socket_mode')}")
    say(slack, "Still there?")
    slack.settle()
    assert stored()["message"] == 13
    assert processes.stop("socket_mode") == 0
    assert standings() == []
    assert "Traceback" not in processes.log("socket_mode").read_text()


@pytest.mark.django_db(transaction=True)
def test_what_is_not_stored_or_not_acknowledged_is_sent_again(slack: SandboxProcess, processes: Processes) -> None:
    processes.start_python("dying", KILLED_BEFORE_THE_ANSWER)
    wait_until(lambda: open_sockets() == 1, what=f"see {processes.log('dying')}")
    say(slack, "Stored, and killed before the answer")
    wait_until(lambda: stored()["message"] == 1)
    processes.start_socket_mode(connections=1)
    log = slack.settle()
    assert tries(log)[-1] > 1
    assert log["deliveries"][-1]["state"] == "delivered"
    assert stored()["message"] == 1

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE integrations_inboundevent IN EXCLUSIVE MODE")
        say(slack, "While the database does not store")
        wait_until(lambda: "did not take an envelope" in processes.log("socket_mode").read_text())
    log = slack.settle()
    assert tries(log)[-1] > 1
    assert log["deliveries"][-1]["state"] == "delivered"
    assert stored()["message"] == 2


@pytest.mark.django_db
def test_without_a_token_it_says_what_is_missing(settings: Settings) -> None:
    settings.SLACK_APP_TOKEN = ""
    with pytest.raises(CommandError, match="SLACK_APP_TOKEN") as refused:
        call_command("socket_mode")
    assert refused.value.returncode == 2


@pytest.mark.django_db
def test_tokens_pasted_on_the_settings_page_count(settings: Settings) -> None:
    settings.SLACK_APP_TOKEN = "xapp-1"
    SlackApp.objects.create(client_id="1.2", credentials={"app_token": "xapp-2"})
    SlackApp.objects.create(client_id="1.3", credentials={"app_token": "xapp-1"})
    SlackApp.objects.create(client_id="1.4", credentials={"signing_secret": "s"})
    assert app_tokens() == ["xapp-1", "xapp-2"]


CLICK = {"type": "block_actions", "trigger_id": "7.8", "actions": [{"action_ts": "1.2"}], "team": {"id": "T1"}}
COMMAND = {"command": "/pylon", "text": "find a&b=ü", "trigger_id": "7.9", "team_id": "T1", "channel_id": "C1"}
EVENT = {"type": "event_callback", "event_id": "Ev1", "event": {"type": "message", "channel": "C1", "text": "ü😀"}}


@pytest.mark.parametrize(
    ("kind", "payload", "content_type", "body"),
    [
        ("events_api", EVENT, JSON, json.dumps(EVENT)),
        ("interactive", CLICK, FORM, urlencode({"payload": json.dumps(CLICK)})),
        ("slash_commands", COMMAND, FORM, urlencode(COMMAND)),
    ],
)
def test_the_same_over_http_is_the_same_row(kind: str, payload: Json, content_type: str, body: str) -> None:
    posted = read(content_type, body.encode())
    assert isinstance(posted, Received)
    assert read(*as_posted(kind, payload)) == posted
