"""The signed events that the benchmarks send, and the people and channels that they are about.

Each channel has one matter after another, three hours apart, of five messages: a customer asks, adds something
outside the thread, we answer in the thread that we look into it, the customer answers there, we conclude. So two
of five messages stand outside threads, and two of five are a teammate's. All channels talk at once.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from accounts.models import Account, Channel, Contact, User, Workspace
from integrations.models import Installation, Provider

CHANNELS = 100
OUR_TEAM, APP, BOT, BOT_USER = "T0ACME00", "A0PYLON0", "B0PYLON0", "U0PYLON0"
BETWEEN_MATTERS = 3 * 3600
BETWEEN_MESSAGES = 60

ASKS = [
    "Hi team, since this morning the nightly export for our EU region stops after {n} rows. Could you have a look?",
    "The webhook for invoice {n} was delivered twice. How can we tell the copies apart?",
    "Is there a limit on the number of seats? We want to add {n} people next week.",
    "Our dashboard shows {n} open orders while the API answers a different number. Which one is right?",
    "We get a 403 from /v2/reports/{n} although the token has every scope. What are we missing?",
]
ADDS = [
    "It is the same in a private window, and the request id ends in {n}.",
    "Forgot to say: this is on production, about {n} users are affected.",
    "Here is what the log says: `upstream timed out after {n} ms while reading the response`.",
]
LOOKS = [
    "Taking a look now.",
    "Thanks for the details, let me check with the team.",
    "Looking into it, one moment please.",
]
ANSWERS = [
    "Sure, take your time. We can wait until tomorrow at {n}.",
    "It began with release {n}, if that helps.",
    "Yes, it still happens, I just tried again with {n} rows.",
]
CONCLUDES = [
    "I just confirmed with the team: a fix for {n} went out and everything is back to normal.",
    "This is resolved now. The job ran through with {n} rows, please let us know if you see it again.",
    "Found it: the setting had been switched off for {n}. I turned it on for you, it works now.",
]
STEPS = [
    ("customer", False, ASKS),
    ("customer", False, ADDS),
    ("us", True, LOOKS),
    ("customer", True, ANSWERS),
    ("us", True, CONCLUDES),
]


def make_world() -> None:
    """One workspace whose channels and people are known, so that nobody has to ask Slack."""
    workspace, now = Workspace.objects.create(name="Acme"), timezone.now()
    Installation.objects.create(
        workspace=workspace, provider=Provider.SLACK, external_id=OUR_TEAM, name="Acme",
        bot_id=BOT, bot_user_id=BOT_USER, app_id=APP, credentials={"bot_token": "xoxb-benchmark"},
    )  # fmt: skip
    for n in range(CHANNELS):
        owner = User.objects.create(
            workspace=workspace, name=f"Teammate {n}", email=f"teammate{n}@acme.example", external_id=_teammate(n),
            profile_read_at=now,
        )  # fmt: skip
        account = Account.objects.create(
            workspace=workspace, name=f"Customer {n}", external_team_id=_team(n), owner=owner
        )
        Contact.objects.create(
            workspace=workspace, account=account, name=f"Contact {n}", external_id=_contact(n),
            external_team_id=_team(n), profile_read_at=now,
        )  # fmt: skip
        Channel.objects.create(
            workspace=workspace, account=account, owner=owner, name=f"ext-customer-{n}", external_id=_channel(n),
            external_team_id=OUR_TEAM, is_shared=True, details_read_at=now,
        )  # fmt: skip


def bodies(count: int, *, run: int) -> Iterator[str]:
    """`count` events as Slack posts them; no two runs have an event id in common."""
    chance = random.Random(run)  # noqa: S311 - only has to be varied
    matters = count // (CHANNELS * len(STEPS)) + 1
    began_at = int(time.time()) - matters * BETWEEN_MATTERS
    for n in range(count):
        round_, channel = divmod(n, CHANNELS)
        matter, step = divmod(round_, len(STEPS))
        asked_at = began_at + matter * BETWEEN_MATTERS
        ts = f"{asked_at + step * BETWEEN_MESSAGES}.{channel:06}"
        speaker, in_thread, texts = STEPS[step]
        text = chance.choice(texts).format(n=chance.randrange(10, 10_000))
        thread_ts = f"{asked_at}.{channel:06}" if in_thread else None
        yield _body(f"Ev{run:04}{n:08}", channel, ours=speaker == "us", text=text, ts=ts, thread_ts=thread_ts)


def _body(event_id: str, channel: int, *, ours: bool, text: str, ts: str, thread_ts: str | None) -> str:
    user, team = (_teammate(channel), OUR_TEAM) if ours else (_contact(channel), _team(channel))
    element = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    event: dict[str, Any] = {
        "user": user,
        "type": "message",
        "ts": ts,
        "client_msg_id": f"7e2cba8d-6a1c-4f0a-8e61-{event_id[2:]:>012}",
        "text": text,
        "team": team,
        "user_team": team,
        "source_team": team,
        "blocks": [{"type": "rich_text", "block_id": "pXk3", "elements": [element]}],
        "channel": _channel(channel),
        "event_ts": ts,
        "channel_type": "channel",
    }
    if thread_ts:
        event |= {"thread_ts": thread_ts, "parent_user_id": _contact(channel)}
    authorization = {
        "enterprise_id": None,
        "team_id": OUR_TEAM,
        "user_id": BOT_USER,
        "is_bot": True,
        "is_enterprise_install": False,
    }
    envelope = {
        "token": "verification-token",
        "team_id": team,
        "context_team_id": OUR_TEAM,
        "context_enterprise_id": None,
        "api_app_id": APP,
        "event": event,
        "type": "event_callback",
        "event_id": event_id,
        "event_time": int(float(ts)),
        "authorizations": [authorization],
        "is_ext_shared_channel": True,
        "event_context": "4-eyJldCI6Im1lc3NhZ2UiLCJ0aWQiOiJUMEFDTUUwMCIsImFpZCI6IkEwUFlMT04wIn0",
    }
    return json.dumps(envelope)


def _team(n: int) -> str:
    return f"T1{n:06}"


def _channel(n: int) -> str:
    return f"C1{n:06}"


def _teammate(n: int) -> str:
    return f"U0{n:06}"


def _contact(n: int) -> str:
    return f"U1{n:06}"
