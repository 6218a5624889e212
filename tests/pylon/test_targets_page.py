"""Response targets and calendars on their settings page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Channel, Contact, User, Workspace
from conversations.models import Conversation
from tests import cast
from triage.models import Calendar, ResponseTarget

HOUR = timedelta(hours=1)
TARGET = {"minutes": "60", "warn_minutes": "0", "escalate_minutes": "0"}
CALENDAR = {
    "name": "Berlin",
    "time_zone": "europe/berlin",
    "day_0": "9:00–12:00, 13:00 to 17:30",
    "day_4": "09:00-24:00",
}


@pytest.fixture
def signed_in(client: Client, dana: User) -> Client:
    client.force_login(dana)
    return client


@pytest.fixture
def waiting(channel: Channel, contact: Contact) -> Conversation:
    """Hank has waited for an hour."""
    return cast.say("How do I export this?", channel=channel, by=contact, ago=HOUR).conversation


def make_target(workspace: Workspace, **fields: Any) -> ResponseTarget:
    return ResponseTarget.objects.create(workspace=workspace, **{"minutes": 60, **fields})


def order() -> list[str]:
    return [f"{row.tier}/{row.priority}" for row in ResponseTarget.objects.all()]


def test_a_saved_target_is_due_at_once(signed_in: Client, waiting: Conversation) -> None:
    assert waiting.waiting_since is not None
    answer = signed_in.post("/settings/targets/new/", TARGET, follow=True)
    assert "Saved: the target for everybody." in answer.content.decode()
    waiting.refresh_from_db()
    assert waiting.waiting_since is not None
    assert waiting.response_due_at == waiting.waiting_since + HOUR
    target = ResponseTarget.objects.get()
    signed_in.post(f"/settings/targets/{target.pk}/", TARGET | {"minutes": "90"})
    waiting.refresh_from_db()
    assert waiting.waiting_since is not None
    assert waiting.response_due_at == waiting.waiting_since + 1.5 * HOUR
    signed_in.post(f"/settings/targets/{target.pk}/remove/")
    waiting.refresh_from_db()
    assert waiting.response_due_at is None


def test_the_special_one_stands_before_the_general_and_can_be_moved(signed_in: Client, workspace: Workspace) -> None:
    for chosen in ({}, {"priority": "urgent"}, {"tier": "Free"}, {"tier": "Free", "priority": "urgent"}):
        signed_in.post("/settings/targets/new/", TARGET | chosen)
    assert order() == ["Free/urgent", "/urgent", "Free/", "/"]
    last = ResponseTarget.objects.get(tier="", priority="")
    signed_in.post(f"/settings/targets/{last.pk}/move/", {"to": "up"})
    assert order()[-2:] == ["/", "Free/"]
    assert "never counts: “everybody” stands before it" in signed_in.get("/settings/targets/").content.decode()
    for _ in range(5):
        signed_in.post(f"/settings/targets/{last.pk}/move/", {"to": "down"})
    assert order()[-1] == "/"


def test_trying_a_draft_shows_both_and_changes_nothing(
    signed_in: Client, workspace: Workspace, waiting: Conversation
) -> None:
    target = make_target(workspace, minutes=600)
    before = Conversation.objects.values().get(pk=waiting.pk)
    for headers in ({}, {"HX-Request": "true"}):
        for path in (f"/settings/targets/{target.pk}/", "/settings/targets/new/"):
            draft = TARGET | {"minutes": "30", "try": "1", "priority": before["priority"]}
            answer = signed_in.post(path, draft, headers=headers)
            assert (answer.context["today"].missed, answer.context["then"].overdue_now) == (0, 1)
            assert "Nothing is saved." in answer.content.decode()
    assert list(ResponseTarget.objects.values_list("minutes", flat=True)) == [600]
    assert Conversation.objects.values().get(pk=waiting.pk) == before


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"minutes": "0"}, "greater than or equal to 1"),
        ({"warn_minutes": "60"}, "A warning comes before the end: less than 60 minutes."),
        ({"calendar": "99"}, "Select a valid choice"),
    ],
)
def test_a_target_is_refused_in_words(signed_in: Client, wrong: dict[str, str], words: str) -> None:
    answer = signed_in.post("/settings/targets/new/", TARGET | wrong)
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert words in signed_in.post("/settings/targets/new/", TARGET | wrong | {"try": "1"}).content.decode()
    assert not ResponseTarget.objects.exists()


def test_who_is_told_needs_a_time(signed_in: Client, omar: User, stranger: User) -> None:
    page = signed_in.post("/settings/targets/new/", TARGET | {"escalate_to": omar.pk}).content.decode()
    assert "Say after how many minutes Omar Haddad is told." in page
    strange = TARGET | {"escalate_to": stranger.pk, "escalate_minutes": "5"}
    assert "Choose one of the active teammates." in signed_in.post("/settings/targets/new/", strange).content.decode()


def test_a_calendar_is_made_changed_and_moves_what_is_due(
    signed_in: Client, workspace: Workspace, waiting: Conversation
) -> None:
    days_off = "2026-12-25 Christmas Day\n\n2026-12-31\n"
    signed_in.post("/settings/targets/calendars/new/", CALENDAR | {"days_off": days_off})
    calendar = Calendar.objects.get()
    assert (calendar.name, calendar.time_zone) == ("Berlin", "Europe/Berlin")
    assert calendar.hours == {"0": [["09:00", "12:00"], ["13:00", "17:30"]], "4": [["09:00", "24:00"]]}
    assert calendar.holidays == {"2026-12-25": "Christmas Day", "2026-12-31": ""}
    form = signed_in.get(f"/settings/targets/calendars/{calendar.pk}/").content.decode()
    assert 'value="09:00–12:00, 13:00–17:30"' in form
    assert "2026-12-25 Christmas Day" in form
    page = signed_in.get("/settings/targets/").content.decode()
    assert "Tuesday to Thursday" in page
    assert "Saturday to Sunday" in page

    make_target(workspace, calendar=calendar)
    always = {f"day_{day}": "00:00–24:00" for day in range(7)}
    signed_in.post(f"/settings/targets/calendars/{calendar.pk}/", CALENDAR | always)
    waiting.refresh_from_db()
    assert waiting.waiting_since is not None
    assert waiting.response_due_at == waiting.waiting_since + HOUR


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"time_zone": "Springfield"}, "“Springfield” is no time zone."),
        ({"day_0": "nine to five"}, "“nine to five” can’t be read. Write hours like 09:00–17:00."),
        ({"day_0": "09:00+01:00–17:00"}, "can’t be read"),
        ({"day_0": "25:00–26:00"}, "25:00 is no time of day"),
        ({"day_0": "17:00–09:00"}, "17:00 to 09:00 ends before it begins."),
        ({"day_0": "09:00–13:00, 12:00–17:00"}, "12:00 lies within the stretch before it."),
        ({"day_0": "", "day_4": ""}, "fill in at least one day"),
        ({"days_off": "2026-12-25 Christmas\n25.12. Christmas"}, "Line 2: “25.12.” is no date."),
        ({"days_off": "2026-12-25 A\n2026-12-25 B"}, "Line 2: 2026-12-25 stands there twice."),
    ],
)
def test_a_calendar_is_refused_in_words(signed_in: Client, wrong: dict[str, str], words: str) -> None:
    answer = signed_in.post("/settings/targets/calendars/new/", CALENDAR | wrong)
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert not Calendar.objects.exists()


def test_a_calendar_in_use_stays(signed_in: Client, workspace: Workspace) -> None:
    signed_in.post("/settings/targets/calendars/new/", CALENDAR)
    calendar = Calendar.objects.get()
    assert (
        "There is a calendar Berlin already."
        in signed_in.post("/settings/targets/calendars/new/", CALENDAR).content.decode()
    )
    target = make_target(workspace, calendar=calendar, tier="Enterprise")
    answer = signed_in.post(f"/settings/targets/calendars/{calendar.pk}/remove/")
    assert answer.status_code == 409
    assert "Berlin is used by the target for “Enterprise, any priority”." in answer.content.decode()
    target.delete()
    signed_in.post(f"/settings/targets/calendars/{calendar.pk}/remove/")
    assert not Calendar.objects.exists()


def test_others_read_and_strangers_find_nothing(
    client: Client, workspace: Workspace, dana: User, omar: User, stranger: User
) -> None:
    calendar = Calendar.objects.create(workspace=workspace, name="Office", hours={"0": [["09:00", "17:00"]]})
    target = make_target(workspace, tier="Enterprise", calendar=calendar)
    paths = [
        f"/settings/targets/{target.pk}/", f"/settings/targets/{target.pk}/move/",
        f"/settings/targets/{target.pk}/remove/", f"/settings/targets/calendars/{calendar.pk}/",
        f"/settings/targets/calendars/{calendar.pk}/remove/",
    ]  # fmt: skip
    assert client.get("/settings/targets/").status_code == 302
    client.force_login(omar)
    page = client.get("/settings/targets/").content.decode()
    assert "Enterprise, any priority" in page
    assert "Office" in page
    assert "Add a target" not in page
    for path in [*paths, "/settings/targets/new/", "/settings/targets/calendars/new/"]:
        assert client.post(path, TARGET | CALENDAR).status_code == 403
    client.force_login(stranger)
    assert "There is no target" in client.get("/settings/targets/").content.decode()
    for path in paths:
        assert client.post(path, TARGET | CALENDAR).status_code == 404
    foreign = client.post("/settings/targets/new/", TARGET | {"calendar": calendar.pk})
    assert foreign.status_code == 400
    assert ResponseTarget.objects.get() == target
