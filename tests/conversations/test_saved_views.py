from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Channel, Role, User, Workspace
from conversations.models import Conversation, SavedView
from tests import cast


@pytest.fixture
def as_dana(client: Client, dana: User) -> Client:
    client.force_login(dana)
    return client


@pytest.fixture
def conversations(channel: Channel, dana: User, omar: User) -> list[Conversation]:
    return [cast.make_conversation(channel=channel, title=f"{who.name}’s matter", owner=who) for who in (dana, omar)]


@pytest.fixture
def view(as_dana: Client, dana: User) -> SavedView:
    as_dana.post("/board/views/", {"name": " My  own ", "query": "owner=mine&column=todo&lanes=priority&owner=x"})
    return SavedView.objects.get()


def test_a_view_is_kept_under_an_address_that_stays(
    as_dana: Client, view: SavedView, conversations: list[Conversation]
) -> None:
    assert (view.name, view.query) == ("My own", "owner=mine&lanes=priority")
    page = as_dana.get(f"/board/?view={view.key}").content.decode()
    assert "Dana Reyes’s matter" in page
    assert "Omar Haddad’s matter" not in page
    assert 'data-group="priority"' in page
    assert "Reset" not in page
    changed = as_dana.get(f"/board/?view={view.key}&changed=1").content.decode()
    assert "Omar Haddad’s matter" in changed
    assert "Reset" in changed


def test_mine_in_a_shared_view_is_the_readers(
    as_dana: Client, view: SavedView, omar: User, conversations: list[Conversation]
) -> None:
    client = Client()
    client.force_login(omar)
    address = f"/board/?view={view.key}"
    page = client.get(address).content.decode()
    assert "Dana Reyes’s matter" in page  # not shared: the whole board
    assert "not there any more" in page
    as_dana.post("/board/views/", {"view": view.key, "name": "Own", "query": "owner=mine", "is_shared": "on"})
    page = client.get(address).content.decode()
    assert "Omar Haddad’s matter" in page
    assert "Dana Reyes’s matter" not in page


def test_only_its_owner_and_admins_change_a_shared_view(
    as_dana: Client, view: SavedView, dana: User, omar: User, workspace: Workspace
) -> None:
    SavedView.objects.update(is_shared=True)
    client = Client()
    client.force_login(omar)
    address = f"/board/views/{view.key}/delete/"
    assert client.post(address).status_code == 403
    change = {"view": view.key, "name": "Theirs", "query": ""}
    assert client.post("/board/views/", change).status_code == 403
    stranger = cast.make_teammate(workspace=cast.make_workspace(name="Other"), role=Role.ADMIN)
    other = Client()
    other.force_login(stranger)
    assert other.post(address).status_code == 404
    assert view.key not in other.get("/board/").content.decode()
    User.objects.filter(pk=omar.pk).update(role=Role.ADMIN)
    assert client.post(address).status_code == 302
    assert not SavedView.objects.exists()


def test_a_reader_keeps_views_of_their_own_and_shares_none(omar: User) -> None:
    User.objects.filter(pk=omar.pk).update(role=Role.READER)
    client = Client()
    client.force_login(omar)
    client.post("/board/views/", {"name": "Waiting", "query": "waiting=60"})
    assert SavedView.objects.get().owner == omar
    assert client.post("/board/views/", {"name": "For all", "query": "", "is_shared": "on"}).status_code == 403
    assert SavedView.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "query", "said"),
    [
        ("", "owner=mine", "Give the view a name"),
        ("x" * 61, "owner=mine", "at most 60 characters"),
        ("Long", "&".join(f"tag={n:040}" for n in range(40)), "too long to be kept"),
        ("My own", "owner=nobody", "already"),
    ],
    ids=["empty", "long-name", "long-query", "twice"],
)
def test_what_can_not_be_kept_is_said(as_dana: Client, view: SavedView, name: str, query: str, said: str) -> None:
    page = as_dana.post("/board/views/", {"name": name, "query": query}, follow=True).content.decode()
    assert said in page
    assert SavedView.objects.count() == 1
