"""A teammate's own settings."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User, Workspace

NOTHING = {
    "time_zone": "", "away_from": "", "away_until": "", "stand_in": "",
    "quiet_from": "", "quiet_until": "", "digest_at": "",
}  # fmt: skip
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def signed_in(client: Client, omar: User) -> Client:
    client.force_login(omar)
    return client


def local(days: float) -> str:
    """So many days from now on Berlin's clocks, as a browser writes it."""
    return (timezone.now() + timedelta(days=days)).astimezone(BERLIN).strftime("%Y-%m-%dT%H:%M")


def test_a_teammate_sets_their_own(signed_in: Client, omar: User) -> None:
    chosen = {"time_zone": "europe/berlin", "quiet_from": "20:00", "quiet_until": "07:30", "digest_at": ""}
    assert signed_in.post("/settings/me/", NOTHING | chosen).status_code == 302
    omar.refresh_from_db()
    assert (omar.time_zone, omar.digest_at) == ("Europe/Berlin", None)
    assert (omar.quiet_from, omar.quiet_until) == (time(20), time(7, 30))
    page = signed_in.get("/settings/me/").content.decode()
    assert 'value="20:00"' in page
    assert "Empty: the workspace’s, UTC." in page


def test_who_is_away_reads_what_will_happen(signed_in: Client, omar: User, dana: User) -> None:
    away = {"time_zone": "Europe/Berlin", "away_until": local(3), "stand_in": str(dana.pk)}
    page = signed_in.post("/settings/me/", NOTHING | away, follow=True).content.decode()
    omar.refresh_from_db()
    assert omar.away_until is not None
    assert omar.away_until.astimezone(BERLIN).strftime("%Y-%m-%dT%H:%M") == away["away_until"]
    until = omar.away_until.astimezone(BERLIN)
    assert f"New conversations go to Dana Reyes until {until:%-d %B %H:%M}." in page
    assert f'value="{away["away_until"]}"' in page
    page = signed_in.post("/settings/me/", NOTHING | away | {"away_from": local(1)}, follow=True).content.decode()
    omar.refresh_from_db()
    assert omar.away_from is not None
    assert f"From {omar.away_from.astimezone(BERLIN):%-d %B %H:%M} new conversations go to Dana Reyes until" in page
    page = signed_in.post("/settings/me/", NOTHING | away | {"stand_in": ""}, follow=True).content.decode()
    assert f"New conversations stay with Omar Haddad until {until:%-d %B %H:%M}: nobody stands in." in page
    User.objects.filter(pk=dana.pk).update(away_until=timezone.now() + timedelta(days=9))
    page = signed_in.post("/settings/me/", NOTHING | away, follow=True).content.decode()
    assert "Dana Reyes is not there either." in page


def test_an_absence_that_is_over_is_forgotten(signed_in: Client, omar: User) -> None:
    User.objects.filter(pk=omar.pk).update(away_until=datetime(2025, 5, 3, tzinfo=UTC))
    page = signed_in.get("/settings/me/").content.decode()
    assert "2025" not in page
    assert "conversations go to" not in page


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"time_zone": "Mars/Phobos"}, "“Mars/Phobos” is no time zone."),
        ({"away_from": local(1)}, "Say until when."),
        ({"away_until": local(-1)}, "That is over already."),
        ({"away_from": local(3), "away_until": local(2)}, "That is before it begins."),
        ({"quiet_from": "20:00"}, "Quiet hours need a beginning and an end"),
        ({"quiet_from": "20:00", "quiet_until": "20:00"}, "can’t end when they begin"),
        ({"quiet_from": "late"}, "Enter a valid time."),
    ],
)
def test_what_can_not_be_is_refused_in_words(signed_in: Client, omar: User, wrong: dict[str, str], words: str) -> None:
    before = User.objects.values().get(pk=omar.pk)
    answer = signed_in.post("/settings/me/", NOTHING | wrong)
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert User.objects.values().get(pk=omar.pk) == before


def test_only_another_active_teammate_stands_in(signed_in: Client, omar: User, dana: User, stranger: User) -> None:
    User.objects.filter(pk=dana.pk).update(is_active=False)
    for nobody in (omar, dana, stranger):
        answer = signed_in.post("/settings/me/", NOTHING | {"stand_in": nobody.pk})
        assert "Choose another active teammate." in answer.content.decode()


def test_staff_set_others_and_nobody_else_does(
    client: Client, workspace: Workspace, dana: User, omar: User, stranger: User
) -> None:
    path = f"/settings/me/?teammate={omar.pk}"
    assert client.get("/settings/me/").status_code == 302
    client.force_login(dana)
    assert "Settings of Omar Haddad" in client.get(path).content.decode()
    answer = client.post(path, NOTHING | {"stand_in": dana.pk, "time_zone": "Asia/Tokyo"})
    assert answer.headers["Location"] == path
    omar.refresh_from_db()
    assert (omar.stand_in, omar.time_zone) == (dana, "Asia/Tokyo")
    assert client.get(f"/settings/me/?teammate={stranger.pk}").status_code == 404
    assert client.get("/settings/me/?teammate=x").status_code == 404
    client.force_login(omar)
    assert client.get(f"/settings/me/?teammate={dana.pk}").status_code == 403
    assert client.post(f"/settings/me/?teammate={dana.pk}", NOTHING).status_code == 403
    client.force_login(stranger)
    assert client.post(path, NOTHING).status_code == 404
