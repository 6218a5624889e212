"""The shapes of events, also as the official framework reads them."""

from __future__ import annotations

import time

import pytest
from slack_bolt.request.internals import (
    extract_actor_team_id,
    extract_actor_user_id,
    extract_enterprise_id,
    extract_team_id,
)

from tests.sandbox.listener import Json, Listener, Reply
from tests.sandbox_process import SandboxProcess

ACME, GLOBEX, MIA, DANA, BOT = "T0ACME001", "T0GLOBEX1", "U0MIA00001", "U0DANA0001", "U0PYLON001"


def only(listener: Listener, sandbox: SandboxProcess) -> Json:
    sandbox.settle()
    assert len(listener.received) == 1
    return listener.received[0].envelope


def test_a_customers_message_names_both_workspaces(sandbox: SandboxProcess, listener: Listener, globex: str) -> None:
    ts = sandbox.post_message(globex, "mia.tanaka", "Hello")
    envelope = only(listener, sandbox)
    event = envelope["event"]
    assert (envelope["team_id"], envelope["context_team_id"]) == (GLOBEX, ACME)
    assert envelope["is_ext_shared_channel"] is True
    assert envelope["authorizations"] == [
        {
            "enterprise_id": None,
            "team_id": ACME,
            "user_id": BOT,
            "is_bot": True,
            "is_enterprise_install": False,
        }
    ]
    assert event["team"] == event["user_team"] == event["source_team"] == GLOBEX
    assert event["user_profile"]["real_name"] == "Mia Tanaka"
    assert (event["ts"], event["event_ts"], event["channel_type"]) == (ts, ts, "channel")
    assert "subtype" not in event


def test_bolt_reads_a_customers_message(sandbox: SandboxProcess, listener: Listener, globex: str) -> None:
    sandbox.post_message(globex, "mia.tanaka", "Hello")
    envelope = only(listener, sandbox)
    assert extract_team_id(envelope) == ACME
    assert extract_enterprise_id(envelope) is None
    assert extract_actor_team_id(envelope) == GLOBEX
    assert extract_actor_user_id(envelope) == MIA


def test_bolt_reads_a_teammates_message(sandbox: SandboxProcess, listener: Listener, globex: str) -> None:
    sandbox.post_message(globex, "dana", "Hello")
    envelope = only(listener, sandbox)
    assert (extract_team_id(envelope), extract_actor_team_id(envelope)) == (ACME, ACME)
    assert extract_actor_user_id(envelope) == DANA
    assert "user_team" not in envelope["event"]


def test_a_reaction_names_no_team_in_the_event(sandbox: SandboxProcess, listener: Listener, globex: str) -> None:
    ts = sandbox.post_message(globex, "dana", "Hello")
    sandbox.api("react", channel=globex, message_ts=ts, name="eyes", **{"as": "mia.tanaka"})
    sandbox.api("unreact", channel=globex, message_ts=ts, name="eyes", **{"as": "mia.tanaka"})
    sandbox.settle()
    added, removed = listener.received[1].envelope, listener.received[2].envelope
    assert added["event"] == {
        "type": "reaction_added",
        "user": MIA,
        "reaction": "eyes",
        "item": {"type": "message", "channel": globex, "ts": ts},
        "item_user": DANA,
        "event_ts": added["event"]["event_ts"],
    }
    assert removed["event"]["type"] == "reaction_removed"
    assert added["team_id"] == GLOBEX
    assert extract_actor_user_id(added) is None


def test_an_edit(sandbox: SandboxProcess, listener: Listener, globex: str) -> None:
    ts = sandbox.post_message(globex, "mia.tanaka", "Helo")
    sandbox.api("edit", channel=globex, message_ts=ts, text="Hello", **{"as": "mia.tanaka"})
    sandbox.settle()
    event = listener.events()[1]
    assert (event["subtype"], event["hidden"]) == ("message_changed", True)
    assert "user" not in event
    assert "text" not in event
    assert event["message"]["edited"]["user"] == MIA
    assert (event["previous_message"]["text"], event["message"]["text"]) == ("Helo", "Hello")
    assert event["message"]["user_team"] == GLOBEX


def test_an_unfurled_link_is_no_edit(sandbox: SandboxProcess, listener: Listener, globex: str) -> None:
    ts = sandbox.post_message(globex, "mia.tanaka", "See <https://globex.example>")
    sandbox.api("unfurl", channel=globex, message_ts=ts, url="https://globex.example")
    sandbox.settle()
    event = listener.events()[1]
    assert event["subtype"] == "message_changed"
    assert event["message"]["text"] == event["previous_message"]["text"]
    assert "edited" not in event["message"]


def test_a_delete(sandbox: SandboxProcess, listener: Listener, globex: str) -> None:
    ts = sandbox.post_message(globex, "mia.tanaka", "Wrong window")
    sandbox.api("delete", channel=globex, message_ts=ts, **{"as": "mia.tanaka"})
    sandbox.settle()
    event = listener.events()[1]
    assert (event["subtype"], event["deleted_ts"]) == ("message_deleted", ts)
    assert event["previous_message"]["text"] == "Wrong window"


def test_deleting_a_root_with_replies_leaves_a_tombstone(
    sandbox: SandboxProcess, listener: Listener, globex: str
) -> None:
    ts = sandbox.post_message(globex, "mia.tanaka", "Question")
    sandbox.post_message(globex, "dana", "Answer", thread_ts=ts)
    sandbox.api("delete", channel=globex, message_ts=ts, **{"as": "mia.tanaka"})
    sandbox.settle()
    event = listener.events()[2]
    assert (event["subtype"], event["message"]["subtype"]) == ("message_changed", "tombstone")
    assert event["message"]["user"] == "USLACKBOT"
    assert [one["text"] for one in sandbox.messages(globex, thread_ts=ts)] == [
        "This message was deleted.",
        "Answer",
    ]


def test_replies_and_broadcasts(sandbox: SandboxProcess, listener: Listener, globex: str) -> None:
    root = sandbox.post_message(globex, "mia.tanaka", "Question")
    reply = sandbox.post_message(globex, "dana", "Answer", thread_ts=root)
    sandbox.post_message(globex, "dana", "For all to see", thread_ts=reply, broadcast=True)
    sandbox.settle()
    _, plain, broadcast = listener.events()
    assert (plain["thread_ts"], plain["parent_user_id"]) == (root, MIA)
    assert "subtype" not in plain
    assert (broadcast["subtype"], broadcast["thread_ts"]) == ("thread_broadcast", root)
    assert broadcast["root"]["reply_count"] == 1


def test_files_arrive_as_stubs_in_shared_channels(sandbox: SandboxProcess, listener: Listener, globex: str) -> None:
    files = [{"name": "trace.txt", "content": "one line"}]
    sandbox.post_message(globex, "mia.tanaka", "The trace", files=files)
    event = only(listener, sandbox)["event"]
    assert event["subtype"] == "file_share"
    assert event["files"] == [{"id": event["files"][0]["id"], "file_access": "check_file_info"}]
    found = sandbox.web_api("files.info", file=event["files"][0]["id"])["file"]
    assert (found["name"], found["size"]) == ("trace.txt", 8)


def test_the_apps_own_post_comes_back_without_a_subtype(
    sandbox: SandboxProcess, listener: Listener, globex: str
) -> None:
    sandbox.web_api("chat.postMessage", channel="C0TRIAGE01", text="A card")
    event = only(listener, sandbox)["event"]
    assert "subtype" not in event
    assert (event["user"], event["bot_id"], event["app_id"]) == (BOT, "B0PYLON001", "A0PYLON001")
    assert event["bot_profile"]["team_id"] == ACME
    assert "user_id" not in event["bot_profile"]


def test_a_post_under_another_name_has_no_user(sandbox: SandboxProcess, listener: Listener, globex: str) -> None:
    sandbox.web_api("chat.postMessage", channel=globex, text="Hi", username="Dana at Acme")
    event = only(listener, sandbox)["event"]
    assert (event["subtype"], event["username"], event["bot_id"]) == (
        "bot_message",
        "Dana at Acme",
        "B0PYLON001",
    )
    assert "user" not in event


def test_the_app_hears_who_invited_it(sandbox: SandboxProcess, listener: Listener) -> None:
    sandbox.api("invite", channel="#ext-initech", user="app", by="omar")
    sandbox.settle()
    joined, note = listener.events()
    assert joined["type"] == "member_joined_channel"
    assert (joined["user"], joined["inviter"], joined["channel_type"]) == (BOT, "U0OMAR0001", "C")
    assert note["subtype"] == "channel_join"


def test_channels_without_the_app_are_silent(sandbox: SandboxProcess, listener: Listener) -> None:
    sandbox.post_message("#general", "dana", "Cake in the kitchen")
    sandbox.post_message("#support-triage", "dana", "A note")
    sandbox.settle()
    assert [event["text"] for event in listener.events()] == ["A note"]


def test_the_lives_of_channels_and_people(sandbox: SandboxProcess, listener: Listener, globex: str) -> None:
    dana = {"as": "dana"}
    sandbox.api("rename", channel=globex, name="ext-globex-eu", **dana)
    sandbox.api("share", channel=globex, team="Initech")
    sandbox.api("unshare", channel=globex, team="Initech")
    sandbox.api("archive", channel=globex, **dana)
    sandbox.api("archive", channel=globex, archived=False, **dana)
    sandbox.api("change-user", user="mia.tanaka", changes={"real_name": "Mia Weber"})
    sandbox.api("open-home", **dana)
    sandbox.api("leave", channel=globex, user="app")
    sandbox.api("uninstall", team="Acme")
    sandbox.settle()
    kinds = {event.get("subtype", event["type"]) for event in listener.events()}
    assert kinds >= {
        *("channel_rename", "channel_name", "channel_shared", "channel_unshared", "channel_archive"),
        *("channel_unarchive", "user_change", "app_home_opened", "member_left_channel"),
        *("tokens_revoked", "app_uninstalled"),
    }
    (changed,) = listener.events("user_change")
    assert changed["user"]["real_name"] == "Mia Weber"
    assert sandbox.web_api("auth.test")["error"] == "account_inactive"


def test_the_past_is_told_like_the_present(sandbox: SandboxProcess, listener: Listener, globex: str) -> None:
    yesterday = time.time() - 86_400
    ts = sandbox.post_message(globex, "mia.tanaka", "Yesterday", ts=yesterday)
    envelope = only(listener, sandbox)
    assert float(ts) == pytest.approx(yesterday, abs=0.001)
    assert envelope["event_time"] == int(float(ts))
    assert envelope["event"]["event_ts"] == ts


def test_url_verification(sandbox: SandboxProcess, listener: Listener) -> None:
    assert sandbox.api("verify-url")["verified"] is False
    listener.respond = lambda request: Reply(body=request.envelope["challenge"].encode())
    assert sandbox.api("verify-url")["verified"] is True
