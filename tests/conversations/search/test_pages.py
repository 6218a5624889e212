from __future__ import annotations

import pytest
from django.test import Client
from django.utils.html import escape
from rest_framework.test import APIClient

from accounts.models import Channel, Contact, Role, User
from conversations.models import Message, SavedView
from conversations.search.suggesting import suggest
from pylon import palette
from tests import cast


@pytest.fixture
def said(channel: Channel, contact: Contact) -> Message:
    return cast.say("The <b>exports</b> are empty", channel=channel, by=contact)


@pytest.fixture
def page(client: Client, dana: User) -> Client:
    client.force_login(dana)
    return client


def test_the_page_works_without_a_script(page: Client, said: Message) -> None:
    assert "Find any conversation" in page.get("/search/").content.decode()
    drawn = page.get("/search/", {"q": "export status:open"}).content.decode()
    assert "The &lt;b&gt;<mark>exports</mark>&lt;/b&gt; are empty" in drawn
    assert f"/conversations/{said.conversation.number}/#message-{said.pk}" in drawn
    assert 'href="?q=export"' in drawn  # without the filter
    assert "<b>exports" not in drawn
    assert "Nothing found" in page.get("/search/", {"q": "invoice "}).content.decode()
    problem = page.get("/search/", {"q": 'owner:"<i>"'}).content.decode()
    assert escape("No teammate is called “<i>”.") in problem
    assert page.get("/search/", {"q": "export", "after": "x"}).status_code == 400


def test_a_script_is_given_the_results_alone(page: Client, said: Message) -> None:
    headers = {"HX-Request": "true", "HX-Target": "results"}
    drawn = page.get("/search/", {"q": "export"}, headers=headers).content.decode()
    assert drawn.startswith('<div class="page-body search-body" id="results">')


def test_strangers_find_nothing_and_nobody_is_let_in_without_a_sign_in(
    client: Client, said: Message, stranger: User
) -> None:
    for path in ("/search/", "/search/suggestions/", "/palette/", "/palette/owner/"):
        assert client.get(path, {"q": "exports "}).status_code == 302
    client.force_login(stranger)
    for path, query in (("/search/", "exports "), ("/palette/", "exports "), ("/search/suggestions/", "owner:dana")):
        drawn = client.get(path, {"q": query}).content.decode()
        assert "are empty" not in drawn
        assert "Dana" not in drawn
    assert "Dana" not in client.get("/palette/owner/").content.decode()


def test_the_palette_answers_with_everything_that_has_a_name(
    page: Client, said: Message, dana: User, omar: User
) -> None:
    SavedView.objects.create(workspace=dana.workspace, owner=omar, name="Exports of all", is_shared=True)
    SavedView.objects.create(workspace=dana.workspace, owner=omar, name="Exports of mine")
    drawn = page.get("/palette/", {"q": "exp"}).content.decode()
    assert f'data-href="/conversations/{said.conversation.number}/"' in drawn
    assert "Exports of all" in drawn
    assert "Exports of mine" not in drawn
    assert "/accounts/" in page.get("/palette/", {"q": "globex"}).content.decode()
    assert f"/board/?owner={omar.pk}" in page.get("/palette/", {"q": "omar"}).content.decode()
    assert f'data-value="{omar.pk}"' in page.get("/palette/owner/").content.decode()
    assert page.get("/palette/password/").status_code == 404


def test_only_admins_are_led_to_what_only_they_may_open(dana: User) -> None:
    dana.is_staff = False
    for role, is_led in ((Role.MEMBER, False), (Role.ADMIN, True)):
        dana.role = role
        pages = {page["href"] for page in palette.pages(dana)}
        assert ("/settings/slack/" in pages) is is_led
        assert "/admin/" not in pages
        assert "/board/" in pages


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("export ow", ["export owner:"]),
        ("owner:om", ["owner:omar haddad "]),
        ("-status:to", ["-status:todo "]),
        ('export account:"glo', ["export account:globex "]),
        ("priority:", ["priority:urgent ", "priority:high ", "priority:normal ", "priority:low "]),
        ("export ", []),
        ("owner:zzz", []),
        ("zzz:a", []),
    ],
    ids=range(8),
)
def test_what_is_being_typed_is_completed(
    typed: str, offered: list[str], said: Message, dana: User, omar: User
) -> None:
    assert [one.query.replace('"', "").lower() for one in suggest(dana, typed)] == offered


def test_programs_search_too(said: Message, dana: User, stranger: User) -> None:
    api = APIClient()
    api.force_authenticate(dana)
    (found,) = api.get("/api/v1/search/", {"q": "exports owner:me"}).json()["results"]
    assert found["conversation"]["number"] == said.conversation.number
    assert found["message"] == said.pk
    assert "<mark>exports</mark>" in found["excerpt"]
    assert api.get("/api/v1/search/", {"q": "expor"}).json()["results"] == []  # nobody is typing
    for wrong in ({}, {"q": "x", "after": "x"}, {"q": "x", "limit": "0"}, {"q": "owner:zz"}, {"q": "x", "owner": "1"}):
        assert api.get("/api/v1/search/", wrong).status_code == 400, wrong
    api.force_authenticate(stranger)
    assert api.get("/api/v1/search/", {"q": "exports"}).json() == {"results": [], "next": "", "looked_back_to": None}
