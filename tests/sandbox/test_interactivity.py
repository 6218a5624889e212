"""Buttons, menus, modals, shortcuts and slash commands, and the app's answers to them."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from slack_bolt.request.internals import extract_actor_user_id, extract_team_id
from slack_sdk.signature import SignatureVerifier
from slack_sdk.webhook import WebhookClient

from tests.sandbox.listener import Json, Listener, Reply
from tests.sandbox_process import SandboxProcess

TRIAGE, DANA = "C0TRIAGE01", "U0DANA0001"
BLOCKS: list[Json] = [
    {
        "type": "section",
        "text": {"type": "mrkdwn", "text": "A card"},
        "accessory": {
            "type": "overflow",
            "action_id": "more",
            "options": [{"text": {"type": "plain_text", "text": "Snooze"}, "value": "snooze"}],
        },
    },
    {
        "type": "actions",
        "block_id": "verbs",
        "elements": [
            {
                "type": "button",
                "action_id": "ack",
                "text": {"type": "plain_text", "text": "Acknowledge"},
                "value": "17",
            },
            {"type": "users_select", "action_id": "owner"},
            {
                "type": "static_select",
                "action_id": "status",
                "options": [{"text": {"type": "plain_text", "text": "Closed"}, "value": "closed"}],
            },
        ],
    },
]
MODAL: Json = {
    "type": "modal",
    "callback_id": "kind",
    "title": {"type": "plain_text", "text": "A new channel"},
    "submit": {"type": "plain_text", "text": "Save"},
    "blocks": [
        {
            "type": "input",
            "block_id": "account",
            "label": {"type": "plain_text", "text": "Account"},
            "element": {"type": "plain_text_input", "action_id": "name", "initial_value": "Globex"},
        }
    ],
}


def post_card(sandbox: SandboxProcess, channel: str = TRIAGE) -> str:
    ts: str = sandbox.web_api("chat.postMessage", channel=channel, text="A card", blocks=BLOCKS)["ts"]
    return ts


def press(sandbox: SandboxProcess, ts: str, action_id: str, who: str = "dana", **more: Any) -> Json:
    body = {"channel": TRIAGE, "message_ts": ts, "action_id": action_id, "as": who} | more
    return sandbox.api("press", **body)


def payloads(listener: Listener) -> list[Json]:
    return [one.payload for one in listener.received if "payload" in one.form]


def test_a_button(sandbox: SandboxProcess, listener: Listener) -> None:
    ts = post_card(sandbox)
    assert press(sandbox, ts, "ack")["app_ok"] is True
    request = next(one for one in listener.received if "payload" in one.form)
    assert SignatureVerifier(sandbox.signing_secret).is_valid_request(request.body, request.headers)
    payload = request.payload
    assert payload["type"] == "block_actions"
    assert payload["user"] == {"id": DANA, "username": "dana", "name": "dana", "team_id": "T0ACME001"}
    assert payload["team"] == {"id": "T0ACME001", "domain": "acme"}
    assert payload["channel"] == {"id": TRIAGE, "name": "support-triage"}
    assert payload["container"] == {
        "type": "message",
        "message_ts": ts,
        "channel_id": TRIAGE,
        "is_ephemeral": False,
    }
    (action,) = payload["actions"]
    assert (action["action_id"], action["block_id"], action["value"]) == ("ack", "verbs", "17")
    assert payload["message"]["ts"] == ts
    assert payload["trigger_id"]


@pytest.mark.parametrize(
    ("action_id", "value", "expected"),
    [
        ("owner", "U0OMAR0001", {"selected_user": "U0OMAR0001"}),
        ("status", "closed", {"selected_option": BLOCKS[1]["elements"][2]["options"][0]}),
        ("more", "snooze", {"selected_option": BLOCKS[0]["accessory"]["options"][0]}),
    ],
)
def test_menus(sandbox: SandboxProcess, listener: Listener, action_id: str, value: str, expected: Json) -> None:
    press(sandbox, post_card(sandbox), action_id, value=value)
    assert expected.items() <= payloads(listener)[0]["actions"][0].items()


def test_a_customer_can_press_in_a_shared_channel(sandbox: SandboxProcess, listener: Listener, globex: str) -> None:
    ts = post_card(sandbox, globex)
    press(sandbox, ts, "ack", who="mia.tanaka", channel=globex)
    (payload,) = payloads(listener)
    assert payload["user"]["team_id"] == "T0GLOBEX1"
    assert payload["team"]["id"] == "T0ACME001"
    assert (extract_team_id(payload), extract_actor_user_id(payload)) == ("T0ACME001", "U0MIA00001")


def test_nobody_presses_in_a_channel_they_are_not_in(sandbox: SandboxProcess) -> None:
    with pytest.raises(httpx.HTTPStatusError, match="not_in_channel"):
        press(sandbox, post_card(sandbox), "ack", who="mia.tanaka")


def test_an_app_that_fails_is_seen_and_not_asked_again(sandbox: SandboxProcess, listener: Listener) -> None:
    ts = post_card(sandbox)
    sandbox.settle()
    listener.respond = lambda _: Reply(500)
    assert press(sandbox, ts, "ack")["app_status"] == 500
    assert len(payloads(listener)) == 1


def test_response_url(sandbox: SandboxProcess, listener: Listener) -> None:
    ts = post_card(sandbox)
    press(sandbox, ts, "ack")
    webhook = WebhookClient(payloads(listener)[0]["response_url"])
    assert webhook.send(text="Only for you").body == "ok"
    assert webhook.send(text="For all", response_type="in_channel").status_code == 200
    assert webhook.send(text="Done", replace_original=True).status_code == 200
    seen_by_dana = sandbox.messages(TRIAGE, **{"as": DANA})
    seen_by_omar = sandbox.messages(TRIAGE, **{"as": "U0OMAR0001"})
    assert [one["text"] for one in seen_by_dana] == ["Done", "Only for you", "For all"]
    assert [one["text"] for one in seen_by_omar] == ["Done", "For all"]
    assert "blocks" not in seen_by_dana[0]
    assert webhook.send(delete_original=True).status_code == 200
    assert webhook.send(text="Fifth").status_code == 200
    assert (webhook.send(text="Sixth").status_code, webhook.send(text="Seventh").body) == (404, "used_url")
    assert "bot_message" in {event.get("subtype") for event in listener.events()}


def test_an_ephemeral_card_replaces_itself(sandbox: SandboxProcess, listener: Listener) -> None:
    args = {"channel": TRIAGE, "user": DANA, "text": "Pick", "blocks": BLOCKS}
    ts = sandbox.web_api("chat.postEphemeral", **args)["message_ts"]
    press(sandbox, ts, "ack")
    (payload,) = payloads(listener)
    assert payload["container"]["is_ephemeral"] is True
    assert "message" not in payload
    WebhookClient(payload["response_url"]).send(text="Picked", replace_original=True)
    assert [one["text"] for one in sandbox.messages(TRIAGE, **{"as": DANA})] == ["Picked"]
    assert listener.events() == []


def open_modal(sandbox: SandboxProcess, listener: Listener) -> str:
    press(sandbox, post_card(sandbox), "ack")
    trigger = payloads(listener)[-1]["trigger_id"]
    opened = sandbox.web_api("views.open", trigger_id=trigger, view=MODAL)
    assert sandbox.web_api("views.open", trigger_id=trigger, view=MODAL)["error"] == "exchanged_trigger_id"
    view_id: str = opened["view"]["id"]
    return view_id


def submit(sandbox: SandboxProcess, view_id: str, **values: str) -> Json:
    return sandbox.api("submit-view", view_id=view_id, values=values, **{"as": "dana"})


def test_a_modal_is_submitted(sandbox: SandboxProcess, listener: Listener) -> None:
    view_id = open_modal(sandbox, listener)
    submit(sandbox, view_id, name="Initech")
    payload = payloads(listener)[-1]
    assert payload["type"] == "view_submission"
    entered = {"type": "plain_text_input", "value": "Initech"}
    assert payload["view"]["state"]["values"] == {"account": {"name": entered}}
    assert payload["view"]["app_installed_team_id"] == "T0ACME001"
    with pytest.raises(httpx.HTTPStatusError, match="not_found"):
        submit(sandbox, view_id)


@pytest.mark.parametrize("action", ["errors", "update", "push", "clear"])
def test_answers_to_a_submission(sandbox: SandboxProcess, listener: Listener, action: str) -> None:
    view_id = open_modal(sandbox, listener)
    second = {**MODAL, "title": {"type": "plain_text", "text": "Second"}}
    answer = {"response_action": action, "errors": {"account": "Unknown"}, "view": second}
    reply = Reply(body=json.dumps(answer).encode(), headers={"Content-Type": "application/json"})
    listener.respond = lambda _: reply
    submit(sandbox, view_id)
    answer_url = f"{sandbox.url}/sandbox/api/views?as={DANA}"
    modal = httpx.get(answer_url).json()["modal"]
    title = modal and modal["title"]["text"]
    assert title == {"errors": "A new channel", "update": "Second", "push": "Second", "clear": None}[action]
    if action == "push":
        assert modal["previous_view_id"] == view_id


def test_views_are_updated_with_a_hash(sandbox: SandboxProcess, listener: Listener) -> None:
    view_id = open_modal(sandbox, listener)
    stale = sandbox.web_api("views.update", view_id=view_id, view=MODAL, hash="1.old")
    assert stale["error"] == "hash_conflict"
    assert sandbox.web_api("views.update", view_id=view_id, view=MODAL)["ok"] is True


def test_triggers_expire(sandbox: SandboxProcess) -> None:
    assert sandbox.web_api("views.open", trigger_id="1.2.3", view=MODAL)["error"] == "invalid_trigger_id"


def test_home(sandbox: SandboxProcess, listener: Listener) -> None:
    view = {"type": "home", "blocks": BLOCKS}
    published = sandbox.web_api("views.publish", user_id=DANA, view=view)["view"]
    sandbox.api("press-in-view", view_id=published["id"], action_id="ack", **{"as": "dana"})
    (payload,) = payloads(listener)
    assert payload["container"] == {"type": "view", "view_id": published["id"]}
    sandbox.api("open-home", **{"as": "dana"})
    sandbox.settle()
    (opened,) = listener.events("app_home_opened")
    assert (opened["tab"], opened["view"]["id"]) == ("home", published["id"])


def test_a_slash_command(sandbox: SandboxProcess, listener: Listener) -> None:
    listener.respond = lambda _: Reply(body=b"Nothing is yours.", headers={"Content-Type": "text/plain"})
    sandbox.api("command", channel=TRIAGE, text="/pylon mine", **{"as": "dana"})
    form = listener.received[0].form
    assert (form["command"], form["text"], form["user_id"]) == ("/pylon", "mine", DANA)
    assert (form["channel_id"], form["team_id"], form["api_app_id"]) == (TRIAGE, "T0ACME001", "A0PYLON001")
    assert [one["text"] for one in sandbox.messages(TRIAGE, **{"as": DANA})] == ["Nothing is yours."]
    assert sandbox.messages(TRIAGE) == []


def test_a_message_shortcut(sandbox: SandboxProcess, listener: Listener, globex: str) -> None:
    ts = sandbox.post_message(globex, "mia.tanaka", "Help")
    shortcut = {"channel": globex, "message_ts": ts, "callback_id": "add_to_conversation"}
    sandbox.api("shortcut", **shortcut, **{"as": "dana"})
    (payload,) = payloads(listener)
    assert (payload["type"], payload["callback_id"]) == ("message_action", "add_to_conversation")
    assert (payload["message_ts"], payload["message"]["user_team"]) == (ts, "T0GLOBEX1")
    with pytest.raises(httpx.HTTPStatusError, match="app_not_installed"):
        sandbox.api("shortcut", **shortcut, **{"as": "mia.tanaka"})
