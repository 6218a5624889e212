from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import Account, Channel, ChannelKind, User, Workspace
from tests import cast


@pytest.fixture
def signed_in(client: Client, dana: User) -> Client:
    client.force_login(dana)
    return client


def errors(answer: Any) -> str:
    return str(answer.context["errors"]) if answer.context else ""


def test_an_account_is_added_to_ones_own_workspace(signed_in: Client, workspace: Workspace) -> None:
    answer = signed_in.post("/admin/accounts/account/add/", {"name": "Hooli", "domains": "hooli.example"})
    assert errors(answer) == ""
    added = Account.objects.get(name="Hooli")
    assert (added.workspace, added.domains) == (workspace, ["hooli.example"])


def test_a_name_that_is_taken_is_explained(signed_in: Client, account: Account) -> None:
    answer = signed_in.post("/admin/accounts/account/add/", {"name": "GLOBEX"})
    assert "account_name_once" in errors(answer)
    assert Account.objects.count() == 1


def test_a_channel_can_not_be_given_to_another_workspaces_account_or_owner(
    signed_in: Client, channel: Channel, account: Account, stranger: User
) -> None:
    theirs = cast.make_account(workspace=stranger.workspace)
    path = f"/admin/accounts/channel/{channel.pk}/change/"
    for role in ("staff", "superuser"):
        User.objects.filter(email="dana@acme.example").update(is_superuser=role == "superuser")
        answer = signed_in.post(path, {"kind": "customer", "account": theirs.pk, "owner": stranger.pk})
        assert "account" in answer.context["adminform"].form.errors
        assert "owner" in answer.context["adminform"].form.errors
    channel.refresh_from_db()
    assert channel.account == account


def test_a_shared_channel_can_not_become_one_of_our_own(signed_in: Client, channel: Channel) -> None:
    path = f"/admin/accounts/channel/{channel.pk}/change/"
    answer = signed_in.post(path, {"kind": ChannelKind.TRIAGE, "account": channel.account_id})
    assert "Another company reads this channel" in errors(answer)


def test_a_teammate_is_added_and_can_sign_in(client: Client, signed_in: Client, workspace: Workspace) -> None:
    person = {"name": "Rosa Diaz", "email": "Rosa@Acme.example", "password1": cast.PASSWORD, "password2": cast.PASSWORD}
    assert errors(signed_in.post("/admin/accounts/user/add/", person)) == ""
    rosa = User.objects.get(email="rosa@acme.example")
    assert (rosa.workspace, rosa.is_staff, rosa.is_superuser) == (workspace, False, False)
    assert Client().login(username="rosa@acme.example", password=cast.PASSWORD)
    twice = signed_in.post("/admin/accounts/user/add/", person)
    assert "email" in twice.context["adminform"].form.errors


def test_staff_make_nobody_a_superuser_and_touch_none(signed_in: Client, workspace: Workspace, omar: User) -> None:
    signed_in.post(
        f"/admin/accounts/user/{omar.pk}/change/",
        {"name": "Omar H.", "email": omar.email, "is_active": "on", "is_superuser": "on"},
    )
    omar.refresh_from_db()
    assert (omar.name, omar.is_superuser) == ("Omar H.", False)
    boss = cast.make_teammate(workspace=workspace, name="Boss", is_superuser=True, is_staff=True)
    assert 'name="_save"' not in signed_in.get(f"/admin/accounts/user/{boss.pk}/change/").content.decode()
    passwords = {"password1": "another-long-one", "password2": "another-long-one"}
    assert signed_in.post(f"/admin/accounts/user/{boss.pk}/password/", passwords).status_code == 403
    boss.refresh_from_db()
    assert boss.check_password(cast.PASSWORD)


def test_saving_the_workspace_leaves_the_conversations_counter_alone(
    signed_in: Client, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    clean = Workspace.clean_fields

    def meanwhile(self: Workspace, exclude: set[str] | None = None) -> None:
        workspace.take_numbers(5)
        clean(self, exclude)

    monkeypatch.setattr(Workspace, "clean_fields", meanwhile)
    path = f"/admin/accounts/workspace/{workspace.pk}/change/"
    signed_in.post(path, {"name": "Acme 2", "email_domains": "", "quiet_minutes": "60"})
    assert Workspace.objects.get().name == "Acme 2"
    assert workspace.take_numbers(1)[0] == 6
