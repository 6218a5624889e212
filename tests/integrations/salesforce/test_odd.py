"""What Salesforce does in its own way: merges, ended tokens, limits, rights, SOQL, outbound messages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from integrations.models import Installation
from integrations.salesforce import cases, soql, webhooks
from integrations.salesforce.adapter import SalesforceAdapter
from integrations.tools.errors import Gone, Refused, ToolError, Unauthorised, Unsupported
from integrations.tools.protocol import File, TheirComment
from tests.integrations.salesforce.double import AGENT, ORGANISATION
from tests.integrations.salesforce.server import Server
from tests.integrations.tools.contract import new_comment, new_ticket

HOSTILE = ["' OR Id != '", "\\", "\\'", "%", "_", "x' LIMIT 1 --", "\n'\r\t\x00", ":fields", "') OR (Name != '"]


@pytest.fixture
def adapter(salesforce: Installation) -> SalesforceAdapter:
    return SalesforceAdapter(salesforce)


@pytest.mark.parametrize("text", HOSTILE)
def test_text_is_never_a_part_of_a_query(adapter: SalesforceAdapter, text: str) -> None:
    adapter.create(new_ticket())
    assert adapter.find(text) == []
    assert adapter.set_owner(adapter.create(new_ticket()).external_id, text or "x") is False


def test_values_are_bound_as_soql_wants_them() -> None:
    assert soql.bound("a = :a", {"a": "O'Neil \\ \n%"}) == "a = 'O\\'Neil \\\\ \\n%'"
    assert soql.bound("a LIKE :a", {"a": soql.Containing("50%_'")}) == "a LIKE '%50\\%\\_\\'%'"
    assert soql.bound("a IN :a", {"a": ["x", ":a"]}) == "a IN ('x', ':a')"
    with pytest.raises(ValueError, match="names"):
        soql.bound("SELECT :a", {"a": soql.Names("Id FROM User --")})


def test_a_merged_case_says_into_which(adapter: SalesforceAdapter, server: Server) -> None:
    gone, kept = (adapter.create(new_ticket()).external_id for _ in range(2))
    cursor = adapter.changes("").cursor
    server.org.merge(gone, kept)
    assert adapter.get(gone).merged_into == kept
    assert gone in {one.external_id for one in adapter.changes(cursor).touched}


def test_a_poll_tells_the_version_that_reading_tells(adapter: SalesforceAdapter, server: Server) -> None:
    pk = adapter.create(new_ticket()).external_id
    server.org.create("CaseComment", {"ParentId": pk, "CommentBody": "News", "IsPublished": False}, by=AGENT)
    told = {one.external_id: one.version for one in adapter.changes(server.org.now()).touched}
    assert told == {pk: adapter.get(pk).version}


def test_an_ended_token_is_replaced_once_and_kept(
    adapter: SalesforceAdapter, salesforce: Installation, server: Server
) -> None:
    pk = adapter.create(new_ticket()).external_id
    server.org.token = "00D!second"
    assert adapter.get(pk).external_id == pk
    salesforce.refresh_from_db()
    assert salesforce.credentials["token"] == "00D!second"
    server.org.secret = "changed"
    assert SalesforceAdapter(salesforce).get(pk).external_id == pk, "the token that was kept is still good"
    server.org.token = "00D!third"
    with pytest.raises(Unauthorised):
        SalesforceAdapter(salesforce).get(pk)


def test_a_refresh_token_is_used_where_there_is_one(salesforce: Installation, server: Server) -> None:
    salesforce.credentials = salesforce.credentials | {"refresh_token": "5Aep", "token": "old"}
    salesforce.save()
    with pytest.raises(Unauthorised):
        SalesforceAdapter(salesforce).find("anything")
    server.org.refresh_token = "5Aep"
    assert SalesforceAdapter(salesforce).find("anything") == []


def test_what_our_user_may_not_change_is_said_otherwise(adapter: SalesforceAdapter, server: Server) -> None:
    pk = adapter.create(new_ticket()).external_id
    told = new_comment()
    added = adapter.add(pk, told)
    server.org.may_edit_comments = False
    with pytest.raises(Unsupported):
        adapter.edit(pk, added, replace(told, text="Other"))
    with pytest.raises(Unsupported):
        adapter.delete(pk, added)


def test_a_field_that_was_removed_there_is_named(adapter: SalesforceAdapter, server: Server) -> None:
    server.org.fields.remove("Origin")
    with pytest.raises(ToolError, match="Origin") as refused:
        adapter.create(new_ticket(fields={"Origin": "Web"}))
    assert refused.value.permanent


def test_without_a_field_of_ours_cases_are_found_by_their_description(
    adapter: SalesforceAdapter, server: Server
) -> None:
    server.org.fields -= {"Pylon_Key__c", "MasterRecordId"}
    told = new_ticket()
    made = adapter.create(told)
    found = adapter.created(told.key)
    assert found is not None
    assert found.external_id == made.external_id


def test_the_opening_can_be_edited_and_is_still_found(adapter: SalesforceAdapter, server: Server) -> None:
    server.org.fields.remove("Pylon_Key__c")
    told = new_ticket()
    pk = adapter.create(told).external_id
    adapter.edit(pk, "opening", replace(told.opening, text="Said otherwise"))
    assert "Said otherwise" in server.org.find("Case", pk)["Description"]
    assert adapter.created(told.key) is not None


def test_files_of_the_opening_come_with_the_case_or_not_at_all(adapter: SalesforceAdapter, server: Server) -> None:
    file = File("log.txt", "text/plain", 3, lambda: b"abc")
    pk = adapter.create(new_ticket(opening=new_comment(files=[file]))).external_id
    assert [one["LinkedEntityId"] for one in server.org.records["ContentDocumentLink"]] == [pk]
    server.org.fields.remove("Subject")
    with pytest.raises(ToolError, match="Subject"):
        adapter.create(new_ticket(opening=new_comment(files=[file])))
    assert len(server.org.records["Case"]) == 1


def test_a_file_is_brought_once_however_often_its_comment_is_tried(adapter: SalesforceAdapter, server: Server) -> None:
    pk = adapter.create(new_ticket()).external_id
    told = new_comment(files=[File("log.txt", "text/plain", 3, lambda: b"abc")], is_public=False)
    for _ in range(2):
        adapter.add(pk, told)
    assert [one["Visibility"] for one in server.org.records["ContentDocumentLink"]] == ["InternalUsers"]


@pytest.mark.parametrize(("choice", "made"), [("make", 1), ("find", 0)])
def test_a_contact_is_found_or_made(adapter: SalesforceAdapter, server: Server, choice: str, made: int) -> None:
    for _ in range(2):
        adapter.create(new_ticket(fields={"contact": choice}))
    contacts = server.org.records["Contact"]
    assert [(one["FirstName"], one["LastName"]) for one in contacts] == [("Hank", "Scorpio")] * made
    assert {one.get("ContactId") for one in server.org.records["Case"]} == {contacts[0]["Id"] if made else None}


def test_whoever_quotes_us_is_not_us(adapter: SalesforceAdapter, server: Server) -> None:
    pk = adapter.create(new_ticket()).external_id
    quoted = cases.comment_body(new_comment("Quoted"))
    server.org.create("CaseComment", {"ParentId": pk, "CommentBody": quoted, "IsPublished": True}, by=AGENT)
    found: TheirComment = adapter.comments(pk)[0]
    assert (found.key, "Quoted" in found.text) == ("", True)


def test_a_comment_of_four_byte_letters_fits() -> None:
    body = cases.comment_body(new_comment("🙈" * 3000))
    assert len(body.encode()) <= cases.LONGEST_COMMENT
    assert cases.read(body)[1]


def test_a_page_of_an_unknown_case_is_gone(adapter: SalesforceAdapter) -> None:
    for pk in ["500000000000999AAA", "x' OR Id != '", ""]:
        with pytest.raises(Gone):
            adapter.get(pk)


MESSAGE = """<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>
<notifications xmlns="http://soap.sforce.com/2005/09/outbound"><OrganizationId>{organisation}</OrganizationId>
<Notification><Id>04l000000000001AAA</Id><sObject xsi:type="sf:Case" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">
<sf:Id>500000000000011AAA</sf:Id></sObject></Notification>
<Notification><Id>04l000000000002AAA</Id><sObject xsi:type="sf:CaseComment"
 xmlns:sf="urn:sobject.enterprise.soap.sforce.com"><sf:Id>00a000000000001AAA</sf:Id>
<sf:ParentId>500000000000012AAA</sf:ParentId></sObject></Notification></notifications></soapenv:Body></soapenv:Envelope>"""


def test_an_outbound_message_names_its_cases_and_is_acknowledged() -> None:
    body = MESSAGE.format(organisation=ORGANISATION)
    webhook = webhooks.verify(ORGANISATION, body.encode())
    assert "<Ack>true</Ack>" in webhook.answer
    assert webhook == webhooks.verify(ORGANISATION[:15], body.encode())
    assert webhooks.touched(body) == ["500000000000011AAA", "500000000000012AAA"]


@pytest.mark.parametrize(
    "body",
    [
        MESSAGE.format(organisation="00D000000000099EAA"), MESSAGE.format(organisation=""), "", "<a/>", "{}",
        MESSAGE.format(organisation=ORGANISATION).replace("Notification>", "Other>"),
        '<!DOCTYPE a [<!ENTITY b "bb">]>' + MESSAGE.format(organisation=ORGANISATION).partition("?>")[2],
    ],
    ids=["another organisation", "no organisation", "nothing", "other XML", "JSON", "no notification", "entities"],
)  # fmt: skip
def test_another_message_is_refused(body: str) -> None:
    with pytest.raises(Refused):
        webhooks.verify(ORGANISATION, body.encode())
    with pytest.raises(Refused):
        webhooks.verify("", body.encode())
