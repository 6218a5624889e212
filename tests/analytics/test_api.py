"""The figures for programs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from accounts.models import Channel, Contact, User
from tests import cast
from triage.reckoning import count_all

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 2, 9, tzinfo=UTC)
WEEK = {"first": "2026-11-02", "last": "2026-11-08"}


@pytest.fixture
def asked(channel: Channel, contact: Contact, dana: User) -> None:
    root = cast.say("The export is empty. Can you look?", channel=channel, by=contact, at=MONDAY)
    at = MONDAY + timedelta(minutes=10)
    cast.say("This is fixed now, please try again.", channel=channel, by=dana, at=at, thread_ts=root.ts)
    count_all()


def test_a_report(client: Client, dana: User, omar: User, asked: None) -> None:
    client.force_login(dana)
    found = client.get("/api/v1/analytics/", {**WEEK, "step": "week"}).json()
    assert found["period"] == {**WEEK, "step": "week"}
    assert found["totals"]["first_response"]["now"]["value"] == pytest.approx(600, rel=0.05)
    assert [line["name"] for line in found["tables"]["owner"]] == ["Dana Reyes"]
    assert found["series"][0]["values"]["closed"]["count"] == 1
    theirs = client.get("/api/v1/analytics/", {**WEEK, "owner": str(omar.pk)}).json()
    assert theirs["totals"]["new"]["now"]["count"] == 0


def test_a_stranger_sees_their_own(client: Client, stranger: User, asked: None) -> None:
    client.force_login(stranger)
    assert client.get("/api/v1/analytics/", WEEK).json()["totals"]["new"]["now"]["count"] == 0


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"first": "yesterday"}, "first"), ({"first": "2026-11-09", "last": "2026-11-08"}, "first"),
        ({"first": "1990-01-01"}, "first"), ({"last": "0001-01-02"}, "first"), ({"step": "year"}, "step"),
        ({"owner": "dana"}, "owner"), ({"colour": "red"}, "colour"),
    ],
)  # fmt: skip
def test_what_is_not_known_is_refused(client: Client, dana: User, given: dict[str, str], field: str) -> None:
    client.force_login(dana)
    answer = client.get("/api/v1/analytics/", given)
    assert (answer.status_code, list(answer.json())) == (400, [field])
