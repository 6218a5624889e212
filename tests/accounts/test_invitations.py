"""A seat offered by a link: taken once, by the right person, or not at all."""

from __future__ import annotations

import re
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import connections
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.invitations import SignInFirst, accept, invite, renew, revoke
from accounts.models import Invitation, Role, User
from tests import cast

NEW = {"name": "Eve Moreau", "password": "a-long-enough-secret"}


def offered(by: User, email: str = "eve@acme.example", role: Role = Role.MEMBER) -> str:
    """The secret of an invitation."""
    return invite(email=email, role=role, by=by)[1]


def test_a_link_to_copy_makes_a_teammate(client: Client, dana: User) -> None:
    client.force_login(dana)
    page = client.post("/settings/team/invite/", {"email": "Eve@Acme.example", "role": "reader"}).content.decode()
    assert "No mail server is set up" in page
    found = re.search(r"/invitations/([\w-]+)/", page)
    assert found
    assert not Invitation.objects.filter(digest__contains=found[1]).exists(), "only its hash is kept"
    link, eve = found[0], Client()
    assert "Dana Reyes invites eve@acme.example, as: Read-only." in eve.get(link).content.decode()
    answer = eve.post(link, NEW)
    assert answer.headers["location"] == "/board/"
    made = User.objects.get(email="eve@acme.example")
    assert (made.workspace, made.role, made.name) == (dana.workspace, "reader", "Eve Moreau")
    assert eve.get("/board/").status_code == 200
    assert Client().get(link).status_code == 410
    assert Client().post("/sign-in/", {"username": made.email, "password": NEW["password"]}).status_code == 302


def test_it_is_sent_where_there_is_a_mail_server(client: Client, dana: User, settings: Settings) -> None:
    settings.EMAIL_URL = "smtp://mail.example"
    client.force_login(dana)
    page = client.post("/settings/team/invite/", {"email": "eve@acme.example", "role": "member"}).content.decode()
    assert "is on its way to eve@acme.example" in page
    assert mail.outbox[0].to == ["eve@acme.example"]
    assert mail.outbox[0].subject == "Dana Reyes invites you to Acme in Pylon"
    link = re.search(r"http://127.0.0.1:8000(/invitations/[\w-]+/)", str(mail.outbox[0].body))
    assert link
    assert client.get(link[1]).status_code == 200


def test_a_mail_server_that_is_away_is_said(client: Client, dana: User, settings: Settings) -> None:
    settings.EMAIL_URL = "smtp://mail.example"
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = (
        "django.core.mail.backends.smtp.EmailBackend",
        "127.0.0.1",
        9,
    )
    client.force_login(dana)
    page = client.post("/settings/team/invite/", {"email": "eve@acme.example", "role": "member"}).content.decode()
    assert "could not be sent" in page
    assert "/invitations/" in page
    assert Invitation.objects.get().send_error


def test_a_weak_password_is_refused(client: Client, dana: User) -> None:
    link = f"/invitations/{offered(dana)}/"
    answer = client.post(link, NEW | {"password": "password"})
    assert (answer.status_code, "too short" in answer.content.decode()) == (400, True)
    assert not User.objects.filter(email="eve@acme.example").exists()


def test_what_opens_nothing(client: Client, dana: User, stranger: User) -> None:
    former = offered(dana)
    invitation = Invitation.objects.get()
    newer = renew(invitation=invitation, by=dana)
    assert client.get(f"/invitations/{former}/").status_code == 410
    assert client.get(f"/invitations/{newer}/").status_code == 200
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.post(f"/invitations/{newer}/", NEW).status_code == 410
    newest = renew(invitation=invitation, by=dana)
    with pytest.raises(ValidationError):
        renew(invitation=invitation, by=stranger)
    revoke(invitation=invitation, by=stranger)
    assert client.get(f"/invitations/{newest}/").status_code == 200, "a stranger withdraws nothing"
    revoke(invitation=invitation, by=dana)
    assert client.post(f"/invitations/{newest}/", NEW).status_code == 410
    assert client.get("/invitations/guessed/").status_code == 410


def test_another_invitation_for_the_address_ends_the_first(dana: User) -> None:
    first, second = offered(dana), offered(dana, role=Role.ADMIN)
    with pytest.raises(ValidationError):
        accept(secret=first, login=None, **NEW)
    assert accept(secret=second, login=None, **NEW).role == Role.ADMIN


def test_who_is_in_the_team_is_not_invited_again(dana: User, omar: User) -> None:
    with pytest.raises(ValidationError, match="in the team already"):
        offered(dana, email="OMAR@acme.example")


def test_who_has_a_login_gets_another_seat(client: Client, dana: User, stranger: User) -> None:
    link = f"/invitations/{offered(stranger, email='dana@acme.example')}/"
    assert "You have a sign-in already" in client.get(link).content.decode()
    assert client.post(link, NEW).status_code == 200, "the link alone takes nobody's name"
    assert not User.objects.filter(signs_in_as=dana).exists()
    client.force_login(dana)
    assert client.post(link).headers["location"] == "/board/"
    seat = User.objects.get(signs_in_as=dana)
    assert (seat.workspace, seat.email, seat.role) == (stranger.workspace, None, "member")
    assert "Initech" in client.get("/settings/team/").content.decode()


def test_the_link_opens_no_seat_of_another_workspace(dana: User, stranger: User) -> None:
    """Somebody whom another workspace knows from Slack: whoever copies the link must not become them there."""
    seen = cast.make_teammate(workspace=stranger.workspace, email="eve@acme.example")
    User.objects.filter(pk=seen.pk).update(password="!")
    with pytest.raises(SignInFirst):
        accept(secret=offered(dana), login=None, **NEW)


def test_who_was_seen_in_slack_gets_their_own_row(dana: User) -> None:
    seen = cast.make_teammate(workspace=dana.workspace, name="Eve", email="eve@acme.example")
    User.objects.filter(pk=seen.pk).update(password="!")
    seat = accept(secret=offered(dana, role=Role.ADMIN), login=None, **NEW)
    assert (seat.pk, seat.role, seat.has_usable_password()) == (seen.pk, "admin", True)


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_takes_it(dana: User) -> None:
    secret = offered(dana)
    logins = [cast.make_teammate(workspace=cast.make_workspace(name=name)) for name in ("One", "Two")]
    start, taken = threading.Barrier(2), []

    def take(login: User) -> None:
        start.wait()
        try:
            taken.append(accept(secret=secret, login=login))
        except ValidationError:
            pass
        finally:
            connections.close_all()

    threads = [threading.Thread(target=take, args=(login,)) for login in logins]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == 1
    assert User.objects.filter(workspace=dana.workspace, signs_in_as__in=logins).count() == 1


def test_nobody_loses_their_role_by_an_invitation(dana: User) -> None:
    User.objects.filter(pk=dana.pk).update(email="old@acme.example")
    secret = offered(dana, email="dana@acme.example", role=Role.READER)
    seat: Any = accept(secret=secret, login=User.objects.get(pk=dana.pk))
    assert (seat.pk, seat.role) == (dana.pk, "admin")
