"""Slack takes our access away."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from integrations.models import Delivery, DeliveryKind, DeliveryState, InboundEvent, Installation
from integrations.outbox import deliver
from integrations.slack.client import SlackError, call
from tests import cast
from tests.integrations.slack.envelopes import envelope, said, work
from tests.sandbox_process import SandboxProcess

pytestmark = pytest.mark.django_db
REVOKED = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": ["U0PYLON001"]}}


@pytest.mark.parametrize("event", [{"type": "app_uninstalled"}, REVOKED], ids=["uninstalled", "tokens revoked"])
def test_removed_from_slack(acme: Installation, sandbox: SandboxProcess, event: dict[str, object]) -> None:
    sandbox.api("uninstall", team="Acme")
    assert work(envelope(event, team="T0ACME001")) == ["access withdrawn"]
    acme.refresh_from_db()
    assert acme.revoked_at is not None
    assert "removed from the Slack workspace" in acme.revoked_because


def test_a_late_notice_does_not_end_a_new_installation(acme: Installation, sandbox: SandboxProcess) -> None:
    assert work(envelope({"type": "app_uninstalled"}, team="T0ACME001")) == ["not our present token’s"]
    acme.refresh_from_db()
    assert acme.revoked_at is None


def test_slack_is_away_when_the_notice_comes(acme: Installation, sandbox: SandboxProcess) -> None:
    sandbox.api("misbehave", calls=[{"method": "auth.test", "fault": "server_error"}])
    work(envelope({"type": "app_uninstalled"}, team="T0ACME001"))
    row = InboundEvent.objects.get(kind="app_uninstalled")
    assert (row.processed_at, row.attempts) == (None, 1), "it is looked at again"


def test_a_refused_call_is_kept_and_no_more_are_made(acme: Installation, sandbox: SandboxProcess) -> None:
    sandbox.api("uninstall", team="Acme")
    with pytest.raises(SlackError, match="account_inactive"):
        call(acme, "team.info")
    made = len(sandbox.log()["calls"])
    with pytest.raises(SlackError, match="access was withdrawn") as error:
        call(Installation.objects.get(), "team.info")
    assert error.value.permanent
    assert len(sandbox.log()["calls"]) == made


def test_an_old_tokens_refusal_says_nothing_of_the_new_one(acme: Installation) -> None:
    old = Installation.objects.get()
    old.credentials = {"bot_token": "xoxb-old"}
    with pytest.raises(SlackError, match="invalid_auth"):
        call(old, "team.info")
    assert Installation.objects.get().revoked_at is None


def test_a_missing_scope_says_what_was_granted(acme: Installation, sandbox: SandboxProcess) -> None:
    sandbox.api("change-app", scopes=["chat:write", "users:read"])
    with pytest.raises(SlackError, match="missing_scope"):
        call(acme, "team.info")
    acme = Installation.objects.get()
    assert (acme.scopes, acme.revoked_at) == (["chat:write", "users:read"], None)


def test_other_teams_go_on(acme: Installation, sandbox: SandboxProcess) -> None:
    Installation.objects.update(revoked_at=timezone.now())
    other = cast.make_installation(workspace=acme.workspace, external_id="T0OTHER", bot_user_id="U0OTHER")
    channel = cast.make_channel(workspace=acme.workspace, external_team_id="T0OTHER", details_read_at=timezone.now())
    contact = cast.make_contact(workspace=acme.workspace, profile_read_at=timezone.now())
    event = said("Hi", user=contact.external_id, channel=channel.external_id, team="T0GLOBEX")
    assert work(envelope(event, team=other.external_id)) == ["captured"]


def test_what_is_still_to_be_sent_fails_with_the_reason(installation: Installation) -> None:
    Installation.objects.update(revoked_at=timezone.now(), revoked_because="Pylon was removed")
    channel = cast.make_triage_channel(workspace=installation.workspace).channel
    conversation = cast.make_conversation(channel=cast.make_channel(workspace=installation.workspace))
    Delivery.objects.create(
        workspace=installation.workspace, installation=installation, conversation=conversation,
        kind=DeliveryKind.TRIAGE_POST, place=channel.external_id,
    )  # fmt: skip
    deliver()
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts) == (DeliveryState.FAILED, 1), delivery.response
    assert "Pylon was removed" in delivery.error


def test_staff_see_it_on_every_page(client: Client, installation: Installation, dana: User, omar: User) -> None:
    client.force_login(dana)
    assert "banner" not in client.get("/board/").content.decode()
    Installation.objects.update(scopes=["chat:write"])
    assert "permissions that it needs" in client.get("/board/").content.decode()
    Installation.objects.update(revoked_at=timezone.now(), revoked_because="Pylon was removed")
    assert "Pylon was removed. Nothing from Acme reaches Pylon" in client.get("/board/").content.decode()
    client.force_login(omar)
    assert "Pylon was removed" not in client.get("/board/").content.decode()


def test_of_another_workspace_nothing_is_shown(client: Client, installation: Installation, stranger: User) -> None:
    Installation.objects.update(revoked_at=timezone.now(), revoked_because="Pylon was removed")
    client.force_login(stranger)
    assert "Pylon was removed" not in client.get("/board/").content.decode()
