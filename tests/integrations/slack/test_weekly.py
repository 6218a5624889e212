"""The week's figures, posted into a channel of ours: once a week, at its hour, and not where others read along."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from accounts.models import Channel, ChannelKind, Role, User, Workspace
from integrations.models import Delivery, DeliveryState, Installation
from integrations.outbox import deliver
from integrations.slack import pacing
from integrations.weekly import make_weeklies, send_now
from tests import cast
from tests.integrations.slack.envelopes import Json
from tests.sandbox_process import SandboxProcess
from triage.models import WeeklyPost, WeeklySummary
from triage.weekly import choose_weekly, day_due

MONDAY_NINE = datetime(2026, 11, 23, 8, tzinfo=UTC)
"""In Berlin."""
TRIAGE, GUEST = "C0TRIAGE01", "U0TOMAS001"


@pytest.fixture
def ours(workspace: Workspace, installation: Installation) -> Channel:
    workspace.time_zone = "Europe/Berlin"
    workspace.save()
    return cast.make_channel(workspace=workspace, kind=ChannelKind.INTERNAL, name="support")


@pytest.fixture
def weekly(ours: Channel) -> WeeklyPost:
    """Mondays at nine, since long."""
    return WeeklyPost.objects.create(
        workspace=ours.workspace, channel=ours, weekday=0, hour=9, is_on=True,
        begins_at=MONDAY_NINE - timedelta(days=60),
    )  # fmt: skip


def test_it_comes_once_a_week_at_its_hour(weekly: WeeklyPost, ours: Channel, channel: Channel) -> None:
    waiting = cast.make_conversation(channel=channel, title="Why <!here>?", opened_at=MONDAY_NINE - timedelta(days=1))
    WeeklySummary.objects.create(workspace=weekly.workspace, week=MONDAY_NINE.date() - timedelta(days=7))
    assert make_weeklies(now=MONDAY_NINE - timedelta(seconds=1)) == 0
    assert [make_weeklies(now=MONDAY_NINE) for _ in range(2)] == [1, 0]
    delivery = Delivery.objects.get()
    assert delivery.place == ours.external_id
    said = str(delivery.request["blocks"])
    assert "16 Nov 2026 – 22 Nov 2026" in said
    assert f"/conversations/{waiting.number}/|#{waiting.number} Why &lt;!here&gt;?" in said
    assert [make_weeklies(now=MONDAY_NINE + timedelta(days=days)) for days in (6, 7)] == [0, 1]


def test_one_that_was_missed_comes_late_and_only_one(weekly: WeeklyPost) -> None:
    assert [make_weeklies(now=MONDAY_NINE + timedelta(days=17, hours=5)) for _ in range(2)] == [1, 0]
    assert WeeklySummary.objects.get().week == MONDAY_NINE.date() + timedelta(days=14)


def test_the_hour_is_the_workspaces_also_when_clocks_change(weekly: WeeklyPost) -> None:
    summer = datetime(2026, 10, 19, 7, tzinfo=UTC)
    assert day_due(weekly, summer) == summer.date()
    assert day_due(weekly, summer - timedelta(minutes=1)) == summer.date() - timedelta(days=7)
    winter = datetime(2026, 10, 26, 8, tzinfo=UTC)
    assert day_due(weekly, winter - timedelta(minutes=1)) == summer.date()
    assert day_due(weekly, winter) == winter.date()


@pytest.mark.parametrize(
    "change", [{"is_on": False}, {"channel": None}, {"begins_at": MONDAY_NINE + timedelta(seconds=1)}]
)
def test_not_where_nobody_wants_it(weekly: WeeklyPost, change: dict[str, object]) -> None:
    WeeklyPost.objects.update(**change)
    assert make_weeklies(now=MONDAY_NINE) == 0


def test_another_day_in_the_same_week_brings_no_second(weekly: WeeklyPost) -> None:
    assert make_weeklies(now=MONDAY_NINE) == 1
    WeeklyPost.objects.update(weekday=2)
    assert make_weeklies(now=MONDAY_NINE + timedelta(days=3)) == 0


def test_only_into_channels_of_ours(ours: Channel, channel: Channel, dana: User) -> None:
    for wrong in (channel, None):
        with pytest.raises(ValidationError):
            choose_weekly(ours.workspace, channel=wrong, weekday=0, hour=9, is_on=True, by=dana)


def test_the_settings(client: Client, ours: Channel, dana: User, omar: User, stranger: User) -> None:
    client.force_login(dana)
    chosen = {"is_on": "on", "channel": ours.pk, "weekday": 4, "hour": 16}
    assert client.post("/settings/weekly/", chosen).status_code == 302
    post = WeeklyPost.objects.get()
    assert (post.channel, post.weekday, post.hour, post.is_on) == (ours, 4, 16, True)
    assert "The week in figures" in client.get("/settings/weekly/?preview=1").text
    assert client.post("/settings/weekly/", chosen | {"hour": 24}).status_code == 400
    assert client.post("/settings/weekly/send/").status_code == 302
    client.post("/settings/weekly/send/")
    assert Delivery.objects.count() == 1, "two clicks, one summary"
    for other, role in ((omar, Role.MEMBER), (omar, Role.READER)):
        User.objects.filter(pk=other.pk).update(role=role)
        client.force_login(other)
        assert client.post("/settings/weekly/", chosen).status_code == 403
        assert client.post("/settings/weekly/send/").status_code == 403
    client.force_login(stranger)
    assert "It is off" in client.get("/settings/weekly/").text


def test_seen_in_slack_and_not_by_guests(
    acme: Installation, sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pacing, "PER_CHANNEL", pacing.Limit(1000, 1))
    admin = cast.make_teammate(workspace=acme.workspace, role=Role.ADMIN)
    place = Channel.objects.get(workspace=acme.workspace, external_id=TRIAGE)
    post = choose_weekly(acme.workspace, channel=place, weekday=0, hour=9, is_on=True, by=admin)
    delivery = send_now(post, by=admin)
    deliver()
    assert "The week in figures" in str(posted(sandbox))
    Delivery.objects.filter(pk=delivery.pk).update(state=DeliveryState.PENDING)  # its answer was lost
    deliver()
    assert len(posted(sandbox)) == 1
    sandbox.api("invite", channel=TRIAGE, user=GUEST, by="dana")
    place.triage.members_read_at = None
    place.triage.save()
    refused = send_now(post, by=admin)
    deliver()
    refused.refresh_from_db()
    assert (refused.state, len(posted(sandbox))) == (DeliveryState.FAILED, 1)
    assert "people from outside" in refused.error


def posted(sandbox: SandboxProcess) -> list[Json]:
    return [one for one in sandbox.messages(TRIAGE) if "The week in figures" in str(one)]
