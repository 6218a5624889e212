"""Two accounts that are one company become one, and two again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts import merging
from accounts.duplicates import Known, core, suggestions
from accounts.models import Account, AccountMerge, Channel, Contact, User, Workspace
from accounts.roles import NotAllowed
from conversations.models import Conversation, ConversationEvent, EventKind, KnownSign, SavedView, Sign
from tests import cast
from triage.models import TriageChannel

CASES: list[dict[str, Any]] = [
    {},
    {"owner": True, "tier": "Gold", "tags": ["eu", "vip"], "domains": ["globex.example"], "notes": "Pays late."},
    {"owner": True, "tags": ["eu"], "external_team_id": "T2"},
]


@pytest.fixture
def gone(workspace: Workspace) -> Account:
    return cast.make_account(workspace=workspace, name="Globex Inc", domains=["globex.example"], notes="Ask Hank.")


@pytest.fixture
def whole(workspace: Workspace, account: Account, gone: Account, dana: User) -> None:
    """Of everything that may point to an account, something on both sides."""
    for one in [account, gone]:
        channel = cast.make_channel(workspace=workspace, account=one, owner=dana)
        cast.make_contact(workspace=workspace, account=one)
        cast.make_conversation(channel=channel)
        AccountMerge.objects.create(workspace=workspace, kept=one, gone={"name": "Before"}, gone_id=10**9 + one.pk)
    later = timezone.now() + timedelta(days=3)
    for one, sign in [(account, Sign.WAITING), (gone, Sign.WAITING), (gone, Sign.VOLUME)]:
        KnownSign.objects.create(workspace=workspace, account=one, sign=sign, until=later, by_user=dana)
    for name, query in [("Both", f"account={account.pk}&account={gone.pk}"), ("One", f"account={gone.pk}&q=x")]:
        SavedView.objects.create(workspace=workspace, owner=dana, name=name, query=query)
    SavedView.objects.create(workspace=workspace, owner=dana, name="Other", query=f"account={gone.pk}1")
    triage = cast.make_triage_channel(workspace=workspace, owner=dana)
    TriageChannel.objects.filter(pk=triage.pk).update(filter={"accounts": [gone.pk], "owners": [dana.pk]})


def world() -> dict[str, Any]:
    """Every row that a merge may touch, but for versions and what is told of the merge itself."""
    models = [Account, Channel, Contact, Conversation, SavedView, TriageChannel, KnownSign]
    rows: dict[str, list[Any]] = {one.__name__: list(one._default_manager.order_by("pk").values()) for one in models}
    for row in rows["Conversation"]:
        del row["version"]
    rows["merges"] = list(AccountMerge.objects.filter(undone_at=None).order_by("pk").values())
    return rows


@pytest.mark.parametrize("case", range(len(CASES)))
def test_merged_and_taken_apart_everything_is_as_it_was(
    whole: None, account: Account, gone: Account, dana: User, case: int
) -> None:
    fields = dict(CASES[case])
    if fields.pop("owner", False):
        fields["owner"] = dana
    Account.objects.filter(pk=gone.pk).update(**fields)
    before = world()
    done = merging.merge(kept=account, gone=gone, by=dana)
    assert world() != before
    merging.undo(done, by=dana)
    assert world() == before


def test_whatever_points_to_an_account_goes_along(whole: None, account: Account, gone: Account, dana: User) -> None:
    relations = Account._meta.related_objects
    assert {one.get_accessor_name() for one in relations} == {
        "channels",
        "contacts",
        "conversations",
        "known_signs",
        "merges",
    }, "give the new relation a row in the fixture `whole`, and look whether merging two accounts needs more"
    merging.merge(kept=account, gone=gone, by=dana)
    counts = {one.get_accessor_name(): getattr(account, str(one.get_accessor_name())).count() for one in relations}
    assert counts == {"channels": 2, "contacts": 2, "conversations": 2, "known_signs": 2, "merges": 3}
    assert not Account.objects.filter(pk=gone.pk).exists()


def test_what_names_the_account_by_its_id_follows(whole: None, account: Account, gone: Account, dana: User) -> None:
    merging.merge(kept=account, gone=gone, by=dana)
    queries = dict(SavedView.objects.values_list("name", "query"))
    assert queries == {
        "Both": f"account={account.pk}", "One": f"account={account.pk}&q=x", "Other": f"account={gone.pk}1",
    }  # fmt: skip
    assert TriageChannel.objects.get().filter == {"accounts": [account.pk], "owners": [dana.pk]}


def test_the_account_takes_over_what_it_has_not(account: Account, gone: Account, dana: User) -> None:
    Account.objects.filter(pk=account.pk).update(notes="Pays late.", tags=["eu"])
    Account.objects.filter(pk=gone.pk).update(tags=["vip", "eu"], tier="Gold")
    merging.merge(kept=account, gone=gone, by=dana)
    account.refresh_from_db()
    assert (account.tags, account.domains, account.tier) == (["eu", "vip"], ["globex.example"], "Gold")
    assert (account.notes, account.owner) == ("Pays late.\n\nAsk Hank.", dana)


def test_timelines_say_so_both_ways(whole: None, account: Account, gone: Account, dana: User) -> None:
    moved = gone.conversations.get()
    merging.undo(merging.merge(kept=account, gone=gone, by=dana), by=dana)
    events = ConversationEvent.objects.filter(kind=EventKind.ACCOUNT_CHANGED)
    assert [(event.conversation_id, event.by_user, event.data) for event in events] == [
        (moved.pk, dana, {"from": "Globex Inc", "to": "Globex"}),
        (moved.pk, dana, {"from": "Globex", "to": "Globex Inc"}),
    ]


def test_what_somebody_did_since_stands(whole: None, account: Account, gone: Account, dana: User) -> None:
    done = merging.merge(kept=account, gone=gone, by=dana)
    account.refresh_from_db()
    account.notes, account.domains = "New.", [*account.domains, "new.example"]
    account.save()
    third = cast.make_account(workspace=account.workspace)
    Contact.objects.filter(pk__in=done.moved["contacts"]).update(account=third)
    merging.undo(done, by=dana)
    account.refresh_from_db()
    assert (account.notes, account.domains, third.contacts.count()) == ("New.", ["new.example"], 1)
    with pytest.raises(ValidationError, match="apart already"):
        merging.undo(done, by=dana)


def test_a_merge_within_a_merge_comes_apart_after_it(whole: None, account: Account, gone: Account, dana: User) -> None:
    third = cast.make_account(workspace=account.workspace, name="Initech")
    before = world()
    inner = merging.merge(kept=account, gone=gone, by=dana)
    outer = merging.merge(kept=third, gone=account, by=dana)
    with pytest.raises(ValidationError, match="First take Globex apart"):
        merging.undo(inner, by=dana)
    merging.undo(outer, by=dana)
    merging.undo(inner, by=dana)
    assert world() == before


def test_a_taken_name_is_said(account: Account, gone: Account, dana: User) -> None:
    done = merging.merge(kept=account, gone=gone, by=dana)
    cast.make_account(workspace=account.workspace, name="GLOBEX INC")
    with pytest.raises(ValidationError, match="rename it first"):
        merging.undo(done, by=dana)


def test_the_pages_lead_through_it(client: Client, account: Account, gone: Account, dana: User) -> None:
    client.force_login(dana)
    assert [pair[:2] for pair in client.get("/accounts/duplicates/").context["pairs"]] == [(account, gone)]
    form = {"account": [gone.pk, account.pk], "kept": account.pk}
    assert "Merge Globex Inc into Globex" in client.post("/accounts/merge/", form).content.decode()
    assert Account.objects.filter(pk=gone.pk).exists()
    client.post("/accounts/merge/", {**form, "confirmed": "1"})
    answer = client.get(f"/accounts/{gone.pk}/")
    assert answer.headers["Location"] == f"/accounts/{account.pk}/"
    done = AccountMerge.objects.get()
    assert f"/accounts/merge/{done.pk}/undo/" in client.get(f"/accounts/{account.pk}/").content.decode()
    client.post(f"/accounts/merge/{done.pk}/undo/")
    assert client.get(f"/accounts/{gone.pk}/").status_code == 200
    assert client.post("/accounts/merge/", {"account": [gone.pk, gone.pk]}).status_code == 302


def test_only_admins_of_the_workspace_merge(  # noqa: PLR0917
    client: Client, account: Account, gone: Account, dana: User, omar: User, stranger: User
) -> None:
    done = merging.merge(kept=account, gone=gone, by=dana)
    other = cast.make_account(workspace=account.workspace)
    with pytest.raises(NotAllowed):
        merging.merge(kept=account, gone=other, by=omar)
    with pytest.raises(NotAllowed):
        merging.undo(done, by=omar)
    form = {"account": [account.pk, other.pk], "confirmed": "1"}
    for who, status in [(omar, 403), (stranger, 404)]:
        client.force_login(who)
        assert client.post("/accounts/merge/", form).status_code == status
        assert client.post(f"/accounts/merge/{done.pk}/undo/").status_code == status
        assert client.get(f"/accounts/{gone.pk}/").status_code == (302 if who == omar else 404)
    assert Account.objects.filter(workspace=account.workspace).count() == 2


def test_near_names_and_shared_domains_are_suggested() -> None:
    accounts = [
        Known(1, "Globex", ["globex.example"]), Known(2, "The Globex Corp."), Known(3, "Glboex"), Known(4, "Initech"),
        Known(5, "Innitech GmbH"), Known(6, "Acme", ["gmail.com"]), Known(7, "Acne", ["gmail.com"]),
        Known(8, "Hammer", ["globex.example"]),
    ]  # fmt: skip
    found = {(one.first, one.second): one.domain for one in suggestions(accounts)}
    assert found == {(1, 8): "globex.example", (1, 2): "", (1, 3): "", (2, 3): "", (4, 5): ""}
    assert next(iter(found)) == (1, 8)


def near(name: str) -> Iterator[str]:
    for place in range(len(name)):
        yield name[:place] + name[place + 1 :]
        yield name[:place] + "z" + name[place + 1 :]
        yield name[:place] + "z" + name[place:]


@given(st.text("abcd", min_size=7, max_size=10))
def test_one_letter_of_a_long_name_is_near(name: str) -> None:
    for other in near(name):
        assert len(suggestions([Known(1, name), Known(2, other)])) == 1, (name, other, core(name))
