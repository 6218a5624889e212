"""An account's tier and tags, and what follows them."""

from __future__ import annotations

from datetime import timedelta

from django.test import Client

from accounts.models import Account, Channel, Contact, Role, User
from tests import cast
from triage.models import ResponseTarget

FORM = {"name": "Globex", "tier": "", "tags": "", "domains": "", "notes": ""}


def test_staff_change_them_and_what_is_due_follows(
    client: Client, account: Account, channel: Channel, contact: Contact, dana: User
) -> None:
    conversation = cast.say("How do I export this?", channel=channel, by=contact).conversation
    ResponseTarget.objects.create(workspace=dana.workspace, tier="Enterprise", minutes=60)
    cast.make_account(workspace=dana.workspace, tier="Enterprise")
    client.force_login(dana)
    client.post(f"/accounts/{account.pk}/details/", {**FORM, "tier": "enterprise ", "tags": "vip, EU ,vip,"})
    account.refresh_from_db()
    assert (account.tier, account.tags) == ("Enterprise", ["vip", "EU"])
    conversation.refresh_from_db()
    assert conversation.waiting_since is not None
    assert conversation.response_due_at == conversation.waiting_since + timedelta(hours=1)
    page = client.get(f"/accounts/{account.pk}/").content.decode()
    assert 'value="vip, EU"' in page
    assert 'data-style="due"' in page
    answer = client.post(f"/accounts/{account.pk}/details/", {**FORM, "tags": "x" * 41})
    assert answer.status_code == 400
    assert "is too long: a tag has at most 40 characters." in answer.content.decode()
    account.refresh_from_db()
    assert account.tier == "Enterprise"


def test_every_detail_is_changed_in_place_and_a_wrong_one_changes_nothing(
    client: Client, account: Account, omar: User, dana: User
) -> None:
    cast.make_account(workspace=dana.workspace, name="Initech")
    client.force_login(omar)
    where = f"/accounts/{account.pk}/details/"
    client.post(where, {"name": "Globex Inc", "domains": "@globex.example", "notes": "Pays late.", "tags": "vip"})
    account.refresh_from_db()
    assert (account.name, account.domains, account.notes) == ("Globex Inc", ["globex.example"], "Pays late.")
    for wrong, told in [
        ({"name": "initech"}, "Another account has this name"), ({"name": ""}, "This field is required"),
        ({"domains": "globex"}, "is not a domain"),
    ]:  # fmt: skip
        answer = client.post(where, {**FORM, **wrong})
        assert answer.status_code == 400
        assert told in answer.content.decode()
        account.refresh_from_db()
        assert (account.name, account.notes) == ("Globex Inc", "Pays late.")


def test_readers_only_look_and_strangers_find_nothing(
    client: Client, account: Account, omar: User, stranger: User
) -> None:
    Account.objects.filter(pk=account.pk).update(tier="Enterprise", tags=["vip"])
    User.objects.filter(pk=omar.pk).update(role=Role.READER)
    client.force_login(omar)
    page = client.get(f"/accounts/{account.pk}/").content.decode()
    assert "Enterprise" in page
    assert f"/accounts/{account.pk}/details/" not in page
    assert client.post(f"/accounts/{account.pk}/details/", FORM).status_code == 403
    client.force_login(stranger)
    assert client.post(f"/accounts/{account.pk}/details/", FORM).status_code == 404


def test_tags_and_tier_of_many_change_at_once_and_go_back(client: Client, account: Account, omar: User) -> None:
    other = cast.make_account(workspace=omar.workspace, tags=["vip"])
    client.force_login(omar)
    chosen = {"account": [account.pk, other.pk]}

    def tags() -> list[list[str]]:
        return [Account.objects.get(pk=pk).tags for pk in chosen["account"]]

    client.post("/accounts/change/", {**chosen, "do": "add_tag", "add_tag": " vip "})
    assert tags() == [["vip"], ["vip"]]
    undo = client.get("/accounts/").context["undo"]
    assert undo.words == "1 account changed."
    client.post("/accounts/change/", {**chosen, "do": "tier", "tier": "Gold"})
    Account.objects.filter(pk=other.pk).update(tier="Brass")
    answer = client.post("/accounts/undo/", {"undo": client.get("/accounts/").context["undo"].token}, follow=True)
    assert "1 of 2 accounts" in answer.content.decode()
    assert [*Account.objects.order_by("pk").values_list("tier", flat=True)] == ["", "Brass"]
    client.post("/accounts/undo/", {"undo": undo.token})
    assert tags() == [[], ["vip"]]
    client.post("/accounts/change/", {**chosen, "do": "remove_tag", "remove_tag": "vip"})
    assert tags() == [[], []]


def test_a_way_back_is_its_own_persons(
    client: Client, account: Account, omar: User, dana: User, stranger: User
) -> None:
    client.force_login(omar)
    client.post("/accounts/change/", {"account": account.pk, "do": "tier", "tier": "Gold"})
    token = client.get("/accounts/").context["undo"].token
    for other in [dana, stranger]:
        client.force_login(other)
        client.post("/accounts/undo/", {"undo": token})
        client.post("/accounts/undo/", {"undo": "x"})
    client.force_login(stranger)
    client.post("/accounts/change/", {"account": account.pk, "do": "tier", "tier": "Ours"})
    account.refresh_from_db()
    assert account.tier == "Gold"
