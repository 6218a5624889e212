"""Roles, and who is in the team."""

from __future__ import annotations

import threading

import pytest
from django.db import connections
from django.test import Client
from knox.models import AuthToken

from accounts.models import Role, User
from accounts.roles import NotAllowed
from accounts.team import bring_back, change_role, remove
from tests import cast


def test_an_admin_changes_roles_on_the_page(client: Client, dana: User, omar: User) -> None:
    client.force_login(dana)
    page = client.post(f"/settings/team/{omar.pk}/role/", {"role": "reader"}, follow=True).content.decode()
    omar.refresh_from_db()
    assert (omar.role, "Saved." in page) == ("reader", True)
    assert client.post(f"/settings/team/{omar.pk}/role/", {"role": "owner"}).status_code == 404


def test_a_stranger_finds_nobody(client: Client, stranger: User, omar: User) -> None:
    client.force_login(stranger)
    for what in ("role", "remove", "back"):
        assert client.post(f"/settings/team/{omar.pk}/{what}/", {"role": "reader"}).status_code == 404
    assert "Omar" not in client.get("/settings/team/").content.decode()


def test_the_last_admin_stays(client: Client, dana: User, omar: User) -> None:
    client.force_login(dana)
    for what in ("role", "remove"):
        answer = client.post(f"/settings/team/{dana.pk}/{what}/", {"role": "member"}, follow=True)
        assert "The last admin stays" in answer.content.decode()
    dana.refresh_from_db()
    assert (dana.is_active, dana.role) == (True, "admin")
    change_role(teammate=omar, role=Role.ADMIN, by=dana)
    remove(teammate=omar, by=dana)
    with pytest.raises(NotAllowed, match="last admin"):
        change_role(teammate=dana, role=Role.READER, by=dana)


def test_whoever_is_removed_is_out_at_once(client: Client, dana: User, omar: User) -> None:
    theirs = Client()
    theirs.force_login(omar)
    _, token = AuthToken.objects.create(omar)
    asking = {"authorization": f"Bearer {token}"}
    assert theirs.get("/board/").status_code == 200
    assert client.get("/api/v1/conversations/", headers=asking).status_code == 200
    remove(teammate=omar, by=dana)
    assert theirs.get("/board/").headers["location"].startswith("/sign-in/")
    assert client.get("/api/v1/conversations/", headers=asking).status_code == 401
    bring_back(teammate=omar, by=dana)
    assert client.get("/api/v1/conversations/", headers=asking).status_code == 401, "its tokens are gone for good"


@pytest.mark.django_db(transaction=True)
def test_two_admins_who_demote_each_other_leave_one(dana: User, omar: User) -> None:
    change_role(teammate=omar, role=Role.ADMIN, by=dana)
    start, refused = threading.Barrier(2), []

    def demote(teammate: User, by: User) -> None:
        start.wait()
        try:
            change_role(teammate=teammate, role=Role.MEMBER, by=by)
        except NotAllowed as error:
            refused.append(str(error))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=demote, args=pair) for pair in ((dana, omar), (omar, dana))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert User.objects.filter(role=Role.ADMIN).count() == 1
    assert len(refused) == 1


def test_members_see_the_team_and_no_buttons(client: Client, omar: User, dana: User) -> None:
    client.force_login(omar)
    page = client.get("/settings/team/").content.decode()
    assert "Dana Reyes" in page
    assert "/remove/" not in page
    assert cast.PASSWORD not in page
