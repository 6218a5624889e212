from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone
from knox.models import AuthToken

from accounts.models import Channel, ChannelKind, Contact, User, Workspace
from tests import cast

WORKSPACE = {"name": "Acme Support", "email_domains": "", "quiet_minutes": "30"}


@pytest.fixture
def signed_in(client: Client, dana: User) -> Client:
    client.force_login(dana)
    return client


@pytest.fixture
def triage(workspace: Workspace) -> Channel:
    return cast.make_channel(workspace=workspace, kind=ChannelKind.TRIAGE, name="support-triage")


def test_staff_change_the_workspace(signed_in: Client, workspace: Workspace) -> None:
    domains = {"email_domains": "@Acme.example,\n acme.example; eu.acme.example"}
    assert signed_in.post("/settings/workspace/", WORKSPACE | domains).status_code == 302
    workspace.refresh_from_db()
    assert workspace.name == "Acme Support"
    assert workspace.quiet_minutes == 30
    assert workspace.email_domains == ["acme.example", "eu.acme.example"]


def test_other_domains_of_ours_let_everybody_be_looked_at_anew(
    signed_in: Client, workspace: Workspace, contact: Contact, dana: User
) -> None:
    signed_in.post("/settings/workspace/", WORKSPACE)
    read_at = timezone.now()
    for person in (contact, dana):
        type(person).objects.filter(pk=person.pk).update(profile_read_at=read_at)
    signed_in.post("/settings/workspace/", WORKSPACE)
    dana.refresh_from_db()
    assert dana.profile_read_at == read_at
    signed_in.post("/settings/workspace/", WORKSPACE | {"email_domains": "acme.example"})
    dana.refresh_from_db()
    contact.refresh_from_db()
    assert not dana.profile_read_at
    assert not contact.profile_read_at


def test_staff_choose_whose_apps_are_heard_and_what_is_forgotten(signed_in: Client, workspace: Workspace) -> None:
    chosen = {"app_posts": "all", "forgets_deleted": "True"}
    signed_in.post("/settings/workspace/", WORKSPACE | chosen)
    workspace.refresh_from_db()
    assert (workspace.app_posts, workspace.forgets_deleted) == ("all", True)
    page = signed_in.get("/settings/").content.decode()
    assert '<option value="all" selected>' in page
    assert '<option value="True" selected>' in page
    signed_in.post("/settings/workspace/", WORKSPACE | chosen | {"forgets_deleted": "False"})
    workspace.refresh_from_db()
    assert (workspace.app_posts, workspace.forgets_deleted) == ("all", False)


def test_the_time_zone_is_one_that_there_is(signed_in: Client, workspace: Workspace) -> None:
    signed_in.post("/settings/workspace/", WORKSPACE | {"time_zone": "america/new_york"})
    workspace.refresh_from_db()
    assert workspace.time_zone == "America/New_York"
    answer = signed_in.post("/settings/workspace/", WORKSPACE | {"time_zone": "Springfield"})
    assert "“Springfield” is no time zone." in answer.content.decode()
    signed_in.post("/settings/workspace/", WORKSPACE)
    workspace.refresh_from_db()
    assert workspace.time_zone == "America/New_York"


def test_conversations_keep_being_numbered_while_the_workspace_is_saved(
    signed_in: Client, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    clean = Workspace.clean_fields

    def meanwhile(self: Workspace, exclude: set[str] | None = None) -> None:
        workspace.take_numbers(5)
        clean(self, exclude)

    monkeypatch.setattr(Workspace, "clean_fields", meanwhile)
    signed_in.post("/settings/workspace/", WORKSPACE)
    assert workspace.take_numbers(1)[0] == 6


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("name", "", "This field is required."),
        ("name", "A\x00cme", "Null characters are not allowed."),
        ("email_domains", "acme.example, acme", "“acme” is not a domain."),
        ("quiet_minutes", "0", "greater than or equal to 1"),
        ("quiet_minutes", "99999999999", "less than or equal to 10080"),
    ],
)
def test_a_wrong_value_is_explained_and_nothing_is_saved(
    signed_in: Client, workspace: Workspace, field: str, value: str, says: str
) -> None:
    answer = signed_in.post("/settings/workspace/", WORKSPACE | {field: value})
    assert answer.status_code == 400
    assert says in answer.content.decode()
    workspace.refresh_from_db()
    assert (workspace.name, workspace.quiet_minutes) == ("Acme", 60)


def test_others_may_read_but_not_change(client: Client, workspace: Workspace, triage: Channel, omar: User) -> None:
    chosen = cast.make_triage_channel(workspace=workspace, channel=triage)
    client.force_login(omar)
    assert "Only admins may change" in client.get("/settings/").content.decode()
    page = client.get("/settings/triage/").content.decode()
    assert "Only admins may change" in page
    assert "support-triage" in page
    assert client.post("/settings/workspace/", WORKSPACE).status_code == 403
    assert client.post("/settings/triage/", {"is_general": "on", "channel": triage.pk}).status_code == 403
    assert client.post(f"/settings/triage/{chosen.pk}/remove/").status_code == 403


def test_a_stranger_changes_nothing_of_ours(
    client: Client, workspace: Workspace, triage: Channel, stranger: User
) -> None:
    chosen = cast.make_triage_channel(workspace=workspace, channel=triage)
    client.force_login(stranger)
    assert "support-triage" not in client.get("/settings/triage/").content.decode()
    assert client.post("/settings/triage/", {"is_general": "on", "channel": triage.pk}).status_code == 400
    assert client.post(f"/settings/triage/{chosen.pk}/remove/").status_code == 404


def test_a_token_is_shown_once_works_and_is_revoked(client: Client, omar: User) -> None:
    client.force_login(omar)
    made = client.post("/settings/tokens/")
    token = made.context["new_token"]
    assert token in made.content.decode()
    assert "no-store" in made.headers["Cache-Control"]
    assert token not in client.get("/settings/").content.decode()
    program = Client(headers={"Authorization": f"Bearer {token}"})
    assert program.get("/api/v1/conversations/").status_code == 200
    client.post("/settings/tokens/revoke/", {"key": AuthToken.objects.get().token_key})
    assert program.get("/api/v1/conversations/").status_code == 401


def test_nobody_revokes_anothers_token(signed_in: Client, omar: User) -> None:
    key = AuthToken.objects.create(omar)[0].token_key
    assert key[:8] not in signed_in.get("/settings/").content.decode()
    assert signed_in.post("/settings/tokens/revoke/", {"key": key}).status_code == 404
    assert signed_in.post("/settings/tokens/revoke/", {"key": "\x00"}).status_code == 404
    assert AuthToken.objects.filter(user=omar).exists()


def test_connected_slack_workspaces_are_listed_without_their_credentials(
    signed_in: Client, workspace: Workspace, stranger: User
) -> None:
    cast.make_installation(workspace=workspace, name="Acme’s Slack", credentials={"bot_token": "xoxb-secret"})
    cast.make_installation(workspace=stranger.workspace, external_id="T0INITECH", name="Initech’s Slack")
    page = signed_in.get("/settings/").content.decode()
    assert "Acme’s Slack" in page
    assert "xoxb-secret" not in page
    assert "Initech’s Slack" not in page
