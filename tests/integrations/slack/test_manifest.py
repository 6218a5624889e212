"""The manifest that Slack makes the app from."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
import yaml
from django.test import Client
from pytest_django import Settings

from integrations.slack.connect import ENDS
from integrations.slack.manifest import BOT_EVENTS, BOT_SCOPES, SHORTCUTS, manifest
from tests.integrations.slack.conftest import SHARED

BASE = "https://pylon.example"
NEEDS = {
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "member_joined_channel": "channels:read",
    "group_rename": "groups:read",
    "reaction_added": "reactions:read",
    "user_change": "users:read",
}
"""Slack refuses a manifest whose events lack their scopes."""
LIVES = {"rename", "archive", "unarchive", "deleted", "left"}
SHARING = {"channel_shared", "channel_unshared", "channel_id_changed"}


@pytest.fixture(scope="module")
def schema() -> Any:
    file = SHARED / "payloads" / "manifest-schema" / "schemas" / "manifest.schema.1.0.0.json"
    if not file.exists():
        pytest.skip("../shared/payloads/manifest-schema is absent")
    return json.loads(file.read_text())


@pytest.mark.parametrize("base", [BASE, "http://127.0.0.1:8000"])
@pytest.mark.parametrize("socket_mode", [False, True])
@pytest.mark.parametrize("rotates", [False, True])
def test_it_is_valid(schema: Any, base: str, socket_mode: bool, rotates: bool) -> None:
    jsonschema.Draft7Validator(schema).validate(manifest(base, socket_mode=socket_mode, rotates=rotates))


def test_every_address_is_ours() -> None:
    made = manifest(BASE)
    settings = made["settings"]
    assert settings["event_subscriptions"]["request_url"] == f"{BASE}/slack/events"
    assert settings["interactivity"]["request_url"] == f"{BASE}/slack/interactivity"
    assert made["features"]["slash_commands"][0]["url"] == f"{BASE}/slack/commands"
    ways_back = [f"{BASE}/slack/oauth/callback", f"{BASE}/sign-in/slack/callback"]
    assert made["oauth_config"]["redirect_urls"] == ways_back
    assert made["oauth_config"]["scopes"]["user"] == ["email", "openid", "profile"]


def test_socket_mode_has_none() -> None:
    made = manifest("http://127.0.0.1:8000", socket_mode=True)
    assert made["settings"]["socket_mode_enabled"] is True
    assert "http" not in json.dumps(made), "Slack takes https addresses only, and needs none"


def test_what_is_subscribed_may_be_heard() -> None:
    assert all(scope in BOT_SCOPES for event, scope in NEEDS.items() if event in BOT_EVENTS)
    assert NEEDS.keys() <= BOT_EVENTS.keys()
    lives = {f"{place}_{what}" for place in ("channel", "group") for what in LIVES}
    assert {*lives, *SHARING, *ENDS} <= BOT_EVENTS.keys(), "what we work on, we ask for"


def test_names_are_as_long_as_slack_allows() -> None:
    assert all(len(name) <= 24 and len(description) <= 150 for name, description in SHORTCUTS.values())


def test_the_address_of_the_manifest(client: Client, settings: Settings) -> None:
    settings.BASE_URL = BASE
    assert client.get("/slack/manifest").json() == manifest(BASE)
    settings.BASE_URL = "http://127.0.0.1:8000"
    assert client.get("/slack/manifest").json()["settings"]["socket_mode_enabled"] is True
    assert client.get("/slack/manifest?mode=http").json()["settings"]["socket_mode_enabled"] is False
    assert client.get("/slack/manifest?rotation=on").json()["settings"]["token_rotation_enabled"] is True
    text = client.get("/slack/manifest?format=yaml&mode=socket").content.decode()
    assert yaml.safe_load(text) == manifest(settings.BASE_URL, socket_mode=True)
    assert client.get("/slack/manifest?mode=telepathy").status_code == 400
