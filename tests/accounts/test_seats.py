"""Several workspaces for one sign-in."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Role, User, Workspace
from accounts.seats import seats_of
from accounts.team import remove
from tests import cast


@pytest.fixture
def initech() -> Workspace:
    return cast.make_workspace(name="Initech")


@pytest.fixture
def seat(dana: User, initech: Workspace) -> User:
    """Dana's in the other workspace, where she may only read."""
    return User.objects.create(
        workspace=initech, name="Dana at Initech", signs_in_as=dana, role=Role.READER, password="!"
    )


@pytest.fixture
def signed_in(client: Client, dana: User, seat: User) -> Client:
    client.post("/sign-in/", {"username": "dana@acme.example", "password": cast.PASSWORD})
    return client


def test_the_switcher_leads_to_the_other_workspace(signed_in: Client, dana: User, seat: User) -> None:
    theirs = cast.make_conversation(channel=cast.make_channel(workspace=seat.workspace), title="Theirs alone")
    ours = cast.make_conversation(channel=cast.make_channel(workspace=dana.workspace), title="Ours alone")
    page = signed_in.get("/board/").content.decode()
    assert f"/workspaces/{seat.pk}/" in page
    assert ("Ours alone" in page, "Theirs alone" in page) == (True, False)
    assert signed_in.post(f"/workspaces/{seat.pk}/").headers["location"] == "/board/"
    page = signed_in.get("/board/").content.decode()
    assert ("Ours alone" in page, "Theirs alone" in page) == (False, True)
    assert theirs.number == ours.number
    assert signed_in.post(f"/conversations/{ours.number}/status/", {"status": "closed"}).status_code == 403, "a reader"
    api = signed_in.get("/api/v1/conversations/").json()["results"]
    assert [row["title"] for row in api] == ["Theirs alone"]


def test_forms_of_the_former_workspace_do_nothing_any_more(dana: User, seat: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.get("/sign-in/")
    form = {"username": "dana@acme.example", "password": cast.PASSWORD}
    browser.post("/sign-in/", form | {"csrfmiddlewaretoken": browser.cookies["csrftoken"].value})
    browser.get("/board/")
    before = {"csrfmiddlewaretoken": browser.cookies["csrftoken"].value}
    browser.post(f"/workspaces/{seat.pk}/", before)
    assert "page was open too long" in browser.post(f"/workspaces/{dana.pk}/", before).content.decode()
    now = {"csrfmiddlewaretoken": browser.cookies["csrftoken"].value}
    assert browser.post(f"/workspaces/{dana.pk}/", now).status_code == 302


def test_nobody_takes_anothers_seat(signed_in: Client, omar: User, stranger: User) -> None:
    for other in (omar, stranger):
        assert signed_in.post(f"/workspaces/{other.pk}/").status_code == 404


def test_a_seat_that_ended_is_left_at_once(signed_in: Client, dana: User, seat: User) -> None:
    boss = cast.make_teammate(workspace=seat.workspace, role=Role.ADMIN)
    signed_in.post(f"/workspaces/{seat.pk}/")
    remove(teammate=seat, by=boss)
    mine = cast.make_conversation(channel=cast.make_channel(workspace=dana.workspace))
    refused = signed_in.post(f"/conversations/{mine.number}/status/", {"status": "closed"})
    assert "no longer have a seat in that workspace" in refused.content.decode()
    mine.refresh_from_db()
    assert mine.status == "todo", "what was meant for one workspace is done in no other"
    assert signed_in.get("/board/").status_code == 200


def test_whoever_left_their_first_workspace_keeps_the_others(
    client: Client, dana: User, seat: User, omar: User
) -> None:
    omar.role = Role.ADMIN
    omar.save()
    remove(teammate=dana, by=omar)
    assert list(seats_of(dana)) == [seat]
    answer = client.post("/sign-in/", {"username": "dana@acme.example", "password": cast.PASSWORD})
    assert answer.headers["location"] == "/board/"
    assert "Dana at Initech" in client.get("/board/").content.decode()
    User.objects.filter(pk=seat.pk).update(is_active=False)
    assert client.get("/board/").headers["location"].startswith("/sign-in/")
    again = client.post("/sign-in/", {"username": "dana@acme.example", "password": cast.PASSWORD}, follow=True)
    assert "You have no seat here any more" in again.content.decode()


def test_a_seat_is_no_staff_for_being_it_elsewhere(signed_in: Client, seat: User) -> None:
    assert signed_in.get("/admin/").status_code == 200
    signed_in.post(f"/workspaces/{seat.pk}/")
    assert signed_in.get("/admin/").status_code != 200
