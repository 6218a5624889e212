from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Channel, ChannelKind, User, Workspace
from integrations.models import HistoryReading, Installation, ReadingState
from integrations.slack.history import begin_reading
from tests import cast

FORM = {"channel": "", "since": "2026-01-31", "until": "", "quiet_days": "14"}


@pytest.fixture
def installation(workspace: Workspace) -> Installation:
    return cast.make_installation(workspace=workspace)


@pytest.fixture
def signed_in(client: Client, dana: User) -> Client:
    client.force_login(dana)
    return client


@pytest.fixture
def reading(installation: Installation, channel: Channel, dana: User) -> HistoryReading:
    now = timezone.now()
    return begin_reading(channel=channel, oldest=now - timedelta(days=10), latest=now, by=dana)


def change(reading: HistoryReading, **fields: Any) -> None:
    HistoryReading.objects.filter(pk=reading.pk).update(**fields)


def shown(client: Client, **headers: str) -> str:
    return client.get("/settings/history/", headers=headers).content.decode()


def test_staff_bring_in_one_channels_past(signed_in: Client, channel: Channel, installation: Installation) -> None:
    chosen = FORM | {"channel": str(channel.pk), "until": "2026-02-28", "quiet_days": "30"}
    assert signed_in.post("/settings/history/begin/", chosen).status_code == 302
    reading = HistoryReading.objects.get()
    assert (reading.channel, reading.quiet_days, reading.state) == (channel, 30, ReadingState.WAITING)
    assert reading.oldest_at == datetime.fromisoformat("2026-01-31T00:00:00Z")
    assert reading.latest_at == datetime.fromisoformat("2026-03-01T00:00:00Z")
    page = shown(signed_in)
    assert "31 Jan 2026 to 1 Mar 2026" in page
    assert "asked for by Dana Reyes" in page


def test_without_a_choice_it_is_all_customers_channels(
    signed_in: Client, channel: Channel, reading: HistoryReading, workspace: Workspace
) -> None:
    other = cast.make_channel(workspace=workspace)
    cast.make_channel(workspace=workspace, kind=ChannelKind.TRIAGE)
    page = signed_in.post("/settings/history/begin/", FORM, follow=True).content.decode()
    assert {one.channel for one in HistoryReading.objects.all()} == {channel, other}
    assert "The past of 1 channel is being brought in." in page
    assert "The past of #ext-globex is being read already." in page


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("since", "", "This field is required."),
        ("since", "2999-01-01", "must not come after the last"),
        ("until", "2026-01-30", "must not come after the last"),
        ("quiet_days", "-1", "greater than or equal to 0"),
        ("channel", "999999", "Choose a customer’s channel that Pylon is in."),
    ],
)
@pytest.mark.usefixtures("channel", "installation")
def test_a_wrong_value_is_explained(signed_in: Client, field: str, value: str, says: str) -> None:
    answer = signed_in.post("/settings/history/begin/", FORM | {field: value})
    assert answer.status_code == 400
    assert says in answer.content.decode()
    assert not HistoryReading.objects.exists()


def test_it_is_stopped_and_goes_on(signed_in: Client, reading: HistoryReading) -> None:
    signed_in.post(f"/settings/history/{reading.pk}/stop/")
    reading.refresh_from_db()
    assert reading.state == ReadingState.STOPPED
    assert "Go on" in shown(signed_in)
    signed_in.post(f"/settings/history/{reading.pk}/resume/")
    reading.refresh_from_db()
    assert reading.state == ReadingState.WAITING


def test_progress_is_shown_and_drawn_again_while_it_goes_on(signed_in: Client, reading: HistoryReading) -> None:
    half = reading.oldest_at and reading.oldest_at + timedelta(days=5)
    assert half
    change(reading, reached=f"{half.timestamp():.6f}", messages_seen=1234, messages_new=1200, error="capped")
    part = shown(signed_in, **{"HX-Request": "true"})
    assert 'value="50"' in part
    assert f"read up to {half.day} {half:%b %Y}" in part
    assert "1,234 messages seen, 1,200 new" in part
    assert "15 messages a minute. Goes on at" in part
    assert 'hx-trigger="every 3s"' in part
    assert "<html" not in part
    change(reading, state=ReadingState.DONE, error="")
    assert "every 3s" not in shown(signed_in)


def test_findings_failures_and_the_cap_are_told(
    signed_in: Client, reading: HistoryReading, installation: Installation, settings: Settings
) -> None:
    assert "Nothing was missed so far." in shown(signed_in)
    change(
        reading, is_check=True, state=ReadingState.DONE, messages_new=3, edits_found=1, deletions_found=2,
        finished_at=timezone.now(),
    )  # fmt: skip
    installation.history_capped_at = timezone.now()
    installation.save()
    page = shown(signed_in)
    assert "filled 3 holes, took over 1 edit, 2 deletions" in page
    assert "Slack gives the app in Acme 15 messages a minute" in page
    change(reading, is_check=False, state=ReadingState.FAILED, error="not_in_channel")
    settings.GAP_CHECK_MINUTES = 0
    page = shown(signed_in)
    assert "Pylon is not in the channel: invite it." in page
    assert "Channels are not compared with Slack" in page


def test_only_staff_change_anything(client: Client, omar: User, reading: HistoryReading) -> None:
    client.force_login(omar)
    page = shown(client)
    assert "Only admins may bring in" in page
    assert "<button" not in page.partition('id="history"')[2].partition("</main>")[0]
    for address in ("begin/", f"{reading.pk}/stop/", f"{reading.pk}/resume/"):
        assert client.post(f"/settings/history/{address}", FORM).status_code == 403
    reading.refresh_from_db()
    assert reading.state == ReadingState.WAITING


def test_a_stranger_finds_nothing(client: Client, stranger: User, reading: HistoryReading, channel: Channel) -> None:
    client.force_login(stranger)
    assert str(channel) not in shown(client)
    assert client.post(f"/settings/history/{reading.pk}/stop/").status_code == 404
    assert client.post("/settings/history/begin/", FORM | {"channel": str(channel.pk)}).status_code == 400
