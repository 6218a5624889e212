"""The Web API as a client meets it: tokens, arguments, pages, refusals."""

from __future__ import annotations

import httpx
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from tests.sandbox_process import SandboxProcess

TRIAGE = "C0TRIAGE01"


@pytest.fixture
def client(sandbox: SandboxProcess) -> WebClient:
    return WebClient(sandbox.token, base_url=f"{sandbox.url}/api/")


def refusal(client: WebClient, method: str, **args: object) -> str:
    with pytest.raises(SlackApiError) as caught:
        client.api_call(method, json=dict(args))
    error: str = caught.value.response["error"]
    return error


@pytest.mark.parametrize(
    ("headers", "error"),
    [
        ({}, "not_authed"),
        ({"Authorization": "Bearer xoxb-wrong"}, "invalid_auth"),
        ({"Authorization": "Bearer xapp-sandbox"}, "not_allowed_token_type"),
    ],
)
def test_tokens(sandbox: SandboxProcess, headers: dict[str, str], error: str) -> None:
    answer = httpx.get(f"{sandbox.url}/api/auth.test", headers=headers)
    assert (answer.status_code, answer.json()) == (200, {"ok": False, "error": error})


@pytest.mark.parametrize("way", ["query", "form", "json", "form token"])
def test_every_way_of_passing_arguments(sandbox: SandboxProcess, way: str) -> None:
    address, args = f"{sandbox.url}/api/users.info", {"user": "U0DANA0001"}
    headers = {"Authorization": f"Bearer {sandbox.token}"}
    answer = {
        "query": lambda: httpx.get(address, params=args, headers=headers),
        "form": lambda: httpx.post(address, data=args, headers=headers),
        "json": lambda: httpx.post(address, json=args, headers=headers),
        "form token": lambda: httpx.post(address, data=args | {"token": sandbox.token}),
    }[way]()
    assert answer.json()["user"]["profile"]["email"] == "dana@acme.example"


def test_unknown_methods_and_missing_arguments(client: WebClient) -> None:
    assert refusal(client, "chat.shout") == "unknown_method"
    assert refusal(client, "users.info") == "invalid_arguments"


def test_a_missing_scope_is_named(sandbox: SandboxProcess) -> None:
    sandbox.api("change-app", scopes=["channels:read", "users:read"])
    answer = sandbox.web_api("chat.postMessage", channel=TRIAGE, text="Hi")
    assert (answer["error"], answer["needed"]) == ("missing_scope", "chat:write")
    found = sandbox.web_api("users.info", user="U0DANA0001")
    assert "email" not in found["user"]["profile"]


def test_people_of_other_workspaces_are_found_one_by_one_only(sandbox: SandboxProcess, client: WebClient) -> None:
    listed = {one["id"] for one in client.users_list()["members"]}
    assert "U0DANA0001" in listed
    assert "U0MIA00001" not in listed
    assert client.users_info(user="U0MIA00001")["user"]["is_stranger"] is True
    sandbox.api("invite", channel="#ext-globex", user="app", by="dana")
    assert client.users_info(user="U0MIA00001")["user"]["is_stranger"] is False
    assert "is_stranger" not in client.users_info(user="U0DANA0001")["user"]
    assert refusal(client, "users.lookupByEmail", email="mia@globex.example") == "users_not_found"


def test_someone_we_share_no_channel_with_is_not_found(sandbox: SandboxProcess, client: WebClient) -> None:
    sandbox.api("create-user", id="U0FARAWAY1", team="Globex", real_name="Far Away")
    assert refusal(client, "users.info", user="U0FARAWAY1") == "user_not_found"


def test_guests_belong_to_our_own_team(client: WebClient) -> None:
    guest = client.users_info(user="U0TOMAS001")["user"]
    assert (guest["team_id"], guest["is_restricted"]) == ("T0ACME001", True)


def test_channels_and_who_sees_them(sandbox: SandboxProcess, client: WebClient) -> None:
    names = {one["name"] for one in client.conversations_list()["channels"]}
    assert names == {"general", "support-triage", "ext-globex", "ext-initech", "ext-umbrella"}
    sandbox.api("create-channel", name="secret", private=True, members=["dana"])
    everything = client.conversations_list(types="public_channel,private_channel")["channels"]
    assert "secret" not in {one["name"] for one in everything}
    assert [one["id"] for one in client.users_conversations()["channels"]] == [TRIAGE]
    shared = client.conversations_info(channel="C0EXTGLOBX", include_num_members=True)["channel"]
    assert (shared["is_ext_shared"], shared["connected_team_ids"]) == (True, ["T0GLOBEX1"])
    assert shared["num_members"] == 5
    assert refusal(client, "conversations.list", types="rooms") == "invalid_types"


def test_pages(client: WebClient) -> None:
    found, cursor = [], None
    while cursor != "":
        answer = client.conversations_list(limit=2, cursor=cursor)
        found += answer["channels"]
        cursor = answer["response_metadata"]["next_cursor"]
    assert len(found) == 5
    assert refusal(client, "conversations.list", cursor="nonsense") == "invalid_cursor"


def test_history_in_pages(sandbox: SandboxProcess, client: WebClient) -> None:
    sent = [sandbox.post_message(TRIAGE, "dana", f"Number {number}") for number in range(7)]
    found, cursor = [], None
    while True:
        answer = client.conversations_history(channel=TRIAGE, limit=3, cursor=cursor)
        found += [one["ts"] for one in answer["messages"]]
        if not answer["has_more"]:
            break
        cursor = answer["response_metadata"]["next_cursor"]
    assert found == sent[::-1]
    window = client.conversations_history(channel=TRIAGE, oldest=sent[2], latest=sent[5])
    assert [one["ts"] for one in window["messages"]] == [sent[4], sent[3]]
    inclusive = client.conversations_history(channel=TRIAGE, oldest=sent[2], latest=sent[5], inclusive=True)
    assert len(inclusive["messages"]) == 4
    assert refusal(client, "conversations.history", channel=TRIAGE, oldest="soon") == "invalid_ts_oldest"


def test_replies(sandbox: SandboxProcess, client: WebClient) -> None:
    root = sandbox.post_message(TRIAGE, "dana", "Root")
    replies = [sandbox.post_message(TRIAGE, "omar", f"Reply {n}", thread_ts=root) for n in range(3)]
    answer = client.conversations_replies(channel=TRIAGE, ts=root, limit=2)
    assert [one["ts"] for one in answer["messages"]] == [root, *replies[:2]]
    assert answer["messages"][0]["reply_count"] == 3
    following = client.conversations_replies(channel=TRIAGE, ts=root, cursor=answer["response_metadata"]["next_cursor"])
    assert [one["ts"] for one in following["messages"]] == [root, replies[2]]
    assert [one["ts"] for one in client.conversations_history(channel=TRIAGE)["messages"]] == [root]
    assert refusal(client, "conversations.replies", channel=TRIAGE, ts="1.000000") == "thread_not_found"


@pytest.mark.parametrize(
    ("method", "args", "error"),
    [
        ("chat.postMessage", {"channel": "C0NOWHERE1", "text": "x"}, "channel_not_found"),
        ("chat.postMessage", {"channel": "C0GENERAL1", "text": "x"}, "not_in_channel"),
        ("chat.postMessage", {"channel": TRIAGE}, "no_text"),
        ("chat.postMessage", {"channel": TRIAGE, "text": "x", "thread_ts": "1.000000"}, "thread_not_found"),
        ("chat.postMessage", {"channel": TRIAGE, "blocks": "{"}, "invalid_blocks_format"),
        ("chat.postMessage", {"channel": TRIAGE, "text": "x", "metadata": {}}, None),
        ("chat.postMessage", {"channel": TRIAGE, "text": "x", "metadata": {"a": 1}}, "invalid_metadata_format"),
        ("chat.update", {"channel": TRIAGE, "ts": "1.000000", "text": "x"}, "message_not_found"),
        ("chat.delete", {"channel": TRIAGE, "ts": "1.000000"}, "message_not_found"),
        ("chat.postEphemeral", {"channel": TRIAGE, "user": "U0MIA00001", "text": "x"}, "user_not_in_channel"),
        ("conversations.history", {"channel": "C0GENERAL1"}, "not_in_channel"),
        ("conversations.open", {}, "users_list_not_supplied"),
        ("reactions.add", {"channel": TRIAGE, "timestamp": "1.0", "name": "eyes"}, "message_not_found"),
        ("views.open", {"trigger_id": "1.2", "view": "{"}, "invalid_arguments"),
        ("files.info", {"file": "F0NOTHING1"}, "file_not_found"),
        ("bots.info", {"bot": "B0NOTHING1"}, "bot_not_found"),
    ],
)
def test_refusals(sandbox: SandboxProcess, method: str, args: dict[str, object], error: str | None) -> None:
    assert sandbox.web_api(method, **args).get("error") == error


def test_a_message_is_changed_only_by_its_author(sandbox: SandboxProcess, client: WebClient) -> None:
    ts = sandbox.post_message(TRIAGE, "dana", "Mine")
    assert refusal(client, "chat.update", channel=TRIAGE, ts=ts, text="x") == "cant_update_message"
    assert refusal(client, "chat.delete", channel=TRIAGE, ts=ts) == "cant_delete_message"


def test_post_update_delete(client: WebClient) -> None:
    metadata = {"event_type": "card", "event_payload": {"number": 17}}
    blocks = [{"type": "divider"}]
    posted = client.chat_postMessage(channel=TRIAGE, text="A card", blocks=blocks, metadata=metadata)
    updated = client.chat_update(channel=TRIAGE, ts=posted["ts"], text="A changed card")
    assert updated["text"] == "A changed card"
    assert "blocks" not in updated["message"]
    plain, full = (
        client.conversations_history(channel=TRIAGE, include_all_metadata=wanted)["messages"][0]
        for wanted in (False, True)
    )
    assert "metadata" not in plain
    assert full["metadata"] == metadata
    client.chat_delete(channel=TRIAGE, ts=posted["ts"])
    assert client.conversations_history(channel=TRIAGE)["messages"] == []


def test_long_texts(client: WebClient) -> None:
    posted = client.chat_postMessage(channel=TRIAGE, text="x" * 45_000)
    assert len(posted["message"]["text"]) == 40_000
    refused = refusal(client, "chat.update", channel=TRIAGE, ts=posted["ts"], text="x" * 40_001)
    assert refused == "msg_too_long"


def test_direct_messages(client: WebClient) -> None:
    opened = client.conversations_open(users="U0DANA0001", return_im=True)
    assert opened["channel"]["user"] == "U0DANA0001"
    posted = client.chat_postMessage(channel="U0DANA0001", text="Psst")
    assert posted["channel"] == opened["channel"]["id"]


def test_reactions(sandbox: SandboxProcess, client: WebClient) -> None:
    ts = sandbox.post_message(TRIAGE, "dana", "Hi")
    client.reactions_add(channel=TRIAGE, timestamp=ts, name="eyes")
    assert refusal(client, "reactions.add", channel=TRIAGE, timestamp=ts, name="eyes") == "already_reacted"
    found = client.reactions_get(channel=TRIAGE, timestamp=ts)["message"]["reactions"]
    assert found == [{"name": "eyes", "users": ["U0PYLON001"], "count": 1}]
    client.reactions_remove(channel=TRIAGE, timestamp=ts, name="eyes")
    assert refusal(client, "reactions.remove", channel=TRIAGE, timestamp=ts, name="eyes") == "no_reaction"


def test_joining_and_inviting(client: WebClient) -> None:
    assert client.conversations_join(channel="C0GENERAL1")["channel"]["is_member"] is True
    assert client.conversations_join(channel="C0GENERAL1")["warning"] == "already_in_channel"
    assert refusal(client, "conversations.invite", channel="C0GENERAL1", users="U0MIA00001") == "cant_invite"
    client.conversations_invite(channel=TRIAGE, users="U0TOMAS001")
    assert "U0TOMAS001" in client.conversations_members(channel=TRIAGE)["members"]


def test_permalinks_lead_to_the_page(sandbox: SandboxProcess, client: WebClient) -> None:
    root = sandbox.post_message(TRIAGE, "dana", "Root")
    reply = sandbox.post_message(TRIAGE, "dana", "Reply", thread_ts=root)
    link = client.chat_getPermalink(channel=TRIAGE, message_ts=reply)["permalink"]
    assert f"thread_ts={root}" in link
    answer = httpx.get(link)
    assert answer.headers["location"] == f"/?channel={TRIAGE}&ts={reply}&thread={root}"


def test_files_are_downloaded_with_the_token(sandbox: SandboxProcess, client: WebClient) -> None:
    files = [{"name": "page.html", "content": "<script>alert(1)</script>"}]
    sandbox.post_message(TRIAGE, "dana", "A file", files=files)
    (stored,) = client.conversations_history(channel=TRIAGE)["messages"][0]["files"]
    address = client.files_info(file=stored["id"])["file"]["url_private"]
    assert httpx.get(address).status_code == 403
    answer = httpx.get(address, headers={"Authorization": f"Bearer {sandbox.token}"})
    assert answer.text == "<script>alert(1)</script>"
    assert answer.headers["content-disposition"] == "attachment"


def test_every_call_is_logged_without_secrets(sandbox: SandboxProcess, client: WebClient) -> None:
    client.auth_test()
    refusal(client, "chat.update", channel=TRIAGE, ts="1.0", text="x")
    refusal(client, "oauth.v2.access", client_id="x", client_secret="very secret")
    calls = sandbox.log()["calls"]
    assert [(one["method"], one["answer"]["ok"]) for one in calls] == [
        ("auth.test", True),
        ("chat.update", False),
        ("oauth.v2.access", False),
    ]
    assert "very secret" not in str(calls)
    assert sandbox.token not in str(calls)
