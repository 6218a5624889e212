"""Accounts from a file: looked at, applied once, and out again."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import importing, tables
from accounts.models import Account, AccountImport, Channel, User, Workspace
from tests import cast

FILE = """Name;Owner;Domains;Tier;Tags;Notes;Colour
globex;OMAR@acme.example;globex.example, @globex.test;gold;vip;;red
Initech;;initech.example;;a;Note;
Hooli;nobody@acme.example;;;;;
Initech;;;;;;
Umbrella;;no domain;;;;
;;;;x;;
Same;;;;;;
"""
WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12).map(str.strip).filter(bool)


@pytest.fixture
def signed_in(client: Client, dana: User) -> Client:
    client.force_login(dana)
    return client


def look(client: Client, content: str = FILE) -> str:
    answer = client.post("/accounts/import/", {"file": SimpleUploadedFile("crm.csv", content.encode())})
    assert answer.status_code == 302, answer.context["form"].errors
    return answer.headers["Location"]


def test_a_dry_run_says_what_every_row_would_do(signed_in: Client, account: Account, omar: User) -> None:
    Account.objects.filter(pk=account.pk).update(tier="Gold")
    cast.make_account(workspace=account.workspace, name="Same")
    plan = signed_in.get(look(signed_in)).context["plan"]
    assert [(line.number, str(line.verdict), line.why) for line in plan.lines] == [
        (2, "changed", ""),
        (3, "made", ""),
        (4, "refused", "No active teammate has the address nobody@acme.example."),
        (5, "refused", "Row 3 is this account already."),
        (6, "refused", "“no” is not a domain. Write it like acme.example."),
        (7, "refused", "It has no name."),
        (8, "left", ""),
    ]
    assert plan.lines[0].told == ["Domains: globex.example, globex.test", "Owner: Omar Haddad", "Tags: vip"]
    assert plan.unknown_columns == ["Colour"]
    assert Account.objects.count() == 2


def test_it_is_applied_once(signed_in: Client, account: Account, channel: Channel, omar: User) -> None:
    conversation = cast.make_conversation(channel=channel)
    where = look(signed_in)
    seen = signed_in.get(where).context["plan"].fingerprint
    page = signed_in.post(where, {"seen": seen}, follow=True).content.decode()
    assert "2 accounts made, 1 changed, 0 left as they were, 4 refused." in page
    account.refresh_from_db()
    assert (account.owner, account.domains, account.tier) == (omar, ["globex.example", "globex.test"], "gold")
    conversation.refresh_from_db()
    assert conversation.owner == omar
    Account.objects.filter(name="Same").delete()
    assert "applied already" in signed_in.post(where, {"seen": seen}, follow=True).content.decode()
    assert not Account.objects.filter(name="Same").exists()
    assert AccountImport.objects.get().table == []


def test_what_would_do_something_else_by_now_is_shown_again(signed_in: Client, account: Account, omar: User) -> None:
    where = look(signed_in)
    seen = signed_in.get(where).context["plan"].fingerprint
    cast.make_account(workspace=account.workspace, name="Initech")
    assert signed_in.post(where, {"seen": seen}).status_code == 409
    assert Account.objects.count() == 2


def test_a_file_that_cant_be_read_is_refused_in_words(signed_in: Client) -> None:
    for content, told in [("a,b\n1,2\n", "must name the columns"), ("", "empty")]:
        answer = signed_in.post("/accounts/import/", {"file": SimpleUploadedFile("x.csv", content.encode())})
        assert answer.status_code == 400
        assert told in answer.content.decode()
    assert signed_in.post("/accounts/import/").status_code == 400


def test_only_admins_import_and_nobody_sees_anothers_file(
    client: Client, dana: User, omar: User, stranger: User
) -> None:
    client.force_login(dana)
    where = look(client, "name\nX\n")
    for who, upload, preview in [(omar, 403, 403), (stranger, 200, 404)]:
        client.force_login(who)
        assert client.get("/accounts/import/").status_code == upload
        assert client.get(where).status_code == client.post(where).status_code == preview


def test_the_export_holds_the_workspaces_accounts(client: Client, account: Account, omar: User, stranger: User) -> None:
    cast.make_account(workspace=account.workspace, name="=1+1", notes="a\nb", tags=["x, y", "z"])
    client.force_login(omar)
    answer = client.get("/accounts/export/")
    lines = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert lines[0] == "\ufeffname,domains,owner e-mail,tier,tags,notes"
    assert lines[1].startswith("'=1+1,,,,")
    assert "Globex,,dana@acme.example,,," in lines
    client.force_login(stranger)
    assert b"Globex" not in b"".join(client.get("/accounts/export/").streaming_content)  # type: ignore[attr-defined]


ROWS = st.lists(
    st.fixed_dictionaries({
        "name": WORDS, "domains": st.lists(st.sampled_from(["a.example", "b.example"]), unique=True),
        "tier": st.just("") | WORDS, "tags": st.lists(WORDS, unique=True, max_size=3),
        "notes": st.text("ab\n\r\"',;=+ ", max_size=9),
    }),
    max_size=4, unique_by=lambda row: str(row["name"]).lower(),
)  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROWS)
def test_exported_and_imported_nothing_changes(workspace: Workspace, rows: list[dict[str, Any]]) -> None:
    Account.objects.all().delete()
    for row in rows:
        cast.make_account(workspace=workspace, **row)
    table = tables.read("".join(tables.written(importing.exported(workspace.pk))).encode())
    plan = importing.plan(table, workspace_id=workspace.pk)
    assert [(str(line.verdict), line.why, line.told) for line in plan.lines] == [("left", "", [])] * len(rows)
