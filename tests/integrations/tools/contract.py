"""What every adapter must do: run by each tool's own test module over a stand-in for the tool that keeps state.

    class TestConsole(AdapterContract):
        @pytest.fixture
        def side(self, ...) -> Side: ...

Adapters that talk HTTP are run over HTTP: `Side.fails` is where the stand-in is told to misbehave.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import uuid4

import pytest

from conversations.status import Status
from integrations.tools.errors import Gone, Refused, ToolError, Unauthorised, Unreachable, Unsupported
from integrations.tools.matching import is_word_for_word
from integrations.tools.protocol import Adapter, Counterpart, File, NewComment, NewTicket, Person

HANK = Person("Hank Scorpio", "hank@globex.example", key="slack:W000001")
DANA = Person("Dana Reyes", "dana@acme.example", is_ours=True, key="slack:U000001")
ODD = 'Totals < 5 & "zero" > 0 – <b>not bold</b> 🙈\n\nSecond line: it’s 100 % off'
AT = datetime(2026, 11, 20, 10, 3, tzinfo=UTC)


class Failure(StrEnum):
    """What the next call meets."""

    BUSY = "busy"
    """429, wait 7 seconds"""
    BROKEN = "broken"
    """500"""
    UNAUTHORISED = "unauthorised"
    """The credentials are not taken; for all calls from now on."""
    LOST = "lost"
    """It is done, and the connection breaks before the answer. The next call that writes."""


class Side(ABC):
    """The tool's side, as people and the vendor's servers act there. `agent`: the address of somebody who can own a
    ticket there."""

    adapter: Adapter
    agent: str
    can_fail = True

    @abstractmethod
    def comment(self, ticket: str, text: str, *, is_public: bool = True) -> str:
        """The agent writes. Answers the comment's id."""

    @abstractmethod
    def set_status(self, ticket: str, status: str) -> None: ...

    @abstractmethod
    def set_owner(self, ticket: str, email: str) -> None: ...

    @abstractmethod
    def remove(self, ticket: str) -> None: ...

    def fails(self, how: Failure) -> None:
        raise NotImplementedError

    def webhook(self, ticket: str) -> tuple[dict[str, str], bytes]:
        """The request that the tool makes after a change of the ticket: its headers, in lower case, and its body."""
        raise NotImplementedError

    def files(self, ticket: str, comment: str) -> list[tuple[str, bytes]] | None:  # noqa: ARG002 - for those that keep them
        """What was attached to a comment; None where the stand-in keeps no files."""
        return None


def new_comment(text: str = "It broke again.", **fields: Any) -> NewComment:
    base = NewComment(
        key=uuid4().hex, text=text, html="", author=HANK, at=AT, is_public=True,
        heading="Hank Scorpio in Slack, 20 Nov 2026 10:03 UTC", url="https://pylon.example/conversations/12/#message-3",
    )  # fmt: skip
    return replace(base, **fields)


def new_ticket(**fields: Any) -> NewTicket:
    base = NewTicket(
        key=uuid4().hex, subject="The export is empty", requester=HANK, opening=new_comment("The export is empty."),
        url="https://pylon.example/conversations/12/",
    )  # fmt: skip
    return replace(base, **fields)


class AdapterContract:
    @pytest.fixture
    def adapter(self, side: Side) -> Adapter:
        return side.adapter

    @pytest.fixture
    def ticket(self, adapter: Adapter) -> Counterpart:
        choices = adapter.choices()
        fields = {one.name: one.default for one in choices.fields if one.default}
        return adapter.create(new_ticket(fields=fields, status=choices.status_out[Status.TODO]))

    # Setting up ───────────────────────────────────────────────────────────────────────────────────────

    def test_the_test_button_finds_nothing_missing(self, adapter: Adapter) -> None:
        findings = adapter.check()
        assert findings
        assert all(finding.is_good and not finding.advice for finding in findings), findings

    def test_the_defaults_map_each_status_there_and_back(self, adapter: Adapter) -> None:
        choices = adapter.choices()
        known = {choice.value for choice in choices.statuses}
        assert set(choices.status_out) == set(Status.values)
        assert set(choices.status_out.values()) | set(choices.status_in) <= known
        assert all(choices.status_in[theirs] == ours for ours, theirs in choices.status_out.items())

    def test_fields_offer_their_default(self, adapter: Adapter) -> None:
        for field in adapter.choices().fields:
            assert field.default in {"", *(option.value for option in field.options)}
            assert field.label

    def test_agents_have_addresses(self, side: Side) -> None:
        assert side.agent in {agent.email for agent in side.adapter.choices().agents}

    # Making and finding ───────────────────────────────────────────────────────────────────────────────

    def test_a_ticket_is_made_as_told(self, adapter: Adapter) -> None:
        choices = adapter.choices()
        status = choices.status_out[Status.IN_PROGRESS]
        told = new_ticket(
            subject=f"Subject {ODD}".replace("\n", " "), opening=new_comment(ODD), status=status,
            fields={one.name: one.default for one in choices.fields if one.default},
        )  # fmt: skip
        made = adapter.create(told)
        assert made.number
        assert made.url.startswith("http")
        assert (made.status, made.title) == (status, told.subject[:200])
        assert plain(adapter.get(made.external_id)) == plain(made)

    def test_what_was_made_is_found_by_its_key(self, adapter: Adapter) -> None:
        told = new_ticket()
        made = adapter.create(told)
        found = adapter.created(told.key)
        assert found is not None
        assert (found.external_id, found.opening_id) == (made.external_id, made.opening_id)
        assert adapter.created(uuid4().hex) is None

    def test_a_ticket_is_found_by_number_address_and_words(self, adapter: Adapter) -> None:
        made = adapter.create(new_ticket(subject="Quicksilver pump 4711 leaks"))
        for text in [made.number, made.url, "Quicksilver"]:
            assert made.external_id in [found.external_id for found in adapter.find(text)], text
        assert adapter.find("xylophonic nonsense nobody wrote") == []

    def test_a_search_takes_any_text(self, adapter: Adapter) -> None:
        for text in ["", "' OR 1=1 --", 'a"b\\c', "#", "http://", "🙈", "9" * 30, "status:open {x} *"]:
            assert len(adapter.find(text)) <= 10, text

    # Saying ───────────────────────────────────────────────────────────────────────────────────────────

    def test_the_opening_is_told_with_its_key_or_not_at_all(self, adapter: Adapter) -> None:
        told = new_ticket()
        made = adapter.create(told)
        comments = adapter.comments(made.external_id)
        assert [comment.key for comment in comments] in ([told.opening.key], [])
        assert all(comment.external_id == made.opening_id for comment in comments)

    def test_comments_come_back_as_they_were_sent(self, adapter: Adapter, ticket: Counterpart) -> None:
        told = [new_comment("First"), new_comment(ODD, author=DANA), new_comment("Third", html="<b>Third</b>")]
        ids = [adapter.add(ticket.external_id, comment) for comment in told]
        ours = {one.external_id: one for one in adapter.comments(ticket.external_id) if one.external_id in ids}
        assert list(ours) == ids
        for comment, pk in zip(told, ids, strict=True):
            assert ours[pk].key == comment.key
            assert ours[pk].is_public == adapter.can.public
            assert squeezed(comment.text) in squeezed(ours[pk].text)
            assert is_word_for_word(comment, ours[pk])
            assert not is_word_for_word(replace(comment, text="Something else", html=""), ours[pk])

    def test_a_private_comment_stays_private(self, adapter: Adapter, ticket: Counterpart) -> None:
        if not adapter.can.private:
            pytest.skip("this tool shows customers everything")
        added = adapter.add(ticket.external_id, new_comment("They never pay", author=DANA, is_public=False))
        assert one_of(adapter, ticket, added).is_public is False

    def test_long_comments_are_taken_up_to_what_the_tool_says(self, adapter: Adapter, ticket: Counterpart) -> None:
        text = "An awfully long story. " * (min(adapter.can.longest_text, 20_000) // 23)
        added = adapter.add(ticket.external_id, new_comment(text))
        assert squeezed(text)[:1000] in squeezed(one_of(adapter, ticket, added).text)

    def test_files_go_over(self, side: Side, ticket: Counterpart) -> None:
        file = File("größe.csv", "text/csv", 9, lambda: b"a;b\n1;2\n\x00", "https://acme.slack.example/files/F1")
        added = side.adapter.add(ticket.external_id, new_comment("See this", files=[file]))
        kept = side.files(ticket.external_id, added)
        if kept is not None:
            assert kept == [("größe.csv", b"a;b\n1;2\n\x00")]
        assert one_of(side.adapter, ticket, added).key

    def test_an_edit_follows_or_is_said_to_be_impossible(self, adapter: Adapter, ticket: Counterpart) -> None:
        told = new_comment("Frist")
        added = adapter.add(ticket.external_id, told)
        if not adapter.can.edits:
            with pytest.raises(Unsupported):
                adapter.edit(ticket.external_id, added, replace(told, text="First"))
            return
        adapter.edit(ticket.external_id, added, replace(told, text="First"))
        edited = one_of(adapter, ticket, added)
        assert "First" in edited.text
        assert "Frist" not in edited.text
        assert edited.key == told.key

    def test_a_deletion_follows_or_is_said_to_be_impossible(self, adapter: Adapter, ticket: Counterpart) -> None:
        added = adapter.add(ticket.external_id, new_comment("Oops: hunter2"))
        if not adapter.can.deletes:
            with pytest.raises(Unsupported):
                adapter.delete(ticket.external_id, added)
            return
        adapter.delete(ticket.external_id, added)
        assert "hunter2" not in str(adapter.comments(ticket.external_id))
        adapter.delete(ticket.external_id, added)  # what is gone is gone

    def test_the_status_follows(self, adapter: Adapter, ticket: Counterpart) -> None:
        for status in [*adapter.choices().status_out.values(), adapter.choices().status_out[Status.TODO]]:
            adapter.set_status(ticket.external_id, status)
            assert adapter.get(ticket.external_id).status == status

    def test_an_unknown_status_is_refused_for_good(self, adapter: Adapter, ticket: Counterpart) -> None:
        with pytest.raises(ToolError) as refused:
            adapter.set_status(ticket.external_id, "no-such-status")
        assert refused.value.permanent

    def test_the_owner_follows_by_address(self, side: Side, ticket: Counterpart) -> None:
        adapter = side.adapter
        assert adapter.set_owner(ticket.external_id, side.agent) is True
        assert owner_of(adapter, ticket) == side.agent
        assert adapter.set_owner(ticket.external_id, "nobody@nowhere.example") is False
        assert owner_of(adapter, ticket) == side.agent
        adapter.set_owner(ticket.external_id, "")
        assert owner_of(adapter, ticket) == ""

    # Hearing ──────────────────────────────────────────────────────────────────────────────────────────

    def test_what_people_there_write_is_theirs(self, side: Side, ticket: Counterpart) -> None:
        written = side.comment(ticket.external_id, ODD)
        found = one_of(side.adapter, ticket, written)
        assert (found.key, found.is_public) == ("", side.adapter.can.public)
        assert squeezed(ODD) == squeezed(found.text)
        assert found.author.name
        assert found.author.email == side.agent
        assert found.author.is_ours

    def test_what_people_there_write_privately_is_private(self, side: Side, ticket: Counterpart) -> None:
        if side.adapter.can.private:
            written = side.comment(ticket.external_id, "Careful with them", is_public=False)
            assert one_of(side.adapter, ticket, written).is_public is False

    def test_what_people_there_change_is_seen(self, side: Side, ticket: Counterpart) -> None:
        before = side.adapter.get(ticket.external_id)
        solved = side.adapter.choices().status_out[Status.CLOSED]
        side.set_status(ticket.external_id, solved)
        side.set_owner(ticket.external_id, side.agent)
        after = side.adapter.get(ticket.external_id)
        assert (after.status, owner_of(side.adapter, ticket)) == (solved, side.agent)
        assert after.version != before.version or not after.version

    def test_a_deleted_ticket_is_gone_for_all_calls(self, side: Side, ticket: Counterpart) -> None:
        adapter, pk = side.adapter, ticket.external_id
        side.remove(pk)
        calls: Sequence[Callable[[], object]] = [
            lambda: adapter.get(pk), lambda: adapter.comments(pk), lambda: adapter.add(pk, new_comment()),
            lambda: adapter.set_status(pk, ticket.status), lambda: adapter.get("no-such-id"),
        ]  # fmt: skip
        for call in calls:
            with pytest.raises(Gone):
                call()

    def test_a_poll_tells_what_was_touched_and_then_nothing(self, side: Side, ticket: Counterpart) -> None:
        if side.adapter.can.polls is None:
            pytest.skip("this tool tells by webhooks alone")
        cursor = settled(side.adapter, side.adapter.changes("").cursor)[1]
        side.comment(ticket.external_id, "News")
        touched, cursor = settled(side.adapter, cursor)
        assert touched == {ticket.external_id}
        assert len(cursor) <= 300

    def test_a_webhook_is_taken_and_names_its_ticket(self, side: Side, ticket: Counterpart) -> None:
        if not side.adapter.can.webhooks:
            pytest.skip("this tool sends no webhooks")
        side.comment(ticket.external_id, "News")
        headers, body = side.webhook(ticket.external_id)
        webhook = side.adapter.verify(headers, body)
        assert webhook.external_id
        assert webhook.kind
        assert side.adapter.verify(headers, body) == webhook
        assert side.adapter.touched(body.decode()) == [ticket.external_id]

    def test_a_webhook_that_is_not_the_tools_is_refused(self, side: Side, ticket: Counterpart) -> None:
        if not side.adapter.can.webhooks:
            pytest.skip("this tool sends no webhooks")
        headers, body = side.webhook(ticket.external_id)
        bare = {name: value for name, value in headers.items() if name.startswith("content-")}
        nonsense = {name: value if name in bare else f"{value}x" for name, value in headers.items()}
        for wrong_headers, wrong_body in [(headers, body + b" "), (bare, body), (nonsense, body), (headers, b"")]:
            with pytest.raises(Refused):
                side.adapter.verify(wrong_headers, wrong_body)

    @pytest.mark.parametrize("body", ["", "{}", "[]", "null", '{"a": [1', "\x00", '{"id": {"id": []}}', "7"])
    def test_a_body_that_says_nothing_is_no_crash(self, adapter: Adapter, body: str) -> None:
        with suppress(ValueError):
            assert adapter.touched(body) == []

    # Trouble ──────────────────────────────────────────────────────────────────────────────────────────

    def test_a_tool_that_is_busy_says_when_to_come_back(self, side: Side, ticket: Counterpart) -> None:
        self._fails(side, Failure.BUSY)
        with pytest.raises(Unreachable) as error:
            side.adapter.get(ticket.external_id)
        assert error.value.retry_after == pytest.approx(7, abs=1)
        assert side.adapter.get(ticket.external_id).external_id == ticket.external_id

    def test_a_tool_that_is_broken_is_tried_again(self, side: Side, ticket: Counterpart) -> None:
        self._fails(side, Failure.BROKEN)
        with pytest.raises(Unreachable) as error:
            side.adapter.comments(ticket.external_id)
        assert not error.value.permanent

    def test_credentials_that_are_not_taken(self, side: Side, ticket: Counterpart) -> None:
        self._fails(side, Failure.UNAUTHORISED)
        with pytest.raises(Unauthorised):
            side.adapter.get(ticket.external_id)
        findings = side.adapter.check()
        assert any(not finding.is_good and finding.advice for finding in findings)

    def test_a_lost_answer_makes_no_second_ticket(self, side: Side) -> None:
        told = new_ticket()
        self._fails(side, Failure.LOST)
        with pytest.raises(Unreachable):
            side.adapter.create(told)
        found = side.adapter.created(told.key)
        assert found is not None
        assert side.adapter.get(found.external_id).title == told.subject

    def test_a_lost_answer_makes_no_second_comment(self, side: Side, ticket: Counterpart) -> None:
        told = new_comment("Only once")
        self._fails(side, Failure.LOST)
        with pytest.raises(Unreachable):
            side.adapter.add(ticket.external_id, told)
        keys = [comment.key for comment in side.adapter.comments(ticket.external_id)]
        assert keys.count(told.key) == 1

    def _fails(self, side: Side, how: Failure) -> None:
        if not side.can_fail:
            pytest.skip("this tool is part of Pylon: it can't fail apart from us")
        side.fails(how)


def one_of(adapter: Adapter, ticket: Counterpart, comment: str) -> Any:
    return next(one for one in adapter.comments(ticket.external_id) if one.external_id == comment)


def owner_of(adapter: Adapter, ticket: Counterpart) -> str:
    owner = adapter.get(ticket.external_id).owner
    return owner.email if owner else ""


def settled(adapter: Adapter, cursor: str) -> tuple[set[str], str]:
    """All that was touched since, and the cursor after it."""
    found: set[str] = set()
    for _ in range(20):
        changes = adapter.changes(cursor)
        found |= {one.external_id for one in changes.touched}
        if changes.cursor == cursor or not changes.is_more:
            return found, changes.cursor
        cursor = changes.cursor
    raise AssertionError("it never ends")


def plain(ticket: Counterpart) -> tuple[str, ...]:
    return ticket.external_id, ticket.number, ticket.url, ticket.title, ticket.status


def squeezed(text: str) -> str:
    """Tools break lines as they like."""
    return " ".join(text.split())
