"""What protects one's own sign-in."""

from __future__ import annotations

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.conf import settings as django_settings
from django.core import mail
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from tests import cast

SECRET = "JBSWY3DPEHPK3PXP"
FORM = {"username": "dana@acme.example", "password": cast.PASSWORD}
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Mobile Safari/604.1"


@pytest.fixture(autouse=True)
def _no_tries_yet() -> None:
    cache.clear()


@pytest.fixture
def with_app(dana: User, rf: object) -> User:
    TOTP.activate(dana, SECRET)
    RecoveryCodes.activate(dana)
    return dana


def browser(user_agent: str = FIREFOX) -> Client:
    """Signed in as Dana, who has no second factor."""
    client = Client(headers={"user-agent": user_agent})
    assert client.post("/sign-in/", FORM).status_code == 302
    return client


def code() -> str:
    return str(format_hotp_value(hotp_value(SECRET, next(iter(yield_hotp_counters_from_time())))))


def test_sessions_are_listed_and_ended(dana: User) -> None:
    laptop, phone = browser(), browser(SAFARI)
    page = laptop.get("/settings/security/").content.decode()
    assert ("Firefox, Linux" in page, "Safari, iPhone" in page, "127.0.0.1" in page) == (True, True, True)
    ends = re.findall(r"/settings/security/sessions/\d+/end/", page)
    assert len(ends) == 1, "not the one that looks"
    laptop.post(ends[0])
    assert phone.get("/board/").headers["location"].startswith("/sign-in/")
    third = browser(SAFARI)
    laptop.post("/settings/security/sessions/end/")
    assert third.get("/board/").status_code == 302
    assert laptop.get("/board/").status_code == 200


def test_nobody_ends_anothers(dana: User, omar: User) -> None:
    mine, theirs = browser(), Client()
    theirs.post("/sign-in/", {"username": "omar@acme.example", "password": cast.PASSWORD})
    found = re.findall(r"sessions/(\d+)/end/", browser().get("/settings/security/").content.decode())
    theirs.post(f"/settings/security/sessions/{found[0]}/end/")
    assert mine.get("/board/").status_code == 200


def test_a_new_password_signs_out_everywhere_else(dana: User) -> None:
    here, elsewhere = browser(), browser()
    assert here.get("/account/password/change/").status_code == 200
    new = {"oldpassword": cast.PASSWORD, "password1": "quite-another-secret", "password2": "quite-another-secret"}
    assert here.post("/account/password/change/", new).headers["location"] == "/settings/security/"
    assert here.get("/board/").status_code == 200
    assert elsewhere.get("/board/").status_code == 302


def test_signing_in_makes_another_session(client: Client, dana: User) -> None:
    session = client.session
    session["kept"] = "for a visitor"
    session.save()
    before = client.session.session_key
    client.post("/sign-in/", FORM)
    assert client.session.session_key != before


def test_the_second_factor_is_asked_for(client: Client, with_app: User) -> None:
    assert client.post("/sign-in/", FORM).headers["location"] == "/account/second-factor/ask/"
    assert client.get("/board/").status_code == 302, "half signed in is not signed in"
    assert client.get("/account/second-factor/ask/").status_code == 200
    assert client.post("/account/second-factor/ask/", {"code": "000000"}).status_code == 200
    assert client.post("/account/second-factor/ask/", {"code": code()}).status_code == 302
    assert client.get("/board/").status_code == 200
    assert "10 recovery codes are left" in client.get("/settings/security/").content.decode()


def test_a_recovery_code_works_once(with_app: User) -> None:
    one = Authenticator.objects.get(user=with_app, type="recovery_codes").wrap().get_unused_codes()[0]
    statuses = []
    for _ in range(2):
        client = Client()
        client.post("/sign-in/", FORM)
        statuses.append(client.post("/account/second-factor/ask/", {"code": one}).status_code)
    assert statuses == [302, 200]


def test_its_secret_is_stored_encrypted(with_app: User) -> None:
    stored = Authenticator.objects.get(user=with_app, type="totp").data["secret"]
    assert SECRET not in stored
    assert stored.startswith("gAAAA")


def test_setting_one_up(dana: User) -> None:
    client = browser()
    asked = client.get("/account/second-factor/app/activate/")
    assert asked.headers["location"].startswith("/account/confirm/"), "the password first"
    assert client.get(asked.headers["location"]).status_code == 200
    client.post(asked.headers["location"], {"password": cast.PASSWORD})
    page = client.get("/account/second-factor/app/activate/")
    assert "data:image/svg+xml" in page.content.decode()
    secret = page.context["form"].secret
    now = str(format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time())))))
    answer = client.post("/account/second-factor/app/activate/", {"code": now}, follow=True)
    assert "Recovery Codes" in answer.content.decode()
    assert Authenticator.objects.filter(user=dana, type="totp").exists()


def test_a_workspace_may_want_one_of_everybody(dana: User) -> None:
    client = browser()
    rules = {"requires_second_factor": "on"}
    refused = client.post("/settings/team/rules/", rules).content.decode()
    assert "Set up your own second factor first" in refused
    TOTP.activate(dana, SECRET)
    assert client.post("/settings/team/rules/", rules).status_code == 302
    cast.make_teammate(workspace=dana.workspace, email="eve@acme.example")
    eve = Client()
    eve.post("/sign-in/", {"username": "eve@acme.example", "password": cast.PASSWORD})
    assert eve.get("/board/").headers["location"] == "/settings/security/"
    assert "Acme asks everybody for a second factor" in eve.get("/settings/security/").content.decode()
    assert eve.post("/conversations/1/status/").status_code == 403
    assert eve.get("/api/v1/conversations/").status_code == 403
    assert client.get("/board/").status_code == 200


def test_the_admin_site_is_entered_the_same_way(client: Client, with_app: User) -> None:
    assert client.get("/admin/login/?next=/admin/").headers["location"].startswith("/sign-in/?next=")
    assert client.post("/admin/login/", FORM).status_code == 302
    assert client.get("/admin/").status_code == 302


def test_wrong_passwords_say_nothing_and_end(client: Client, dana: User) -> None:
    said = set()
    for email in ("dana@acme.example", "nobody@acme.example"):
        page = client.post("/sign-in/", {"username": email, "password": "wrong"}).content.decode()
        said.add(re.search(r'role="alert">([^<]+)', page)[1])  # type: ignore[index]
    assert len(said) == 1, "whether the address is known can't be told"
    for _ in range(5):
        client.post("/sign-in/", {"username": "dana@acme.example", "password": "wrong"})
    assert "Too many" in client.post("/sign-in/", FORM).content.decode(), "even with the right one"


def test_a_forgotten_password_is_set_by_mail(client: Client, dana: User, settings: Settings) -> None:
    settings.EMAIL_URL = "smtp://mail.example"
    assert "Forgot your password?" in client.get("/sign-in/").content.decode()
    for email in ("dana@acme.example", "nobody@acme.example"):
        assert client.post("/account/password/forgotten/", {"email": email}, follow=True).status_code == 200
    assert [message.to for message in mail.outbox] == [["dana@acme.example"]]
    link = re.search(r"/account/password/new/\S+", str(mail.outbox[0].body))
    assert link
    form = client.get(link[0], follow=True)
    chosen = {"password1": "quite-another-secret", "password2": "quite-another-secret"}
    assert client.post(form.redirect_chain[-1][0], chosen).status_code == 302
    assert client.post("/sign-in/", FORM | {"password": "quite-another-secret"}).status_code == 302


def test_who_has_no_password_gets_none_by_mail(client: Client, dana: User) -> None:
    User.objects.filter(pk=dana.pk).update(password="!")
    client.post("/account/password/forgotten/", {"email": "dana@acme.example"})
    assert mail.outbox == []


def test_nobody_signs_up(client: Client, db: None) -> None:
    assert client.get("/account/signup/").status_code == 404


def test_cookies_are_as_they_should_be(client: Client, dana: User) -> None:
    client.post("/sign-in/", FORM)
    cookie = client.cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert django_settings.SESSION_COOKIE_SECURE is False, "set where BASE_URL is https"
