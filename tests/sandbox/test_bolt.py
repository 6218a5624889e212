"""An official Slack app as a client: what works for it here, works with Slack."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from slack_bolt import App, BoltRequest
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from tests.sandbox.listener import Json, Listener, Received, Reply
from tests.sandbox_process import SandboxProcess

TRIAGE = "C0TRIAGE01"
Bolt = tuple[App, list[tuple[str, Any]], threading.Event]


@pytest.fixture
def bolt(sandbox: SandboxProcess) -> Bolt:
    """A bolt app that answers messages, buttons, commands and modals, and notes what it met."""
    client = WebClient(sandbox.token, base_url=f"{sandbox.url}/api/")
    app = App(signing_secret=sandbox.signing_secret, client=client)
    met: list[tuple[str, Any]] = []
    done = threading.Event()

    @app.event("message")
    def message(event: Json, say: Callable[..., Any], client: WebClient, context: Json) -> None:
        name = client.users_info(user=event["user"])["user"]["real_name"]
        met.append(("message", (context["team_id"], context["actor_team_id"], name)))
        if event["text"] == "card, please":
            button = {"type": "button", "action_id": "ack", "text": {"type": "plain_text", "text": "Ack"}}
            say(text="A card", blocks=[{"type": "actions", "elements": [button]}])
        done.set()

    @app.event("member_joined_channel")
    def joined(event: Json) -> None:
        met.append(("joined", event["inviter"]))

    @app.action("ack")
    def acknowledge(ack: Callable[[], None], body: Json, respond: Callable[..., Any]) -> None:
        ack()
        respond(text="Acknowledged", replace_original=True)
        met.append(("action", body["user"]["id"]))

    @app.command("/pylon")
    def command(ack: Callable[..., None], body: Json, client: WebClient) -> None:
        ack(f"You said {body['text']}")
        client.views_open(trigger_id=body["trigger_id"], view=_modal())

    @app.view("kind")
    def submitted(ack: Callable[[], None], view: Json) -> None:
        ack()
        met.append(("view", view["state"]["values"]["account"]["name"]["value"]))

    return app, met, done


def _modal() -> Json:
    text = {"type": "plain_text", "text": "Account"}
    element = {"type": "plain_text_input", "action_id": "name"}
    block = {"type": "input", "block_id": "account", "label": text, "element": element}
    return {"type": "modal", "callback_id": "kind", "title": text, "submit": text, "blocks": [block]}


@pytest.fixture
def over_http(listener: Listener, bolt: Bolt) -> Bolt:
    app = bolt[0]

    def respond(request: Received) -> Reply:
        answer = app.dispatch(BoltRequest(body=request.body.decode(), headers=dict(request.headers)))
        headers = {name: values[0] for name, values in answer.headers.items()}
        return Reply(answer.status, answer.body.encode(), headers)

    listener.respond = respond
    return bolt


@pytest.fixture
def over_socket(sandbox: SandboxProcess, bolt: Bolt) -> Iterator[Bolt]:
    app = bolt[0]
    handler = SocketModeHandler(app, "xapp-sandbox")
    handler.client.web_client.base_url = f"{sandbox.url}/api/"
    handler.connect()  # type: ignore[no-untyped-call]
    yield bolt
    handler.close()  # type: ignore[no-untyped-call]


@pytest.fixture(params=["over_http", "over_socket"])
def connected(request: pytest.FixtureRequest) -> Bolt:
    connection: Bolt = request.getfixturevalue(request.param)
    return connection


def test_events_and_say(sandbox: SandboxProcess, connected: Bolt) -> None:
    _, met, done = connected
    sandbox.api("invite", channel="#ext-globex", user="app", by="dana")
    sandbox.settle()
    done.clear()
    sandbox.post_message("#ext-globex", "mia.tanaka", "card, please")
    assert done.wait(10)
    log = sandbox.settle()
    assert met[0] == ("joined", "U0DANA0001")
    assert met[-1] == ("message", ("T0ACME001", "T0GLOBEX1", "Mia Tanaka"))
    assert {delivery["state"] for delivery in log["deliveries"]} == {"delivered"}
    assert sandbox.messages("C0EXTGLOBX")[-1]["text"] == "A card"


def test_buttons_and_respond(sandbox: SandboxProcess, connected: Bolt) -> None:
    _, met, done = connected
    sandbox.post_message(TRIAGE, "dana", "card, please")
    assert done.wait(10)
    ts = sandbox.messages(TRIAGE)[-1]["ts"]
    answer = sandbox.api("press", channel=TRIAGE, message_ts=ts, action_id="ack", **{"as": "omar"})
    assert answer["app_ok"] is True
    wait_until(lambda: ("action", "U0OMAR0001") in met)
    assert sandbox.messages(TRIAGE)[-1]["text"] == "Acknowledged"


def test_commands_and_modals(sandbox: SandboxProcess, connected: Bolt) -> None:
    met = connected[1]
    sandbox.api("command", channel=TRIAGE, text="/pylon hello", **{"as": "dana"})
    assert sandbox.messages(TRIAGE, **{"as": "U0DANA0001"})[-1]["text"] == "You said hello"
    wait_until(lambda: bool(opened_views(sandbox)))
    submission = {"view_id": opened_views(sandbox)[0]["id"], "values": {"name": "Initech"}, "as": "dana"}
    assert sandbox.api("submit-view", **submission)["app_ok"] is True
    wait_until(lambda: ("view", "Initech") in met)


def test_a_forged_request_is_refused(sandbox: SandboxProcess, listener: Listener, over_http: Bolt) -> None:
    sandbox.api("change-app", signing_secret="another secret")
    sandbox.post_message(TRIAGE, "dana", "Hi")
    (found,) = sandbox.settle()["deliveries"]
    assert {attempt["status"] for attempt in found["attempts"]} == {401}


def test_connections_that_are_refreshed(sandbox: SandboxProcess, over_socket: Bolt) -> None:
    _, met, done = over_socket
    assert sandbox.api("drop-sockets")["closed"] == 1
    sandbox.post_message(TRIAGE, "dana", "Hi")
    assert done.wait(20)
    assert met[0][0] == "message"


def opened_views(sandbox: SandboxProcess) -> list[Json]:
    return [one["answer"]["view"] for one in sandbox.log()["calls"] if one["method"] == "views.open"]


def wait_until(condition: Callable[[], bool]) -> None:
    for _ in range(500):
        if condition():
            return
        threading.Event().wait(0.02)
    raise AssertionError("it did not happen")
