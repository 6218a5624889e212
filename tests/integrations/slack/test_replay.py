"""`manage.py replay`: recordings go the way of live requests."""

from __future__ import annotations

import json
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Channel, Contact, User
from conversations.models import Conversation, ConversationEvent, Message
from conversations.status import Status
from integrations.models import InboundEvent, Installation
from integrations.slack.recorded import read_line
from integrations.slack.requests import MAX_BODY, Refused
from tests.cast import OUR_TEAM, THEIR_TEAM
from tests.integrations.slack.envelopes import Json, envelope, said
from tests.processes import Processes


@pytest.fixture
def talk(installation: Installation, channel: Channel, contact: Contact, dana: User) -> list[Json]:
    """A customer's question and Dana's answer in its thread."""
    ours: Json = {"channel": channel.external_id, "thread_ts": "1700000000.1"}
    question = said(
        "The export is empty", user=contact.external_id, team=THEIR_TEAM, channel=channel.external_id, ts="1700000000.1"
    )
    answer = said(
        "I just confirmed with the team, it is fixed.",
        user=dana.external_id or "",
        team=OUR_TEAM,
        ts="1700000060.1",
        **ours,
    )
    return [envelope(question), envelope(answer)]


def recorded(tmp_path: Path, *lines: Any) -> Path:
    file = tmp_path / "events.jsonl"
    file.write_bytes(b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines))
    return file


def replay(file: Path | str, **options: Any) -> tuple[str, str]:
    """Standard output and the error output."""
    out, error = StringIO(), StringIO()
    try:
        call_command("replay", str(file), stdout=out, stderr=error, **options)
    except CommandError as refusal:  # exit code 1
        error.write(str(refusal))
    return out.getvalue(), error.getvalue()


def test_a_recording_becomes_a_conversation(tmp_path: Path, talk: list[Json]) -> None:
    out, error = replay(recorded(tmp_path, *talk))
    assert out.splitlines() == ["       2  captured", "Stored 2, known already 0, refused 0."]
    assert error.splitlines() == ["2 read, 2 of them new"]
    conversation = Conversation.objects.get()
    assert (conversation.status, conversation.message_count) == (Status.CLOSED, 2)
    assert not ConversationEvent.objects.filter(published_at=None).exists()


def test_a_second_time_stores_nothing(tmp_path: Path, talk: list[Json]) -> None:
    file = recorded(tmp_path, *talk)
    replay(file)
    out, _ = replay(file)
    assert out.splitlines()[-1] == "Stored 0, known already 2, refused 0."
    assert (InboundEvent.objects.count(), Message.objects.count()) == (2, 2)


def test_bad_lines_are_named_and_the_others_are_taken(tmp_path: Path, talk: list[Json]) -> None:
    file = recorded(tmp_path, b"hello", talk[0], b"", b"[]", talk[1], b'"\xff"', {"a": 1}, {"type": "event_callback"})
    out, error = replay(file)
    assert out.splitlines()[-1] == "Stored 2, known already 0, refused 5."
    named = [line for line in error.splitlines() if line.startswith(f"{file}:")]
    assert [line.partition(": ")[0].rpartition(":")[2] for line in named] == ["1", "4", "6", "7", "8"]
    assert named[0].endswith("The line is not JSON: Expecting value: line 1 column 1 (char 0).")
    assert error.endswith("5 lines refused: see above.")
    assert Message.objects.count() == 2


def test_a_team_that_is_not_ours_is_said(tmp_path: Path, talk: list[Json]) -> None:
    theirs = envelope(said("?", user="U1", channel="C1"), team="T_NOBODY")
    out, _ = replay(recorded(tmp_path, talk[0], theirs))
    assert "       1  a team in which we are not installed" in out.splitlines()


def test_what_must_wait_is_said(tmp_path: Path, talk: list[Json]) -> None:
    gone = {
        "type": "message",
        "subtype": "message_deleted",
        "channel": talk[0]["event"]["channel"],
        "deleted_ts": "1.2",
    }
    out, _ = replay(recorded(tmp_path, talk[0], envelope(gone)))
    assert "put off" in out


def test_standard_input(talk: list[Json], monkeypatch: pytest.MonkeyPatch) -> None:
    lines = "\r\n".join(json.dumps(payload) for payload in talk)
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(f"\ufeff{lines}\r\n".encode())))
    assert "Stored 2" in replay("-")[0]


@pytest.mark.django_db
def test_nothing_to_read(tmp_path: Path) -> None:
    assert replay(recorded(tmp_path))[0] == "Stored 0, known already 0, refused 0.\n"
    assert replay(tmp_path / "nowhere")[1] == f"{tmp_path / 'nowhere'} can't be read: No such file or directory."


def test_left_to_the_workers(tmp_path: Path, talk: list[Json]) -> None:
    replay(recorded(tmp_path, *talk), wait=False)
    assert InboundEvent.objects.filter(processed_at=None).count() == 2


@pytest.mark.django_db(transaction=True)
def test_beside_a_worker(tmp_path: Path, talk: list[Json]) -> None:
    texts = [f"Question {number}?" for number in range(1_200)]
    many = [envelope(talk[0]["event"] | {"text": text, "ts": f"17000{n:05}.1"}) for n, text in enumerate(texts)]
    file = recorded(tmp_path, *many)
    with Processes(tmp_path, SLACK_API_URL="http://127.0.0.1:9/api/") as processes:
        processes.start_worker()
        replay(file)
        assert Message.objects.count() == 1_200
        assert not InboundEvent.objects.exclude(outcome="captured").exists()


CLICK = {"type": "block_actions", "user": {"id": "U1"}, "trigger_id": "1.2", "team": {"id": "T1"}}
COMMAND = {"command": "/pylon", "team_id": "T1", "trigger_id": "1.2"}
HI = envelope(said("Hi &command=x", user="U1", channel="C1"), team="T1")


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (json.dumps(HI).encode(), "message"),
        (json.dumps(HI, indent=None, ensure_ascii=False).encode() + b"  \r\n", "message"),
        (json.dumps(CLICK).encode(), "block_actions"),
        (urlencode({"payload": json.dumps(CLICK)}).encode(), "block_actions"),
        (json.dumps(COMMAND).encode(), "slash_command"),
        (b"token=x&" + urlencode(COMMAND).encode(), "slash_command"),
        (json.dumps({"envelope_id": "1", "type": "events_api", "payload": HI}).encode(), "message"),
        (json.dumps({"envelope_id": "1", "type": "interactive", "payload": CLICK}).encode(), "block_actions"),
        (json.dumps({"envelope_id": "1", "type": "slash_commands", "payload": COMMAND}).encode(), "slash_command"),
    ],
)
def test_the_kinds_of_line(line: bytes, kind: str) -> None:
    received = read_line(line)
    assert received
    assert (received.kind, received.lane.partition(":")[0]) == (kind, "T1")


def test_recorded_twice_in_different_dress_is_the_same() -> None:
    lines = [json.dumps(CLICK).encode(), urlencode({"payload": json.dumps(CLICK)}).encode()]
    assert read_line(lines[0]) == read_line(lines[1])


def test_a_handshake_leaves_nothing_to_do() -> None:
    assert read_line(b'{"type": "url_verification", "challenge": "x"}') is None


@pytest.mark.parametrize("line", [b"payload=", b"[" * 10_000, b'{"event": {}}', b'{"type": 1}', b" " * (MAX_BODY + 1)])
def test_refused_lines(line: bytes) -> None:
    with pytest.raises(Refused):
        read_line(line)


def test_all_that_slacks_own_framework_is_tested_with(shared_payloads: list[tuple[str, Any]]) -> None:
    for name, payload in shared_payloads:
        assert read_line(json.dumps(payload).encode()), name
