"""The post as Slack takes it, whatever a customer wrote, and as its reader sees it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from slack_sdk.models.blocks import Block

from accounts.models import Channel, Contact, User
from conversations.models import Automatic, Conversation, EventKind, Message, Priority
from conversations.status import Status
from integrations.models import Installation
from integrations.slack.triage_post import ACKNOWLEDGE, METADATA, draw, draw_moved, escape, permalink
from tests import cast
from tests.sandbox_process import SandboxProcess

HOSTILE = {
    "mentions": "<!channel> <!here> <@U0DANA0001> <#C1> @channel @here @everyone",
    "markup": "*bold* _it_ ~gone~ `code` <https://evil.example|our bank> &amp; &lt;",
    "40,000 characters": "word " * 8_000,
    "one long word": "x" * 40_000,
    "only escapes": "&<>" * 20_000,
    "1 MB": "y" * 1_000_000,
    "many lines": "line\n" * 5_000,
    "empty lines": "\n" * 3_000,
    "emoji": "👨‍👩‍👧‍👦" * 3_000,
    "right to left": "\u202eمرحبا\u202c שלום \u200f" * 500,
    "a code block": "```\n" + "SELECT 1 & 2 < 3;\n" * 500,
    "control characters": "\x01\x02\x1b[31m\x7f\u2028\u0085" * 300,
    "spaces": "   \t ",
    "nothing": "",
}


OURS = re.compile(
    r"<(http://127\.0\.0\.1:8000/conversations/|@U|!date\^|https://acme\.slack\.example/archives/|https://globex\.example/)"
)
"""What a post may refer to: ours, Slack's, and a ticket in a support tool."""
UNESCAPED = re.compile(r"&(?!amp;|lt;|gt;)")


@pytest.fixture
def conversation(channel: Channel, contact: Contact, request: pytest.FixtureRequest) -> Conversation:
    return cast.say("The export is empty", channel=channel, by=contact).conversation


def parts(drawing: dict[str, Any]) -> list[dict[str, Any]]:
    """The text objects of its sections and contexts."""
    objects = [block["text"] for block in drawing["blocks"] if "text" in block]
    return objects + [e for block in drawing["blocks"] if block["type"] == "context" for e in block["elements"]]


def texts(drawing: dict[str, Any]) -> list[str]:
    return [part["text"] for part in parts(drawing)]


def check(drawing: dict[str, Any]) -> None:
    """Within the limits of Slack's own SDK, and nothing of a customer's is live."""
    for block in Block.parse_all(drawing["blocks"]):
        block.validate_json()
    assert sum(map(len, texts(drawing))) < 13_200
    for text in [drawing["text"], *texts(drawing)]:
        assert 0 < len(text) <= 3_000
        assert not UNESCAPED.search(text)
        assert all(OURS.match(reference) for reference in re.findall(r"<[^>]*>?", text))
    assert all((part["type"], part["verbatim"]) == ("mrkdwn", True) for part in parts(drawing))


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text(installation: Installation, channel: Channel, text: str, status: Status) -> None:
    name = (text.strip() or "?")[:120]
    channel.account.name = name  # type: ignore[union-attr]
    channel.account.save()  # type: ignore[union-attr]
    contact = cast.make_contact(workspace=channel.workspace, account=channel.account, name=name)
    conversation = cast.say(text, channel=channel, by=contact).conversation
    conversation.set_status(status, by=Automatic("rule", text[:300]))
    check(draw(conversation, installation))


def test_slack_takes_them_all(acme: Installation, sandbox: SandboxProcess) -> None:
    """Said in one test, because each costs a call: the sandbox refuses what Slack is known to refuse."""
    channel = cast.make_channel(workspace=acme.workspace)
    contact = cast.make_contact(workspace=acme.workspace)
    for text in HOSTILE.values():
        conversation = cast.say(text, channel=channel, by=contact, ago=timedelta(days=1)).conversation
        answer = sandbox.web_api("chat.postMessage", channel="C0TRIAGE01", **draw(conversation, acme))
        assert answer["ok"], answer
        answer = sandbox.web_api("chat.update", channel="C0TRIAGE01", ts=answer["ts"], **draw(conversation, acme))
        assert answer["ok"], answer


def test_what_it_shows(installation: Installation, conversation: Conversation, dana: User) -> None:
    heading, quote, facts, controls = draw(conversation, installation)["blocks"]
    page = f"http://127.0.0.1:8000/conversations/{conversation.number}/"
    assert heading["text"]["text"] == (
        f"🔴 To Do  ·  `G` *Globex*  ·  <{page}|#{conversation.number} The export is empty>"
    )
    assert re.fullmatch(r"\*Hank Scorpio\*  ·  <!date\S+ \S+\|.+ UTC>\n>The export is empty", quote["text"]["text"])
    told = facts["elements"][0]["text"]
    assert told.startswith(f"Owner: <@{dana.external_id}>  ·  #ext-globex  ·  1 message  ·  waiting since <!date^")
    assert told.endswith("|View in Slack>")
    assert [(e["action_id"], e["type"], e.get("url")) for e in controls["elements"]] == [
        (ACKNOWLEDGE, "button", None),
        ("status", "static_select", None),
        ("assign_me", "button", None),
        ("assign", "users_select", None),
        ("snooze", "static_select", None),
        ("open", "button", page),
    ]
    assert controls["elements"][1]["initial_option"]["value"] == "todo"
    assert controls["elements"][3]["initial_user"] == dana.external_id


def test_what_else_it_tells(installation: Installation, conversation: Conversation, dana: User) -> None:
    conversation.prioritise(Priority.URGENT, by=dana)
    conversation.tag(["billing", "export"], by=dana)
    conversation.snooze(timezone.now() + timedelta(days=1), by=dana)
    conversation.response_due_at = timezone.now() + timedelta(hours=1)
    drawing = draw(conversation, installation)
    told = texts(drawing)[2]
    for words in ("🚨 Urgent", "answer due <!date^", "💤 snoozed until <!date^", "billing, export"):
        assert words in told
    assert [e["action_id"] for e in drawing["blocks"][3]["elements"]][4] == "wake"
    conversation.response_due_at = timezone.now() - timedelta(hours=1)
    assert "*overdue* since <!date^" in texts(draw(conversation, installation))[2]


def test_menus_forget_what_was_chosen_before(
    installation: Installation, conversation: Conversation, dana: User
) -> None:
    before = draw(conversation, installation)["blocks"][3]["block_id"]
    conversation.start(by=dana)
    after = draw(conversation, installation)["blocks"][3]
    assert after["block_id"] != before
    assert after["elements"][1]["initial_option"]["value"] == "in_progress"


@pytest.mark.parametrize(
    ("name", "letter"),
    [("Globex", "`G` "), ("initech", "`I` "), ("Жук", "`Ж` "), ("ß", "`S` "), ("<b>", ""), ("`", "")],
)
def test_the_accounts_letter(installation: Installation, conversation: Conversation, name: str, letter: str) -> None:
    conversation.account = cast.make_account(workspace=installation.workspace, name=name + "!")
    assert f"·  {letter}*" in texts(draw(conversation, installation))[0]


def test_the_newest_of_the_talk_is_shown(installation: Installation, conversation: Conversation, dana: User) -> None:
    cast.say("Taking a look", channel=conversation.channel, by=dana)
    conversation.refresh_from_db()
    conversation.add_note("Not for the customer", by=dana)
    drawing = draw(conversation, installation)
    assert "Taking a look" in texts(drawing)[1]
    assert "🟡" in texts(drawing)[0]
    assert "Not for the customer" not in str(drawing)


def test_a_deleted_message_is_not_shown(installation: Installation, conversation: Conversation) -> None:
    conversation.messages.update(deleted_at=datetime.now(UTC))
    assert len(draw(conversation, installation)["blocks"]) == 3
    assert "Hank" not in str(draw(conversation, installation)["blocks"])


def test_files_without_text_are_named(installation: Installation, channel: Channel, contact: Contact) -> None:
    conversation = cast.say("", channel=channel, by=contact, files=[{"name": "trace <1>.txt"}]).conversation
    assert texts(draw(conversation, installation))[1].endswith(" UTC>\n>trace &lt;1&gt;.txt")


def test_closed_it_is_one_line(installation: Installation, conversation: Conversation, dana: User) -> None:
    conversation.close(by=dana)
    line, controls = draw(conversation, installation)["blocks"]
    assert line["text"]["text"].startswith("🟢 Closed  ·  `G` *Globex*  ·  <http")
    assert "Closed: Dana Reyes closed it  ·  <!date^" in line["text"]["text"]
    assert "\n" not in line["text"]["text"]
    assert [e["action_id"] for e in controls["elements"]] == ["undo", "reopen", "open"]
    event = conversation.events.get(kind=EventKind.STATUS_CHANGED)
    assert controls["elements"][0]["value"] == str(event.pk)


def test_closed_by_a_reply_it_quotes_it(installation: Installation, conversation: Conversation, dana: User) -> None:
    cast.say("I just confirmed with the team, it is <fixed>.", channel=conversation.channel, by=dana)
    conversation.refresh_from_db()
    line = texts(draw(conversation, installation))[0]
    assert "Closed: Dana Reyes replied “I just confirmed with the team, it is &lt;fixed&gt;.”" in line


@pytest.mark.parametrize("status", list(Status))
def test_hidden_it_shows_nothing_that_was_said(
    installation: Installation, conversation: Conversation, dana: User, status: Status
) -> None:
    cast.say("I just confirmed with the team: a broken index.", channel=conversation.channel, by=dana)
    conversation.refresh_from_db()
    conversation.set_status(status, by=dana)
    drawing = draw(conversation, installation, is_hidden=True)
    check(drawing)
    assert not re.search("export|index|confirmed", str(drawing))
    assert ("Hidden: people from outside" in str(drawing)) is (status != Status.CLOSED)
    cast.say("The export is empty again?", channel=conversation.channel, by=dana)
    assert "export" not in str(draw_moved(conversation, ["#triage"], is_hidden=True))


def test_without_owner_and_account(installation: Installation) -> None:
    channel = cast.make_channel(workspace=installation.workspace, name="ext-initech")
    conversation = cast.make_conversation(channel=channel, owner=None)
    drawing = draw(conversation, installation)
    assert "*#ext-initech*" in texts(drawing)[0]
    assert "Owner: nobody" in str(drawing)


def test_it_carries_its_mark(installation: Installation, conversation: Conversation) -> None:
    drawing = draw(conversation, installation)
    assert drawing["metadata"]["event_type"] == METADATA
    assert drawing["metadata"]["event_payload"]["number"] == conversation.number


def test_the_quote_says_when_there_is_more(installation: Installation, channel: Channel, contact: Contact) -> None:
    quoted = [
        texts(draw(cast.say(text, channel=channel, by=contact, ago=timedelta(days=n)).conversation, installation))[1]
        for n, text in enumerate(["short\r\nlines", "x" * 1_300, "a\n" * 30, "&" * 1_000], start=1)
    ]
    assert [text.endswith("…") for text in quoted] == [False, True, True, True]
    assert quoted[0].endswith(" UTC>\n>short\n>lines")
    assert quoted[3].endswith("&amp;…")


def test_escape() -> None:
    assert escape("a & b <!channel> &lt;") == "a &amp; b &lt;!channel&gt; &amp;lt;"


def test_the_permalink_is_slacks(acme: Installation, sandbox: SandboxProcess) -> None:
    root = sandbox.post_message("#support-triage", "dana", "Hi")
    reply = sandbox.post_message("#support-triage", "dana", "Ho", thread_ts=root)
    for message in (Message(ts=root), Message(ts=reply, thread_ts=root)):
        theirs = sandbox.web_api("chat.getPermalink", channel="C0TRIAGE01", message_ts=message.ts)["permalink"]
        ours = permalink(message, acme, "C0TRIAGE01")
        assert ours.partition("/archives/")[2] == theirs.partition("/archives/")[2]
