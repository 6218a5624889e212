"""The main path with real processes: a sandbox as Slack, the web process, a worker, and nothing between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.db.models import Q
from pytest_django import Settings

from accounts.models import Channel, ChannelKind
from conversations.models import Conversation, Message, MessageKind
from conversations.status import Status
from integrations.models import Link
from pylon.demo import TRIAGE, is_caught_up, prepare_demo
from tests.processes import Processes, wait_until
from tests.sandbox_process import Json, SandboxProcess, free_port

GLOBEX = "C0EXTGLOBX"
CUSTOMERS = [GLOBEX, "C0EXTINTCH", "C0EXTUMBRL"]
MIA, DANA, OMAR = "U0MIA00001", "U0DANA0001", "U0OMAR0001"
PYLON = "U0PYLON001"

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class House:
    slack: SandboxProcess
    processes: Processes

    def settle(self) -> Json:
        """Until Slack has told everything and Pylon has done everything; answers the sandbox's log."""
        self.slack.settle()
        wait_until(is_caught_up, what=f"Pylon catching up: see {self.processes.log('worker')}")
        return self.slack.log()

    def post(self, conversation: Conversation) -> Json:
        """The triage post as Slack shows it."""
        link = Link.objects.get(conversation=conversation)
        return next(m for m in self.slack.messages(TRIAGE) if m["ts"] == link.external_id)


@pytest.fixture
def house(tmp_path: Path, settings: Settings) -> Iterator[House]:
    port = free_port()
    with SandboxProcess(tmp_path / "slack", f"http://127.0.0.1:{port}/slack/events", speed=600) as slack:
        known = {
            "SLACK_API_URL": f"{slack.url}/api/",
            "SLACK_BOT_TOKEN": slack.token,
            "SLACK_SIGNING_SECRET": slack.signing_secret,
        }
        for name, value in known.items():
            setattr(settings, name, value)
        prepare_demo()
        with Processes(tmp_path, **known) as processes:
            processes.start_web(port)
            processes.start_worker()
            yield House(slack, processes)


def test_from_a_customers_message_to_a_closed_card(house: House) -> None:
    slack = house.slack
    slack.api("invite", channel=GLOBEX, user=PYLON, by=DANA)
    asked = slack.post_message(GLOBEX, MIA, "The export is empty since this morning. Can you help?")
    house.settle()

    conversation = Conversation.objects.get()
    assert conversation.status == Status.TODO
    assert (conversation.owner and conversation.owner.name) == "Dana Reyes"
    assert (conversation.account and conversation.account.name) == "Globex"
    assert "To Do" in house.post(conversation)["blocks"][0]["text"]["text"]

    slack.post_message(GLOBEX, DANA, "Taking a look", thread_ts=asked)
    house.settle()
    conversation.refresh_from_db()
    assert conversation.status == Status.IN_PROGRESS

    slack.post_message(GLOBEX, DANA, "I just confirmed with the team, it is fixed.", thread_ts=asked)
    house.settle()
    conversation.refresh_from_db()
    assert conversation.status == Status.CLOSED
    assert "Closed" in house.post(conversation)["blocks"][0]["text"]["text"]

    slack.post_message(GLOBEX, MIA, "thanks!", thread_ts=asked)
    house.settle()
    conversation.refresh_from_db()
    assert conversation.status == Status.CLOSED

    slack.post_message(GLOBEX, MIA, "It is empty again, what happened?", thread_ts=asked)
    house.settle()
    conversation.refresh_from_db()
    assert conversation.status == Status.TODO

    place = Link.objects.get(conversation=conversation).external_id
    slack.post_message(TRIAGE, OMAR, "I know this one: the nightly job.", thread_ts=place)
    slack.api("press", **{"channel": TRIAGE, "as": OMAR, "message_ts": place, "action_id": "acknowledge"})
    house.settle()
    conversation.refresh_from_db()
    assert conversation.status == Status.CLOSED
    assert conversation.messages.get(kind=MessageKind.NOTE).text == "I know this one: the nightly job."
    assert Link.objects.count() == 1
    assert_nothing_reached_customers(slack.log())


def test_the_story_through_a_killed_worker_and_a_bad_network(house: House) -> None:
    """Duplicates, another order, refused calls, and the worker killed half-way: nothing lost, nothing twice."""
    house.slack.api(
        "misbehave",
        seed=7,
        events={"duplicate_share": 0.2, "shuffle_window_seconds": 0.5},
        calls=[
            {"method": "chat.postMessage", "fault": "rate_limited", "share": 0.2, "retry_after_seconds": 1, "times": 5},
            {"method": "chat.update", "fault": "server_error", "share": 0.2, "times": 5},
            {"method": "conversations.info", "fault": "server_error", "share": 0.5, "times": 4},
            {"method": "users.info", "fault": "server_error", "share": 0.5, "times": 4},
        ],
    )
    house.slack.story("three-companies")
    wait_until(lambda: Message.objects.count() > 10, what="the story's beginning")
    house.processes.kill("worker")
    house.slack.settle()
    house.processes.start_worker()
    log = house.settle()

    captured = Channel.objects.filter(kind=ChannelKind.CUSTOMER).values_list("external_id", flat=True)
    assert sorted(captured) == sorted(CUSTOMERS)
    for channel in CUSTOMERS:
        stored = list(
            Message.objects.filter(channel__external_id=channel, deleted_at=None).values_list("ts", flat=True)
        )
        assert sorted(map(str, stored)) == sorted(spoken(house.slack, channel))
    assert Conversation.objects.exists()
    assert not Conversation.objects.filter(Q(owner=None) | Q(account=None)).exists()
    posted = Link.objects.values_list("external_id", flat=True)
    assert sorted(posted) == sorted(m["ts"] for m in house.slack.messages(TRIAGE) if m.get("bot_id"))
    assert_nothing_reached_customers(log)


def spoken(slack: SandboxProcess, channel: str) -> list[str]:
    """The ts of everything that people said in the channel and that is still there."""
    roots = slack.messages(channel)
    said = {m["ts"]: m for m in roots}
    for root in roots:
        if root.get("reply_count"):
            said |= {m["ts"]: m for m in slack.messages(channel, thread_ts=root["ts"])}
    return [ts for ts, m in said.items() if m.get("subtype") not in {"channel_join", "tombstone"}]


def assert_nothing_reached_customers(log: Json) -> None:
    writes = [call for call in log["calls"] if call["method"].startswith("chat.")]
    alone = [call for call in writes if call["method"] == "chat.postEphemeral"]
    assert len(writes) > len(alone), "the triage posts are writes"
    opened = [call for call in log["calls"] if call["method"] == "conversations.open" and call["answer"]["ok"]]
    reminded = {call["answer"]["channel"]["id"]: call["args"]["users"] for call in opened}
    assert set(reminded.values()) <= {DANA, OMAR}, "a slow run outlasts response targets"
    assert {call["args"]["channel"] for call in writes if call not in alone} - reminded.keys() == {TRIAGE}
    assert {call["args"]["user"] for call in alone} <= {DANA, OMAR}, "whoever invited us is asked about the channel"
