"""What becomes of each kind of message: the requests in `payloads/`, named by what happened, all the way to the heart.

They are of one channel, #ext-globex: Mia is a customer, Dana a teammate.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import AppPosts, Channel, ChannelKind, User, Workspace
from conversations.models import Conversation, EventKind, Message, MessageKind
from integrations.models import InboundEvent, Installation, Link, LinkKind
from integrations.slack.channels import LOOK_AGAIN
from integrations.slack.inbox import drain
from integrations.slack.profiles import remember
from integrations.slack.requests import team_of
from tests import cast
from tests.integrations.slack.envelopes import FORM, JSON, SECRET, Json, signed, work

PAYLOADS = Path(__file__).parent / "payloads"
PLAIN = "The export is empty since this morning"


@pytest.fixture(autouse=True)
def globex(workspace: Workspace, dana: User) -> Channel:
    account = cast.make_account(workspace=workspace, name="Globex", owner=dana)
    cast.make_installation(workspace=workspace, app_id="A0PYLON")
    dana.external_id = "U0DANA"
    dana.save()
    cast.make_contact(workspace=workspace, account=account, name="Mia Tanaka", external_id="U0MIA")
    return cast.make_channel(
        workspace=workspace, account=account, owner=dana, name="ext-globex", external_id="C0EXTGLOBEX"
    )


def recorded(name: str) -> Json:
    payload: Json = json.loads((PAYLOADS / f"{name}.json").read_text(encoding="utf-8"))
    return payload


def happen(*names: str) -> list[str]:
    """All of it, in this order; answers what became of each."""
    return work(*map(recorded, names))


def the_message() -> Message:
    return Message.objects.select_related("conversation", "author_user", "author_contact").get()


# What somebody says ───────────────────────────────────────────────────────────────────────────────────


def test_a_plain_message_opens_a_conversation() -> None:
    assert happen("plain") == ["captured"]
    message = the_message()
    assert (message.text, message.html, message.kind, message.author_name) == (
        PLAIN, "", MessageKind.INBOUND, "Mia Tanaka"
    )  # fmt: skip
    assert message.conversation.title == PLAIN


def test_what_was_typed_with_marks_is_shown_with_them() -> None:
    happen("formatted")
    message = the_message()
    assert message.text == (
        "Hi @Dana Reyes, the *export* is empty 🙁\n• CSV\n• PDF\n> it worked on Friday\n"
        "see our report (https://globex.example/report?a=1&b=2) and #ext-globex"
    )
    assert message.html == (
        'Hi <span class="mention">@Dana Reyes</span>, the <strong>export</strong> is empty 🙁'
        "<ul><li>CSV</li><li>PDF</li></ul><blockquote>it worked on Friday</blockquote>"
        'see <a href="https://globex.example/report?a=1&amp;b=2" target="_blank" rel="noopener noreferrer nofollow">'
        'our report</a> and <span class="mention">#ext-globex</span>'
    )
    assert message.conversation.title == "The export is empty 🙁"


def test_a_reply_in_a_thread_stays_with_its_root() -> None:
    assert happen("plain", "reply_in_thread") == ["captured", "captured"]
    assert Conversation.objects.get().message_count == 2


def test_a_reply_also_sent_to_the_channel_is_still_a_reply() -> None:
    assert happen("plain", "reply_also_sent_to_channel") == ["captured", "captured"]
    assert Conversation.objects.get().message_count == 2
    assert Message.objects.last().thread_ts == recorded("plain")["event"]["ts"]  # type: ignore[union-attr]


def test_a_shared_file_is_kept_with_its_message() -> None:
    assert happen("file_shared") == ["captured"]
    (file,) = the_message().files
    assert (file["id"], file["name"], file["filename"], file["type"]) == (
        "F0SHOT", "The error", "error.png", "image/png"
    )  # fmt: skip
    assert file["thumb"].startswith("https://files.slack.com/")


def test_a_file_of_which_slack_tells_the_id_alone_is_kept_and_looked_up_later() -> None:
    assert happen("file_shared_as_stub") == ["captured"]
    message = the_message()
    assert [(file["id"], file["is_stub"]) for file in message.files] == [("F0SHOT", True)]
    assert message.conversation.title == "File"


def test_what_somebody_says_of_themselves_is_said() -> None:
    assert happen("me_message") == ["captured"]
    assert the_message().text == "is waiting for the export"


def test_a_message_by_somebody_unknown_is_named_when_the_profile_is_known(workspace: Workspace) -> None:
    payload = recorded("from_somebody_unknown")
    payload["event"].pop("user_profile", None)
    assert work(payload) == ["captured"]
    assert (the_message().author_name, the_message().kind) == ("U0NEW", MessageKind.INBOUND)
    remember(
        Installation.objects.get(),
        {"id": "U0NEW", "team_id": cast.THEIR_TEAM, "profile": {"real_name": "Nina Okafor"}},
    )
    assert the_message().author_name == "Nina Okafor"
    assert Conversation.objects.get().last_message_author == "Nina Okafor"


def test_a_teammates_message_is_ours() -> None:
    assert happen("plain", "from_a_teammate") == ["captured", "captured"]
    assert Message.objects.last().kind == MessageKind.OUTBOUND  # type: ignore[union-attr]


def test_a_message_passed_on_is_what_it_says() -> None:
    assert happen("attachments_only") == ["captured"]
    assert the_message().text == "Did anybody change the export?"


def test_a_message_passed_on_with_words_is_quoted() -> None:
    assert happen("passed_on_with_words") == ["captured"]
    message = the_message()
    assert message.text == "See what Jonas found\n> The job has not run since Friday"
    assert message.html == "See what Jonas found<blockquote>The job has not run since Friday</blockquote>"


def test_a_message_of_blocks_alone_says_what_they_say() -> None:
    assert happen("blocks_only") == ["captured"]
    message = the_message()
    assert message.text == "*Order failed*\nOrder *4711* of @Mia Tanaka\n*Shop:* North\n*Error:* `E42`"
    assert message.html.startswith("<strong>Order failed</strong>\nOrder <strong>4711</strong> of <span")
    assert (message.kind, message.author_name) == (MessageKind.INBOUND, "Order robot")


def test_a_reply_in_a_huddles_thread_is_said() -> None:
    assert happen("huddle_held", "reply_in_a_huddles_thread") == ["huddle_thread is no utterance", "captured"]


# Edits and deletions ──────────────────────────────────────────────────────────────────────────────────


def test_an_edit_changes_the_message_and_is_told() -> None:
    assert happen("plain", "edited") == ["captured", "edited"]
    message = the_message()
    assert message.text == "The export is empty since Friday"
    assert message.html == "The export is empty since <strong>Friday</strong>"
    assert message.conversation.events.get(kind=EventKind.MESSAGE_EDITED).data == {"before": PLAIN}


@pytest.mark.parametrize("name", ["link_unfurled", "thread_counter_changed"])
def test_a_change_of_no_words_is_no_edit(name: str) -> None:
    assert happen("plain", name) == ["captured", "no new wording: a link preview or a thread's counter"]
    assert the_message().edited_at is None


def test_an_edit_that_comes_first_is_the_message() -> None:
    assert happen("edited", "plain") == ["captured as edited", "captured"]
    older = recorded("edited")
    older["event_id"] = "Ev0OLDER"
    older["event"]["message"] |= {"text": "Older", "edited": {"user": "U0MIA", "ts": "1772442110.000000"}}
    assert work(older) == ["edited"]
    assert the_message().text == "The export is empty since Friday"


def test_a_file_taken_away_is_gone() -> None:
    assert happen("file_shared", "file_taken_away") == ["captured", "edited"]
    assert (the_message().files, the_message().text) == ([], "Here is what we see")


@pytest.mark.parametrize("name", ["deleted", "root_with_replies_deleted"])
def test_a_deleted_message_is_marked_and_its_words_are_kept(name: str) -> None:
    assert happen("plain", "reply_in_thread", name) == ["captured", "captured", "deleted"]
    root = Message.objects.earliest("sent_at")
    assert root.deleted_at
    assert root.text == PLAIN
    assert Conversation.objects.get().title == "It is the CSV one"


@pytest.mark.parametrize("name", ["deleted", "root_with_replies_deleted"])
def test_a_workspace_that_forgets_keeps_the_words_nowhere(workspace: Workspace, name: str) -> None:
    workspace.forgets_deleted = True
    workspace.save()
    happen("plain", "edited", "thread_counter_changed", "reply_also_sent_to_channel", name)
    assert Message.objects.earliest("sent_at").text == ""
    bodies = "".join(InboundEvent.objects.values_list("body", flat=True))
    assert "since this morning" not in bodies
    assert "since Friday" not in bodies
    assert "The PDF one too" in bodies, "what was not deleted stays"


def test_a_deletion_before_its_message_waits_for_it() -> None:
    assert happen("deleted") == [""]
    row = InboundEvent.objects.get()
    assert (row.processed_at, row.error, row.attempts) == (None, "", 1)


def test_a_deletion_of_what_was_never_captured_does_not_wait() -> None:
    payload = recorded("deleted")
    payload["event"]["previous_message"]["subtype"] = "channel_join"
    assert work(payload) == ["a deletion of what was not captured"]


# Apps ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["our_own_post", "our_own_post_under_a_teammates_name"])
@pytest.mark.parametrize("choice", AppPosts.values)
def test_our_own_posts_are_never_taken_for_messages(workspace: Workspace, name: str, choice: str) -> None:
    Workspace.objects.update(app_posts=choice)
    assert happen(name) == ["our own post"]


@pytest.mark.parametrize(
    ("name", "author", "heard_by", "kind"),
    [
        ("customers_app_posted", "Order robot", {AppPosts.CUSTOMERS, AppPosts.ALL}, MessageKind.INBOUND),
        ("old_integration_posted", "Nagios", {AppPosts.CUSTOMERS, AppPosts.ALL}, MessageKind.INBOUND),
        ("workflow_form_submitted", "Support form", {AppPosts.CUSTOMERS, AppPosts.ALL}, MessageKind.INBOUND),
        ("other_app_of_ours_posted", "Deploys", {AppPosts.ALL}, MessageKind.OUTBOUND),
    ],
)
@pytest.mark.parametrize("choice", AppPosts.values)
def test_apps_are_heard_as_the_workspace_chose(
    name: str, author: str, heard_by: set[str], kind: str, choice: str
) -> None:
    Workspace.objects.update(app_posts=choice)
    happen(name)
    heard = list(Message.objects.values_list("author_name", "kind"))
    assert heard == ([(author, kind)] if choice in heard_by else [])


def test_an_alert_without_text_says_what_its_attachment_says() -> None:
    happen("old_integration_posted")
    assert the_message().text == "Alert\nDisk full on db1"


# What is no message ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("somebody_joined", "channel_join is no utterance"),
        ("somebody_left", "channel_leave is no utterance"),
        ("topic_set", "channel_topic is no utterance"),
        ("purpose_set", "channel_purpose is no utterance"),
        ("channel_renamed", "channel_name is no utterance"),
        ("channel_archived", "channel_archive is no utterance"),
        ("channel_unarchived", "channel_unarchive is no utterance"),
        ("message_pinned", "pinned_item is no utterance"),
        ("reminder_added", "reminder_add is no utterance"),
        ("app_added", "bot_add is no utterance"),
        ("canvas_changed", "channel_canvas_updated is no utterance"),
        ("assistant_thread_started", "assistant_app_thread is no utterance"),
        ("thread_replied_notice", "hidden"),
        ("huddle_held", "huddle_thread is no utterance"),
        ("call_room_created", "sh_room_created is no utterance"),
        ("ephemeral_left_over", "shown to one person alone"),
        ("slackbot_spoke", "Slackbot's own"),
        ("message_without_time_stamp", "a message without a time stamp"),
        ("direct_message", "a direct message"),
    ],
)
def test_what_is_no_message_is_noted_as_such(name: str, outcome: str) -> None:
    assert happen(name) == [outcome]
    assert not Message.objects.exists()


def test_every_recorded_payload_has_its_test() -> None:
    source = Path(__file__).read_text(encoding="utf-8")
    assert [path.stem for path in PAYLOADS.glob("*.json") if f'"{path.stem}"' not in source] == []


# Notes ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_note_has_its_marks_and_files(workspace: Workspace, globex: Channel) -> None:
    conversation = cast.make_conversation(channel=globex)
    triage = cast.make_channel(workspace=workspace, kind=ChannelKind.TRIAGE, external_id="C0TRIAGE")
    Link.objects.create(
        workspace=workspace, conversation=conversation, installation=Installation.objects.get(),
        kind=LinkKind.TRIAGE_POST, place=triage.external_id, external_id="1772441000.000100",
    )  # fmt: skip
    payload = recorded("from_a_teammate")
    payload["event"] |= {
        "channel": "C0TRIAGE", "thread_ts": "1772441000.000100", "text": "They *insist*", "channel_type": "channel",
        "files": recorded("file_shared")["event"]["files"], "subtype": "file_share",
    }  # fmt: skip
    assert work(payload) == ["note"]
    note = the_message()
    assert (note.kind, note.html, note.files[0]["id"]) == (MessageKind.NOTE, "They <strong>insist</strong>", "F0SHOT")


# What Slack's own framework is tested with ────────────────────────────────────────────────────────────


def test_all_of_them_are_accepted_and_settled(
    client: Client, shared_payloads: list[tuple[str, Any]], settings: Settings
) -> None:
    settings.SLACK_SIGNING_SECRET = SECRET
    for name, payload in shared_payloads:
        posted = payload["payload"] if name.startswith("socket.") else payload
        team_id = team_of(posted)
        if team_id and not Installation.objects.filter(external_id=team_id).exists():
            cast.make_installation(workspace=cast.make_workspace(name=team_id), external_id=team_id)
        is_event = "event" in posted or posted.get("type") == "url_verification"
        fields = posted if "command" in posted else {"payload": json.dumps(posted)}
        raw = (json.dumps(posted) if is_event else urlencode(fields)).encode()
        content_type = JSON if is_event else FORM
        response = client.post("/slack/events", raw, content_type=content_type, headers=signed(raw))
        assert response.status_code == 200, name
    drain()
    rows = InboundEvent.objects.all()
    assert rows.count() > 40
    for row in rows:
        assert row.error == "", row.body
        assert (row.processed_at and row.outcome) or row.next_attempt_at, row.body
    waiting = {row.kind for row in rows if not row.processed_at}
    assert waiting <= {LOOK_AGAIN}, "our own: until Slack tells what the channels are"
