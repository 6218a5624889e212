"""What each kind of `message` event comes to."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest

from accounts.models import AppPosts
from integrations.slack.messages import Deleted, Edited, Ignored, Ours, Said, understand
from integrations.slack.requests import Received, read
from tests.integrations.slack.envelopes import FORM, JSON, Json

OURS = Ours("T_US", bot_id="B_US", bot_user_id="U_US", app_id="A_US", enterprise_id="E_US")
TS, LATER = "1700000000.000100", "1700000009.000200"
PLAIN: Json = {"type": "message", "user": "U1", "team": "T1", "text": "Hi", "ts": TS, "event_ts": TS}
APP: Json = {"type": "message", "bot_id": "B1", "app_id": "A1", "user": "U_APP", "team": "T1", "text": "Hi", "ts": TS}
SAID = Said(TS, "Hi", "U1", "T1")
FILE = {"id": "F1", "name": "a.txt", "type": "", "size": 3, "permalink": ""}


def changed(message: Json, before: Json | None = None, **more: Any) -> Json:
    event = {"type": "message", "subtype": "message_changed", "hidden": True, "ts": LATER, "event_ts": LATER}
    return event | {"message": message, "previous_message": before} | more


@pytest.mark.parametrize(
    ("event", "said"),
    [
        pytest.param(PLAIN, SAID, id="plain"),
        pytest.param(PLAIN | {"user_team": "T2"}, Said(TS, "Hi", "U1", "T2"), id="the user's own team counts"),
        pytest.param(PLAIN | {"team": "E9"}, Said(TS, "Hi", "U1", "E9"), id="an enterprise for a team"),
        pytest.param(PLAIN | {"team": None}, Said(TS, "Hi", "U1"), id="no team"),
        pytest.param(PLAIN | {"thread_ts": "169999.0001"}, Said(TS, "Hi", "U1", "T1", "", "169999.0001"), id="reply"),
        pytest.param(PLAIN | {"thread_ts": TS, "reply_count": 2}, SAID, id="a thread's root"),
        pytest.param(PLAIN | {"thread_ts": "soon"}, SAID, id="a thread that is none"),
        pytest.param(
            PLAIN | {"subtype": "thread_broadcast", "thread_ts": "1.2", "root": {"ts": "1.2"}},
            Said(TS, "Hi", "U1", "T1", "", "1.2"),
            id="a reply also sent to the channel stays a reply",
        ),
        pytest.param(
            PLAIN | {"thread_ts": "1.2", "parent_user_id": "U_US"},
            Said(TS, "Hi", "U1", "T1", "", "1.2", root_user_id="U_US"),
            id="a reply to us",
        ),
        pytest.param(PLAIN | {"subtype": "me_message"}, SAID, id="/me"),
        pytest.param(PLAIN | {"user_profile": {"real_name": "Mia"}}, Said(TS, "Hi", "U1", "T1", "Mia"), id="named"),
        pytest.param(
            PLAIN | {"subtype": "file_share", "text": "", "files": [{"id": "F1", "file_access": "check_file_info"}]},
            Said(TS, "", "U1", "T1", files=[FILE | {"name": "File", "size": None, "is_stub": True}]),
            id="a file of which Slack tells the id alone",
        ),
        pytest.param(
            PLAIN | {"files": [{"id": "F1", "name": "a.txt", "size": 3, "permalink": "javascript:alert(1)"}, None]},
            Said(TS, "Hi", "U1", "T1", files=[FILE]),
            id="a file with an address that is none",
        ),
        pytest.param(
            PLAIN | {"files": [{"id": "F1", "name": "a.txt", "size": 3}, {"id": "F2", "mode": "tombstone"}]},
            Said(TS, "Hi", "U1", "T1", files=[FILE]),
            id="a file that is gone",
        ),
        pytest.param(
            APP | {"bot_profile": {"name": "Monitor", "team_id": "T1"}},
            Said(TS, "Hi", "", "T1", "Monitor"),
            id="a customer's app",
        ),
        pytest.param(
            APP | {"team": "T_US", "bot_profile": {"name": "Form", "team_id": "T_US", "is_workflow_bot": True}},
            Said(TS, "Hi", "", "T_US", "Form"),
            id="a workflow's form",
        ),
        pytest.param(
            {"subtype": "bot_message", "bot_id": "B1", "username": "Alerts", "team": "T1", "ts": TS, "text": "",
             "attachments": [{"fallback": "Disk full"}]},
            Said(TS, "Disk full", "", "T1", "Alerts"),
            id="a customer's app of the old kind",
        ),
    ],
)  # fmt: skip
def test_said(event: Json, said: Said) -> None:
    assert understand(event, OURS) == said


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        pytest.param(PLAIN | {"user": "U_US"}, "our own post", id="our bot user"),
        pytest.param(APP | {"bot_id": "B_US"}, "our own post", id="our bot"),
        pytest.param(APP | {"app_id": "A_US"}, "our own post", id="our app"),
        pytest.param(APP | {"team": "T_US"}, "a post of another app of ours", id="another app of our team"),
        pytest.param(APP | {"team": "E_US"}, "a post of another app of ours", id="another app of our organisation"),
        pytest.param(APP | {"team": None}, "a post of another app of ours", id="an app of nobody knows whom"),
        pytest.param(PLAIN | {"user": "USLACKBOT"}, "Slackbot's own", id="Slackbot"),
        pytest.param(PLAIN | {"user": None}, "a message without a speaker", id="nobody"),
        pytest.param(PLAIN | {"ts": None}, "a message without a time stamp", id="no time"),
        pytest.param(PLAIN | {"ts": "NaN"}, "a message without a time stamp", id="a time that is none"),
        pytest.param(PLAIN | {"ts": 1700000000.0001}, "a message without a time stamp", id="a time as a number"),
        pytest.param(PLAIN | {"hidden": True}, "hidden", id="hidden"),
        pytest.param(PLAIN | {"is_ephemeral": True}, "shown to one person alone", id="ephemeral"),
        pytest.param(PLAIN | {"subtype": ["message_changed"]}, "['message_changed'] is no utterance", id="a list"),
        *[
            pytest.param(PLAIN | {"subtype": subtype}, f"{subtype} is no utterance", id=subtype)
            for subtype in ("channel_join", "channel_leave", "channel_topic", "channel_purpose", "channel_name",
                            "pinned_item", "message_replied", "huddle_thread", "a_new_one")
        ],
        pytest.param(
            changed(PLAIN | {"attachments": [{"from_url": "https://a.example"}]}, PLAIN),
            "no new wording: a link preview or a thread's counter",
            id="a link's preview",
        ),
        pytest.param(changed(PLAIN | {"reply_count": 3}, PLAIN | {"reply_count": 2}),
                     "no new wording: a link preview or a thread's counter", id="a thread's counter"),
        pytest.param(changed(PLAIN | {"user": "U_US", "text": "new"}, PLAIN), "our own post", id="our own edit"),
        pytest.param(changed(PLAIN | {"subtype": "channel_topic", "text": "new"}, PLAIN),
                     "channel_topic is no utterance", id="a changed notice"),
        pytest.param({"subtype": "message_changed", "message": "?"}, "a change without its message", id="no message"),
        pytest.param({"subtype": "message_deleted", "ts": TS}, "a deletion of no message", id="deletes nothing"),
        pytest.param({}, "a message without a time stamp", id="empty"),
    ],
)  # fmt: skip
def test_ignored(event: Json, reason: str) -> None:
    assert understand(event, OURS) == Ignored(reason)


@pytest.mark.parametrize(
    ("event", "heard"),
    [
        pytest.param(
            changed(PLAIN | {"edited": {"ts": "1700000005.000000", "user": "U1"}}, PLAIN | {"text": "Ho"}),
            Edited(SAID, "1700000005.000000"),
            id="an edit",
        ),
        pytest.param(
            changed(PLAIN | {"edited": {"ts": f"{LATER[:10]}.000000", "user": "U1"}}, PLAIN | {"text": "Ho"}),
            Edited(SAID, LATER),
            id="an edit in the second in which it is told",
        ),
        pytest.param(changed(PLAIN, PLAIN | {"text": "Ho"}), Edited(SAID, LATER), id="an edit that names no time"),
        pytest.param(changed(PLAIN), Edited(SAID, LATER), id="an edit that names no earlier wording"),
        pytest.param(
            {"subtype": "message_deleted", "deleted_ts": TS, "ts": LATER, "event_ts": LATER, "previous_message": PLAIN},
            Deleted(TS, LATER),
            id="a deletion",
        ),
        pytest.param({"subtype": "message_deleted", "deleted_ts": TS}, Deleted(TS, TS), id="a deletion without time"),
        pytest.param(
            {"subtype": "message_deleted", "deleted_ts": TS, "previous_message": PLAIN | {"subtype": "channel_join"}},
            Deleted(TS, TS, was_heard=False),
            id="a deletion of what was never captured",
        ),
        pytest.param(
            changed(PLAIN | {"files": [{"id": "F1", "mode": "tombstone"}]}, PLAIN | {"files": [{"id": "F1"}]}),
            Edited(SAID, LATER),
            id="a file taken away",
        ),
        pytest.param(
            changed({"subtype": "tombstone", "user": "USLACKBOT", "ts": TS, "thread_ts": TS}, PLAIN),
            Deleted(TS, LATER),
            id="a deleted root with replies",
        ),
    ],
)
def test_edits_and_deletions(event: Json, heard: Edited | Deleted) -> None:
    assert understand(event, OURS) == heard


def test_an_installation_that_does_not_know_its_own_ids_ignores_nobody_for_it() -> None:
    unknown = Ours("T_US", bot_id="", bot_user_id="", app_id="")
    assert isinstance(understand(APP | {"app_id": ""}, unknown), Said)
    assert isinstance(understand(PLAIN, unknown), Said)


@pytest.mark.parametrize(
    ("wanted", "posts", "by_our_app"),
    [
        (AppPosts.CUSTOMERS, ["a customer's app", "a workflow's form"], []),
        (AppPosts.ALL, ["a customer's app", "a workflow's form", "our monitoring"], ["our monitoring"]),
        (AppPosts.NONE, [], []),
    ],
)
def test_whose_apps_are_heard_is_the_workspaces_choice(wanted: str, posts: list[str], by_our_app: list[str]) -> None:
    ours = replace(OURS, app_posts=wanted)
    events = [
        APP | {"username": "a customer's app"},
        APP | {"team": "T_US", "username": "a workflow's form", "bot_profile": {"is_workflow_bot": True}},
        APP | {"team": "T_US", "username": "our monitoring"},
        APP | {"app_id": "A_US", "username": "ourselves"},
    ]
    heard = [said for event in events if isinstance(said := understand(event, ours), Said)]
    assert [said.name for said in heard] == posts
    assert [said.name for said in heard if said.by_our_app] == by_our_app


def test_the_payloads_that_slacks_own_framework_is_tested_with(shared_payloads: list[tuple[str, Any]]) -> None:
    kinds = set()
    for name, payload in shared_payloads:
        posted = payload["payload"] if name.startswith("socket.") else payload
        if "event" in posted:
            request = read(JSON, json.dumps(posted).encode())
        elif "command" in posted:
            request = read(FORM, urlencode(posted).encode())
        else:
            request = read(FORM, urlencode({"payload": json.dumps(posted)}).encode())
        assert isinstance(request, Received), name
        kinds.add(request.kind)
        event = posted.get("event")
        if isinstance(event, dict) and event["type"] == "message":
            assert isinstance(understand(event, OURS), Said | Edited | Deleted | Ignored), name
    assert {"message", "slash_command", "block_actions", "member_joined_channel", "reaction_added"} <= kinds
