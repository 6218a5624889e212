"""Connecting a tool through its consent page, over real HTTP against each tool's stand-in."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from html import unescape
from typing import Any

import httpx
import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role, User, Workspace
from integrations.models import Consent, Installation, ToolApp
from integrations.tools.connecting import disconnect_tool, stop_tool
from integrations.tools.errors import Unauthorised
from integrations.tools.registry import TOOLS, adapter_of
from tests.integrations.intercom.double import Intercom
from tests.integrations.intercom.server import serving as serving_intercom
from tests.integrations.linear.double import serving as serving_linear
from tests.integrations.salesforce.double import Org
from tests.integrations.salesforce.server import serving as serving_salesforce
from tests.integrations.tools.grants import CLIENT, Grants
from tests.integrations.zendesk.double import Zendesk
from tests.integrations.zendesk.double import serving as serving_zendesk

pytestmark = pytest.mark.django_db
ROTATING = ["zendesk", "salesforce", "linear"]


class Side:
    """A tool's stand-in, and the app that was made there."""

    def __init__(self, provider: str, stack: ExitStack) -> None:
        self.provider, self.tool = provider, TOOLS[provider]
        self.entered: dict[str, Any] = dict(CLIENT)
        server: Any
        match provider:
            case "zendesk":
                server = stack.enter_context(serving_zendesk(Zendesk()))
            case "intercom":
                server = stack.enter_context(serving_intercom(Intercom()))
                self.entered |= {"kind": "ticket", "writer": ""}
            case "salesforce":
                server = stack.enter_context(serving_salesforce(Org()))
                server.by_consent = True
            case _:
                server = stack.enter_context(serving_linear())
                self.entered |= {"team": "SUP"}
        self.grants: Grants = server.grants
        self.entered["address"] = server.url

    def address(self, name: str) -> str:
        return reverse(name, args=[self.provider])

    def keep(self, browser: Client, **changed: str) -> HttpResponse:
        return browser.post(self.address("keep-tool-app"), self.entered | changed)  # type: ignore[return-value]

    def back(self, browser: Client) -> str:
        """To the consent page, and where that leads back to."""
        to = browser.get(self.address("tool-consent")).headers["location"]
        return str(httpx.get(to, trust_env=False).headers["location"])

    def connect(self, browser: Client) -> Installation:
        self.keep(browser)
        answer = browser.get(self.back(browser))
        assert answer.status_code == 302, unescape(answer.content.decode())
        return Installation.objects.get(provider=self.provider, removed_at=None)


@pytest.fixture(params=["zendesk", "intercom", "salesforce", "linear"])
def side(request: pytest.FixtureRequest) -> Iterator[Side]:
    with ExitStack() as stack:
        yield Side(request.param, stack)


@pytest.fixture
def linear() -> Iterator[Side]:
    with ExitStack() as stack:
        yield Side("linear", stack)


@pytest.fixture
def browser(client: Client, dana: User) -> Client:
    dana.role = Role.ADMIN
    dana.save()
    client.force_login(dana)
    return client


def said(answer: Any) -> str:
    """What stands in the notice."""
    assert answer.status_code == 400
    return unescape(answer.content.decode().partition('role="alert"><span>')[2].partition("</span>")[0])


def test_a_tool_is_connected_by_signing_in_there(browser: Client, side: Side) -> None:
    page = browser.get(side.address("connect-tool")).content.decode()
    assert f"/connect/{side.provider}/consented/" in page, "the redirect address is shown"
    assert "tool-consent" not in page
    assert side.keep(browser).status_code == 302
    page = browser.get(side.address("connect-tool")).content.decode()
    assert f"Connect with {side.tool.name}" in page
    assert CLIENT["client_secret"] not in page
    installation = side.connect(browser)
    assert all(finding.is_good for finding in adapter_of(installation).check()[:1])
    assert (installation.revoked_at, installation.config["automatic"]) == (None, "never")
    kept = Installation.objects.filter(pk=installation.pk).extra(select={"raw": "credentials::text"}).get()
    assert CLIENT["client_secret"] not in kept.raw


def test_who_does_not_agree_connects_nothing(browser: Client, linear: Side) -> None:
    linear.keep(browser)
    linear.grants.denies = True
    assert said(browser.get(linear.back(browser))) == "You did not agree in Linear: nothing was connected."
    assert not Installation.objects.filter(provider="linear").exists()


def test_the_way_back_is_good_once_for_who_began_it(browser: Client, linear: Side, dana: User, omar: User) -> None:
    linear.keep(browser)
    back = linear.back(browser)
    assert "did not begin here" in said(browser.get(back.replace("state=", "state=x")))
    assert "did not begin here" in said(browser.get(linear.address("tool-consented")))
    elsewhere = Client()
    elsewhere.force_login(dana)
    assert "another browser" in said(elsewhere.get(back))
    omar.role = Role.ADMIN
    omar.save()
    elsewhere.force_login(omar)
    assert "Somebody else" in said(elsewhere.get(back))
    assert linear.grants.calls == [], "no code was spent on them"
    assert browser.get(back).status_code == 302
    assert "used already" in said(browser.get(back))
    assert linear.grants.calls == ["authorization_code"]
    assert not any(one.carried for one in Consent.objects.all()), "what is used up is forgotten"


def test_a_way_back_that_took_too_long(browser: Client, linear: Side) -> None:
    linear.keep(browser)
    back = linear.back(browser)
    Consent.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert "longer than ten minutes" in said(browser.get(back))


def test_a_code_that_has_expired(browser: Client, side: Side) -> None:
    side.keep(browser)
    back = side.back(browser)
    side.grants.codes.clear()
    assert "was used already or has expired" in said(browser.get(back))
    assert not Installation.objects.filter(provider=side.provider).exists()


def test_a_wrong_client_secret(browser: Client, side: Side) -> None:
    side.keep(browser, client_secret="another")
    assert "does not take the client id and secret" in said(browser.get(side.back(browser)))
    assert not Installation.objects.filter(provider=side.provider).exists()


def test_a_code_of_another_verifier_is_worth_nothing(browser: Client, linear: Side) -> None:
    linear.keep(browser)
    back = linear.back(browser)
    for begun in linear.grants.codes.values():
        begun["code_challenge"] = "x" * 43
    assert "expired" in said(browser.get(back))


def test_what_the_tool_says_otherwise_is_shown(browser: Client, linear: Side) -> None:
    linear.keep(browser, team="NONE")
    assert "sees no team" in said(browser.get(linear.back(browser)))
    linear.keep(browser)
    state = linear.back(browser).partition("state=")[2]
    answer = browser.get(
        linear.address("tool-consented"), {"state": state, "error": "x", "error_description": "<b>No.</b>"}
    )
    assert said(answer) == "Linear refused: <b>No.</b>. Begin again."
    assert "<b>No" not in answer.content.decode()


def test_secrets_stay_with_their_app(browser: Client, linear: Side) -> None:
    assert linear.keep(browser, client_secret="").status_code == 422
    linear.keep(browser)
    assert linear.keep(browser, client_secret="").status_code == 302, "the one entered before"
    assert linear.keep(browser, client_secret="", address="https://evil.example").status_code == 422
    assert ToolApp.objects.get().entered["address"] == linear.entered["address"]


def test_only_admins_come_near(browser: Client, linear: Side, omar: User) -> None:
    linear.keep(browser)
    other = Client()
    other.force_login(omar)
    for name in ("tool-consent", "tool-consented"):
        assert other.get(linear.address(name)).status_code == 403
    assert linear.keep(other).status_code == 403


# Tokens that end ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("side", ROTATING, indirect=True)
def test_a_token_that_is_not_taken_any_more_is_replaced(browser: Client, side: Side) -> None:
    installation = side.connect(browser)
    before = dict(installation.credentials)
    side.grants.taken.clear()
    adapter_of(installation).choices()
    after = Installation.objects.get(pk=installation.pk).credentials
    assert after["token"] != before["token"]
    assert after["refresh_token"] != before["refresh_token"]


def test_a_token_that_is_about_to_end_is_replaced_before(browser: Client, linear: Side) -> None:
    installation = linear.connect(browser)
    installation.credentials |= {"ends_at": time.time() + 30}
    installation.save()
    linear.grants.calls.clear()
    for _ in range(2):
        adapter_of(installation).choices()
    assert linear.grants.calls == ["refresh_token"]


@pytest.mark.django_db(transaction=True)
def test_two_workers_renew_once(browser: Client, linear: Side) -> None:
    installation = linear.connect(browser)
    linear.grants.taken.clear()
    linear.grants.calls.clear()
    linear.grants.workers = 2
    start, troubles = threading.Barrier(2), list[Exception]()

    def work() -> None:
        adapter = adapter_of(Installation.objects.get(pk=installation.pk))
        start.wait(10)
        try:
            adapter.find("export")  # not `choices`: a cached_property lets one thread in at a time
        except Exception as error:  # noqa: BLE001 - it is shown below, in the test's own thread
            troubles.append(error)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for one in workers:
        one.start()
    for one in workers:
        one.join(30)
    assert troubles == []
    assert linear.grants.calls == ["refresh_token"]


def test_access_that_was_taken_away_stops_the_tool(browser: Client, side: Side) -> None:
    installation = side.connect(browser)
    side.grants.revoke()
    with pytest.raises(Unauthorised) as refused:
        adapter_of(installation).choices()
    stop_tool(installation, str(refused.value))
    page = browser.get(reverse("integration", args=[installation.pk])).content.decode()
    assert "onnect it again" in page
    again = side.connect(browser)
    assert (again.pk, again.revoked_at, again.revoked_because) == (installation.pk, None, "")
    adapter_of(again).choices()


def test_credentials_that_are_missing_are_said_to_be(browser: Client, side: Side) -> None:
    installation = side.connect(browser)
    installation.credentials = {"address": side.entered["address"]}
    installation.save()
    with pytest.raises(Unauthorised, match=r"credentials of \w+ are missing"):
        adapter_of(installation).choices()


def test_letting_go_forgets_the_app_too(browser: Client, linear: Side, dana: User, workspace: Workspace) -> None:
    installation = linear.connect(browser)
    assert installation.workspace_id == workspace.pk
    linear.back(browser)
    disconnect_tool(installation, by=dana)
    assert not ToolApp.objects.exists()
    assert not Consent.objects.exists()
    assert Installation.objects.get(pk=installation.pk).credentials == {}
