"""Who and where, in the requests that Slack's own framework is tested with: read as that framework reads them."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Side
from accounts.sides import Person, Us, judge
from integrations.slack.messages import Edited, Ours, Said, understand
from integrations.slack.requests import channel_of, team_of

bolt = pytest.importorskip("slack_bolt.request.internals")


@pytest.fixture
def payloads(shared_payloads: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Without the envelopes of Socket Mode."""
    return [(name, one["payload"] if "envelope_id" in one else one) for name, one in shared_payloads]


def test_the_installed_team_and_the_channel(payloads: list[tuple[str, Any]]) -> None:
    """Of an app of a whole organisation the framework names no team; we find the one that the request is about."""
    for name, payload in payloads:
        event = payload["event"] if isinstance(payload.get("event"), dict) else payload
        assert channel_of(event) == (bolt.extract_channel_id(payload) or ""), name
        assert team_of(payload) == bolt.extract_team_id(payload) or not bolt.extract_team_id(payload), name
        assert team_of(payload), name


def test_who_speaks_and_for_which_side(payloads: list[tuple[str, Any]]) -> None:
    heard = 0
    for name, payload in payloads:
        event = payload.get("event")
        if not isinstance(event, dict) or event.get("type") not in {"message", "app_mention"}:
            continue
        said = understand(event, Ours(team_of(payload), "B_OURS", "U_OURS", "A_OURS"))
        said = said.message if isinstance(said, Edited) else said
        if not isinstance(said, Said) or not said.user_id:
            continue
        heard += 1
        assert said.user_id == bolt.extract_user_id(payload), name
        actors_team = bolt.extract_actor_team_id(payload)
        side = judge(Person(said.team_id), Us({team_of(payload)})).side
        if payload.get("is_ext_shared_channel") and actors_team:
            assert said.team_id == actors_team, name
            assert side == (Side.US if actors_team == team_of(payload) else Side.CUSTOMER), name
        elif payload.get("is_ext_shared_channel"):
            assert side == Side.CUSTOMER, f"{name}: an organisation that is not ours"
        else:
            assert said.team_id in {"", team_of(payload)}, name
    assert heard >= 15
