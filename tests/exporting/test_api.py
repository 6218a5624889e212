from __future__ import annotations

import json
from typing import Any

import pytest
from django.http import StreamingHttpResponse
from django.test import Client

from accounts.models import Channel, Contact, User
from conversations.models import Message
from pylon.exporting import rows
from tests import cast

MESSAGES = "/api/v1/export/messages.jsonl"


@pytest.fixture
def said(channel: Channel, contact: Contact, stranger: User) -> list[Message]:
    theirs = cast.make_channel(workspace=stranger.workspace, name=channel.name)
    cast.say("Not ours", channel=theirs, by=cast.make_contact(workspace=stranger.workspace))
    return [cast.say(f"Line\n{number}", channel=channel, by=contact) for number in range(5)]


def lines(client: Client, query: str = "") -> list[dict[str, Any]]:
    answer = client.get(MESSAGES + query, headers={"accept": "application/x-ndjson"})
    assert answer.status_code == 200
    assert isinstance(answer, StreamingHttpResponse)
    whole = b"".join(answer).decode()
    return [json.loads(line) for line in whole.split("\n") if line]


def test_a_table_comes_whole_and_goes_on_after_a_row(
    client: Client, dana: User, said: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "BATCH", 2)
    client.force_login(dana)
    found = lines(client)
    assert [(row["id"], row["text"]) for row in found] == [(one.pk, one.text) for one in said]
    assert lines(client, f"?after={found[2]['id']}") == found[3:]
    assert lines(client, f"?after={found[-1]['id']}") == []


def test_a_stranger_gets_their_own(client: Client, stranger: User, said: list[Message]) -> None:
    client.force_login(stranger)
    assert [row["text"] for row in lines(client)] == ["Not ours"]


def test_only_admins_export(client: Client, omar: User) -> None:
    assert client.get(MESSAGES).status_code == 401
    client.force_login(omar)
    assert client.get(MESSAGES).status_code == 403


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{MESSAGES}?after=x", 400),
        (f"{MESSAGES}?after=9999999999999999999", 400),
        (f"{MESSAGES}?befor=1", 400),
        ("/api/v1/export/passwords.jsonl", 404),
    ],
)
def test_what_is_not_there_is_refused(client: Client, dana: User, path: str, status: int) -> None:
    client.force_login(dana)
    assert client.get(path).status_code == status
