from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Channel, Contact, User
from conversations import timeline
from conversations.models import Conversation, EventKind, Message
from conversations.services import delete_message, edit_message
from conversations.status import Status
from tests import cast

Post = Callable[..., object]


@pytest.fixture
def conversation(channel: Channel, contact: Contact) -> Conversation:
    return cast.say("The export is empty.\nSince Monday.", channel=channel, by=contact).conversation


@pytest.fixture
def as_dana(client: Client, dana: User) -> Client:
    client.force_login(dana)
    return client


def url(conversation: Conversation, part: str = "") -> str:
    return f"/conversations/{conversation.number}/{part}"


PAGES = [("get", ""), ("post", "status/"), ("post", "owner/"), ("post", "notes/")]


@pytest.mark.parametrize(("method", "part"), PAGES)
def test_a_stranger_finds_nothing(
    client: Client, stranger: User, conversation: Conversation, method: str, part: str
) -> None:
    client.force_login(stranger)
    fields = {"status": "closed", "owner": "", "text": "hello"}
    assert getattr(client, method)(url(conversation, part), fields).status_code == 404
    conversation.refresh_from_db()
    assert (conversation.version, conversation.owner_id is None) == (1, False)


@pytest.mark.parametrize(("method", "part"), PAGES)
def test_who_is_signed_out_is_sent_to_sign_in(
    client: Client, conversation: Conversation, method: str, part: str
) -> None:
    response = getattr(client, method)(url(conversation, part))
    assert response.status_code == 302
    assert response["Location"].startswith("/sign-in/")


def test_changes_need_a_post(as_dana: Client, conversation: Conversation) -> None:
    for part in ("status/", "owner/", "notes/"):
        assert as_dana.get(url(conversation, part)).status_code == 405


def test_status_by_the_form_works_without_a_script(as_dana: Client, conversation: Conversation, dana: User) -> None:
    response = as_dana.post(url(conversation, "status/"), {"status": "closed", "from": "todo"})
    assert (response.status_code, response["Location"]) == (302, url(conversation))
    conversation.refresh_from_db()
    assert conversation.status == Status.CLOSED
    assert conversation.events.get(kind=EventKind.STATUS_CHANGED).by_user == dana


def test_the_boards_drop_is_answered_with_what_changed(as_dana: Client, conversation: Conversation) -> None:
    fields = {"status": "in_progress", "from": "todo", "answer": "changes"}
    response = as_dana.post(url(conversation, "status/"), fields)
    assert response.status_code == 200
    assert f'id="card-{conversation.pk}"' in response.content.decode()
    assert '<b data-count="in_progress">1</b>' in response.content.decode()


def test_who_comes_second_is_told_who_was_first(as_dana: Client, conversation: Conversation, omar: User) -> None:
    conversation.start(by=omar)
    fields = {"status": "closed", "from": "todo", "answer": "changes"}
    response = as_dana.post(url(conversation, "status/"), fields)
    assert response.status_code == 409
    assert "Omar Haddad moved it to In Progress meanwhile." in response.content.decode()
    assert 'data-status="in_progress"' in response.content.decode()
    conversation.refresh_from_db()
    assert conversation.status == Status.IN_PROGRESS


def test_on_the_page_who_comes_second_is_told_as_well(as_dana: Client, conversation: Conversation, omar: User) -> None:
    conversation.start(by=omar)
    response = as_dana.post(url(conversation, "status/"), {"status": "closed", "from": "todo"})
    assert response.status_code == 409
    assert "Omar Haddad moved it to In Progress meanwhile." in response.content.decode()


def test_two_who_want_the_same_agree(as_dana: Client, conversation: Conversation, omar: User) -> None:
    conversation.close(by=omar)
    response = as_dana.post(url(conversation, "status/"), {"status": "closed", "from": "todo", "answer": "changes"})
    assert response.status_code == 200
    assert conversation.events.filter(kind=EventKind.STATUS_CHANGED).count() == 1


@pytest.mark.parametrize("fields", [{}, {"status": "done"}, {"status": "closed", "from": "nowhere"}])
def test_an_unknown_status_is_refused(as_dana: Client, conversation: Conversation, fields: dict[str, str]) -> None:
    assert as_dana.post(url(conversation, "status/"), fields).status_code == 400


def test_owner_can_be_changed_and_taken_away(as_dana: Client, conversation: Conversation, omar: User) -> None:
    as_dana.post(url(conversation, "owner/"), {"owner": omar.pk})
    conversation.refresh_from_db()
    assert conversation.owner == omar
    as_dana.post(url(conversation, "owner/"), {"owner": ""})
    conversation.refresh_from_db()
    assert conversation.owner is None


def test_a_stranger_can_not_become_owner(
    as_dana: Client, conversation: Conversation, stranger: User, dana: User
) -> None:
    for owner in (stranger.pk, "x", "9" * 30):
        assert as_dana.post(url(conversation, "owner/"), {"owner": owner}).status_code == 404
    conversation.refresh_from_db()
    assert conversation.owner == dana


def test_a_note_stands_in_the_timeline_as_internal(as_dana: Client, conversation: Conversation) -> None:
    as_dana.post(url(conversation, "notes/"), {"text": " Ask finance. "})
    page = as_dana.get(url(conversation)).content.decode()
    assert "Ask finance." in page
    assert "message-note" in page
    assert "Only your team sees this" in page


@pytest.mark.parametrize("text", ["", "  \n", "\x00", "x" * 10_001])
def test_an_empty_or_endless_note_is_refused_and_kept_in_the_form(
    as_dana: Client, conversation: Conversation, text: str
) -> None:
    response = as_dana.post(url(conversation, "notes/"), {"text": text})
    assert response.status_code == 422
    assert text.replace("\x00", "").strip() in response.content.decode()
    assert not conversation.messages.filter(kind="note").exists()


def test_events_are_told_with_who_and_why(
    as_dana: Client, conversation: Conversation, channel: Channel, dana: User, omar: User
) -> None:
    first = conversation.messages.get()
    cast.say("Taking a look, one moment.", channel=channel, by=dana, thread_ts=first.ts)
    conversation.assign(omar, by=dana)
    page = as_dana.get(url(conversation)).content.decode()
    assert "Pylon moved it to In Progress</b>: We answered without concluding" in page
    assert "Dana Reyes made Omar Haddad the owner" in page


def test_each_message_can_say_why_it_is_here(as_dana: Client, conversation: Conversation) -> None:
    message = conversation.messages.get()
    page = as_dana.get(url(conversation)).content.decode()
    assert "Why is this message here?" in page
    assert message.grouping_reason in page


def test_edited_messages_are_marked_and_deleted_ones_are_not_shown(
    as_dana: Client, conversation: Conversation, channel: Channel
) -> None:
    message = conversation.messages.get()
    edit_message(channel=channel, ts=str(message.ts), text="Reworded.", edited_at=timezone.now())
    page = as_dana.get(url(conversation)).content.decode()
    assert "Reworded." in page
    assert "edited" in page
    delete_message(channel=channel, ts=str(message.ts), deleted_at=timezone.now())
    page = as_dana.get(url(conversation)).content.decode()
    assert "Reworded." not in page
    assert "This message was deleted" in page


def test_the_timeline_is_read_in_pages(
    as_dana: Client, conversation: Conversation, channel: Channel, contact: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeline, "PAGE", 2)
    root = conversation.messages.get()
    for n in range(4):
        at = timezone.now() + timedelta(minutes=n)
        cast.say(f"Line {n}", channel=channel, by=contact, thread_ts=root.ts, at=at)
    seen: list[str] = []
    before = None
    while True:
        part = timeline.read(conversation, before=before)
        seen = [entry.message.text for entry in part.entries if entry.message] + seen
        before = part.earlier
        if before is None:
            break
        assert f"?before={before}" in as_dana.get(url(conversation)).content.decode() or not part.is_newest
    assert seen == ["The export is empty.\nSince Monday.", "Line 0", "Line 1", "Line 2", "Line 3"]


def test_a_bad_address_is_a_bad_request(as_dana: Client, conversation: Conversation) -> None:
    assert as_dana.get(url(conversation), {"before": "yesterday"}).status_code == 400
    assert as_dana.get("/board/", {"column": "done"}).status_code == 400
    assert as_dana.get("/board/", {"column": "todo", "after": "1"}).status_code == 400
    assert as_dana.get("/board/", {"owner": "x", "account": "-1"}).status_code == 200


def test_more_of_a_column_comes_alone_for_a_script_and_as_a_page_without(
    as_dana: Client, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conversations.board.PAGE", 1)
    now = timezone.now()
    cast.make_conversation(channel=channel, title="Newer matter", opened_at=now)
    older = cast.make_conversation(channel=channel, title="Older matter", opened_at=now - timedelta(hours=1))
    page = as_dana.get("/board/").content.decode()
    assert "Older matter" not in page
    after = page.partition("after=")[2].partition('"')[0]
    part = as_dana.get("/board/", {"column": "todo", "after": after}, headers={"HX-Request": "true"})
    assert part.content.decode().strip().startswith(f'<li class="card" id="card-{older.pk}"')
    whole = as_dana.get("/board/", {"column": "todo", "after": after}).content.decode()
    assert "Older matter" in whole
    assert "<html" in whole


def test_mine_shows_mine(as_dana: Client, channel: Channel, omar: User) -> None:
    cast.make_conversation(channel=channel, title="Danas matter")
    cast.make_conversation(channel=channel, title="Omars matter", owner=omar)
    page = as_dana.get("/board/", {"owner": "mine"}).content.decode()
    assert "Danas matter" in page
    assert "Omars matter" not in page


def test_an_empty_board_says_what_to_do_first(as_dana: Client) -> None:
    assert "/invite @Pylon" in as_dana.get("/board/").content.decode()


def test_sign_in_leads_to_the_board(client: Client, dana: User) -> None:
    assert client.get("/").headers["Location"] == "/board/"
    wrong = client.post("/sign-in/", {"username": "dana@acme.example", "password": "wrong"})
    assert "notice-error" in wrong.content.decode()
    right = client.post("/sign-in/", {"username": "Dana@ACME.example", "password": cast.PASSWORD})
    assert right.headers["Location"] == "/board/"


@pytest.mark.parametrize("text", ["<img src=x onerror=alert(1)>", "javascript:alert(1)", "`<b>`", "```\n<i>\n```"])
def test_written_text_runs_nothing(as_dana: Client, conversation: Conversation, text: str) -> None:
    Message.objects.filter(conversation=conversation).update(
        text=text, files=[{"name": text, "permalink": "javascript:alert(1)"}]
    )
    page = as_dana.get(url(conversation)).content.decode()
    assert text not in page or "<" not in text
    assert 'href="javascript' not in page
