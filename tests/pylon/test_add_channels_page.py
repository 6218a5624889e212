"""Many channels at once: pick, look, join."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import Account, Channel, User
from integrations.models import Installation
from integrations.slack.connect import connect
from integrations.slack.inbox import drain
from tests import cast
from tests.sandbox.listener import Listener
from tests.sandbox_process import SandboxProcess

URL = "/settings/channels/add/"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    with Listener() as listener, SandboxProcess(tmp_path_factory.mktemp("slack"), listener.url, speed=1000) as process:
        yield process


@pytest.fixture
def acme(sandbox: SandboxProcess, settings: Settings, db: None) -> Installation:
    sandbox.reset()
    settings.SLACK_API_URL = f"{sandbox.url}/api/"
    return connect(sandbox.token)


@pytest.fixture
def signed_in(client: Client, acme: Installation) -> Client:
    dana = User.objects.get(external_id="U0DANA0001")
    User.objects.filter(pk=dana.pk).update(role="admin")
    client.force_login(User.objects.get(pk=dana.pk))
    return client


def key(installation: Installation, channel_id: str) -> str:
    return f"{installation.external_id}:{channel_id}"


def test_pick_look_join(signed_in: Client, acme: Installation) -> None:
    priya = User.objects.get(external_id="U0PRIYA001")
    globex = cast.make_account(workspace=acme.workspace, name="Globex Corp", external_team_id="T0GLOBEX1")
    listed = signed_in.get(URL).content.decode()
    assert all(f"#{name}" in listed for name in ("ext-globex", "ext-initech", "ext-umbrella", "general"))
    assert "#support-triage" not in listed, "Pylon is in it already"
    one, other = key(acme, "C0EXTGLOBX"), key(acme, "C0EXTINTCH")
    look = signed_in.post(URL, {"channel": [one, other]})
    guesses = {line.found.sighting.name: line for line in look.context["lines"]}
    assert (guesses["ext-globex"].account, guesses["ext-initech"].new_account) == (globex, "Initech")
    assert guesses["ext-initech"].owner == User.objects.get(external_id="U0OMAR0001"), "who made it"
    assert not Channel.objects.filter(name__startswith="ext-").exists(), "nothing is joined by looking"
    form = {
        "join": "1", "channel": [one, other],
        f"account-{one}": str(globex.pk), f"name-{one}": "ignored", f"owner-{one}": str(priya.pk),
        f"account-{other}": "new", f"name-{other}": "Initech GmbH", f"owner-{other}": "",
    }  # fmt: skip
    response = signed_in.post(URL, form, follow=True)
    assert "Joining #ext-globex and #ext-initech." in response.content.decode()
    assert "not joined yet" in response.content.decode()
    drain()
    first, second = (Channel.objects.get(external_id=i) for i in ("C0EXTGLOBX", "C0EXTINTCH"))
    assert (first.account, first.owner, first.left_at, bool(first.joined_at)) == (globex, priya, None, True)
    assert second.account
    assert (second.account.name, second.left_at) == ("Initech GmbH", None)
    globex.refresh_from_db()
    assert globex.owner == priya
    assert Account.objects.filter(name__iexact="Initech").count() == 0, "no account is made beside the chosen one"


def test_a_part_of_the_name(signed_in: Client) -> None:
    listed = signed_in.get(f"{URL}?q=%23EXT-gl").content.decode()
    assert "#ext-globex" in listed
    assert "#ext-initech" not in listed
    assert "No public channel is called like" in signed_in.get(f"{URL}?q=nowhere").content.decode()


def test_made_up_keys_join_nothing(signed_in: Client, acme: Installation) -> None:
    signed_in.post(URL, {"join": "1", "channel": [key(acme, "C0MADEUP"), "T0OTHER:C0EXTGLOBX"]})
    assert not Channel.objects.filter(left_at__isnull=False).exists()


def test_slack_does_not_answer(signed_in: Client, sandbox: SandboxProcess) -> None:
    sandbox.api("misbehave", calls=[{"method": "conversations.list", "fault": "server_error"}])
    assert "Slack did not list the channels of Acme" in signed_in.get(URL).content.decode()
