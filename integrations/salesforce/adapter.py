"""Salesforce Service: cases. Facts: Object Reference for the Salesforce Platform (Case, CaseComment, CaseStatus)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.models import Installation
from integrations.salesforce import cases, files, soql, webhooks
from integrations.salesforce.client import VERSION, NoRight, SalesforceClient
from integrations.salesforce.layout import MAKE_CONTACT, Layout
from integrations.salesforce.people import People
from integrations.salesforce.session import Session
from integrations.salesforce.soql import Names
from integrations.tools.errors import Gone, ToolError, Unsupported
from integrations.tools.protocol import (
    Abilities,
    Changes,
    Choices,
    Counterpart,
    Finding,
    NewComment,
    NewTicket,
    Person,
    TheirComment,
    Touched,
    Webhook,
)  # fmt: skip

POLL = timedelta(minutes=1)
OVERLAP = timedelta(minutes=5)
"""SystemModstamp is of when a change began, and is seen when its transaction ends: later ones can be seen earlier."""
FOUND = 10
LOOKED_BACK = timedelta(days=30)
"""In which a case whose making was not answered is looked for by what its Description says."""
ID = re.compile(r"[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?\Z")
OPENING = "opening"


class SalesforceAdapter:
    def __init__(self, installation: Installation) -> None:
        session = Session(installation)
        self._client = SalesforceClient(session)
        self._pages = installation.url.rstrip("/") or session.address
        self._organisation = str(installation.credentials.get("organisation", ""))
        self._people = People(self._client, str(installation.credentials.get("user", "")))
        self._layout = Layout(self._client)

    @property
    def can(self) -> Abilities:
        return Abilities(
            edits=True, deletes=True, webhooks=False, polls=POLL, largest_file=files.LARGEST,
            longest_text=cases.LONGEST_COMMENT - 1000,
        )  # fmt: skip

    def check(self) -> list[Finding]:
        try:
            findings = [Finding(_("Salesforce takes our credentials"), is_good=True)]
            for kind in ("Case", "CaseComment", "ContentVersion"):
                findings.append(self._may_make(kind))
            self._layout.choices()
        except ToolError as error:
            return [Finding(_("Salesforce does not let us work"), is_good=False, advice=str(error))]
        field = self._layout.key_field
        found = (
            _("Cases are found again by the field %s") % field if field else _("Cases are found by their description")
        )
        return [*findings, Finding(found, is_good=True)]

    def choices(self) -> Choices:
        return self._layout.choices()

    def create(self, ticket: NewTicket) -> Counterpart:
        """In one transaction with the links to the files that came with the opening."""
        record = self._new_case(ticket)
        documents = files.uploaded(self._client, ticket.opening)
        if not documents:
            return self.get(self._client.make("Case", **record))
        made = [_step("case", "Case", record)]
        for number, document in enumerate(documents):
            linked = files.link(document, "@{case.id}", is_public=ticket.opening.is_public)
            made.append(_step(f"file{number}", "ContentDocumentLink", linked))
        answer = self._client.post("/composite", {"allOrNone": True, "compositeRequest": made})
        steps = answer["compositeResponse"]
        if wrong := [one for one in steps if one["httpStatusCode"] >= 400]:
            said = "; ".join(filter(None, (self._client.words(one["body"]) for one in wrong)))
            raise ToolError(f"Salesforce refused it: “{said[:200]}”.", permanent=True)
        return self.get(str(steps[0]["body"]["id"]))

    def created(self, key: str) -> Counterpart | None:
        """By the custom field; without one, among what our user has made lately: a Description can't be searched."""
        if field := self._layout.key_field:
            found = self._client.query("SELECT Id FROM Case WHERE :field = :key LIMIT 1", field=Names(field), key=key)
            return self.get(str(found[0]["Id"])) if found else None
        mine = self._client.query(
            "SELECT Id, Description FROM Case WHERE CreatedById = :me AND CreatedDate >= :since "
            "ORDER BY CreatedDate DESC LIMIT 2000", me=self._people.me, since=timezone.now() - LOOKED_BACK,
        )  # fmt: skip
        made = next((one for one in mine if cases.read(str(one.get("Description") or ""))[1] == key), None)
        return self.get(str(made["Id"])) if made else None

    def get(self, external_id: str) -> Counterpart:
        told = self._case(external_id)
        newest = self._client.query_all(
            "SELECT SystemModstamp FROM CaseComment WHERE ParentId = :case ORDER BY SystemModstamp DESC LIMIT 1",
            case=external_id,
        )
        stamps = [str(told.get("SystemModstamp") or ""), *(str(one.get("SystemModstamp") or "") for one in newest)]
        return self._told(told, self._people.users([told.get("OwnerId")]), max(stamps))

    def find(self, text: str) -> list[Counterpart]:
        text = text.strip()
        if not text:
            return []
        part = next((one for one in text.split("?")[0].split("/") if one.startswith("500") and ID.match(one)), "")
        if part:
            found = self._found("SELECT :fields FROM Case WHERE Id = :wanted", part)
        elif (number := text.lstrip("#")).isascii() and number.isdigit():
            found = self._found("SELECT :fields FROM Case WHERE CaseNumber = :wanted", number.zfill(8)[:40])
        else:
            words = soql.Containing(text[:200])
            found = self._found(
                "SELECT :fields FROM Case WHERE Subject LIKE :wanted ORDER BY SystemModstamp DESC LIMIT :most", words
            )
        owners = self._people.users(one.get("OwnerId") for one in found)
        return [self._told(one, owners, str(one.get("SystemModstamp") or "")) for one in found]

    def comments(self, external_id: str) -> list[TheirComment]:
        self._case(external_id)
        listed = self._client.query(
            "SELECT Id, CommentBody, IsPublished, CreatedById, CreatedDate FROM CaseComment "
            "WHERE ParentId = :case ORDER BY CreatedDate, Id", case=external_id,
        )  # fmt: skip
        authors = self._people.users(one.get("CreatedById") for one in listed)
        return [self._comment(one, authors) for one in listed]

    def add(self, external_id: str, comment: NewComment) -> str:
        self._case(external_id)
        files.attach(self._client, external_id, comment)
        named = replace(comment, text=files.naming(comment.files, comment.text))
        body = cases.comment_body(named)
        return self._client.make("CaseComment", ParentId=external_id, CommentBody=body, IsPublished=comment.is_public)

    def edit(self, external_id: str, comment_id: str, comment: NewComment) -> None:
        """What our user may not change, it says again in another comment."""
        try:
            if comment_id == OPENING:
                said = self._client.query("SELECT Description FROM Case WHERE Id = :case", case=_id(external_id))
                before = str(said[0].get("Description") or "") if said else ""
                text = cases.description(comment, url=cases.way_back(before), key=cases.read(before)[1])
                self._client.change("Case", external_id, Description=text)
            else:
                named = replace(comment, text=files.naming(comment.files, comment.text))
                self._client.change("CaseComment", _id(comment_id), CommentBody=cases.comment_body(named))
        except NoRight as error:
            raise Unsupported(str(error)) from error

    def delete(self, external_id: str, comment_id: str) -> None:  # noqa: ARG002 - a comment's id is enough
        if comment_id == OPENING:
            raise Unsupported("Salesforce can’t delete a case’s description alone.")
        try:
            self._client.delete(f"/sobjects/CaseComment/{_id(comment_id)}")
        except Gone:
            return
        except NoRight as error:
            raise Unsupported(str(error)) from error

    def set_status(self, external_id: str, status: str) -> None:
        """The picklist need not be restricted: Salesforce itself would take anything."""
        if status not in {one.value for one in self._layout.statuses}:
            raise ToolError(
                f"Salesforce has no status “{status[:40]}” any more: choose another in the settings.", permanent=True
            )
        self._client.change("Case", _id(external_id), Status=status)

    def set_owner(self, external_id: str, email: str) -> bool:
        """A case always has an owner: nobody’s is our own user’s, or a queue’s."""
        owner = self._people.user_id(email) if email else self._people.me
        if owner:
            self._client.change("Case", _id(external_id), OwnerId=owner)
        return bool(owner)

    def changes(self, cursor: str) -> Changes:
        """The cursor is the newest SystemModstamp seen. What was deleted or merged counts as touched."""
        if not cursor:
            newest = self._client.query("SELECT SystemModstamp FROM Case ORDER BY SystemModstamp DESC LIMIT 1")
            return Changes([], str(newest[0]["SystemModstamp"]) if newest else soql.moment(timezone.now()))
        since = _at(cursor) - OVERLAP
        versions: dict[str, str] = {}
        for kind, field in (("Case", "Id"), ("CaseComment", "ParentId")):
            for one in self._client.query_all(
                "SELECT :field, SystemModstamp FROM :kind WHERE SystemModstamp >= :since ORDER BY SystemModstamp",
                field=Names(field),
                kind=Names(kind),
                since=since,
            ):
                pk, stamp = str(one.get(field) or ""), str(one["SystemModstamp"])
                versions[pk] = max(versions.get(pk, ""), stamp)
        return Changes(
            [Touched(pk, stamp) for pk, stamp in versions.items() if pk], max([cursor, *versions.values()], key=_at)
        )

    def verify(self, headers: Mapping[str, str], body: bytes) -> Webhook:  # noqa: ARG002 - nothing in them can be checked
        return webhooks.verify(self._organisation, body)

    def touched(self, body: str) -> list[str]:
        return webhooks.touched(body)

    @cached_property
    def _fields(self) -> Names:
        """MasterRecordId is there only in orgs that can merge cases."""
        wanted = ["Id", "CaseNumber", "Subject", "Status", "OwnerId", "IsDeleted", "MasterRecordId", "SystemModstamp"]
        return Names(", ".join(name for name in wanted if name != "MasterRecordId" or name in self._layout.fields))

    def _found(self, query: str, wanted: str) -> list[dict[str, Any]]:
        return self._client.query(query, fields=self._fields, wanted=wanted, most=FOUND)

    def _case(self, external_id: str) -> dict[str, Any]:
        found = self._client.query_all(
            "SELECT :fields FROM Case WHERE Id = :case", fields=self._fields, case=_id(external_id)
        )
        if not found or (found[0].get("IsDeleted") and not found[0].get("MasterRecordId")):
            raise Gone("The case was deleted in Salesforce.")
        return found[0]

    def _new_case(self, ticket: NewTicket) -> dict[str, Any]:
        fields = dict(ticket.fields)
        contact = self._people.contact_id(ticket.requester, may_make=fields.pop(MAKE_CONTACT, "") == "make")
        owner = self._people.user_id(ticket.owner_email) if ticket.owner_email else ""
        record = {
            **fields, "Subject": ticket.subject[: cases.LONGEST_SUBJECT], "Status": ticket.status,
            "Description": cases.description(ticket.opening, url=ticket.url, key=ticket.key),
            "SuppliedName": ticket.requester.name[:80], "SuppliedEmail": ticket.requester.email[:80],
            "ContactId": contact, "OwnerId": owner, self._layout.key_field: ticket.key,
        }  # fmt: skip
        return {name: value for name, value in record.items() if name and value}

    def _told(self, told: Mapping[str, Any], owners: Mapping[str, Person], version: str) -> Counterpart:
        pk, owner = str(told["Id"]), told.get("OwnerId")
        return Counterpart(
            pk, str(told.get("CaseNumber") or ""), f"{self._pages}/lightning/r/Case/{pk}/view",
            str(told.get("Subject") or ""), str(told.get("Status") or ""),
            None if self._people.is_me(owner) else owners.get(str(owner)), _at(version) if version else None, version,
            OPENING, str(told.get("MasterRecordId") or ""),
        )  # fmt: skip

    def _comment(self, told: Mapping[str, Any], authors: Mapping[str, Person]) -> TheirComment:
        writer, body = str(told.get("CreatedById") or ""), str(told.get("CommentBody") or "")
        text, key = cases.read(body) if self._people.is_me(writer) else (body.replace("\r\n", "\n"), "")
        return TheirComment(
            str(told["Id"]), text, authors.get(writer, Person("Salesforce", key=f"salesforce:{writer}")),
            _at(str(told.get("CreatedDate"))), bool(told.get("IsPublished")), key,
        )  # fmt: skip

    def _may_make(self, kind: str) -> Finding:
        described = self._layout.case if kind == "Case" else self._client.describe(kind)
        title = _("We may make a %s") % kind
        if described.get("createable"):
            return Finding(title, is_good=True)
        advice = _("Give our user in Salesforce a permission set with Create on %s.") % kind
        return Finding(_("We may not make a %s") % kind, is_good=False, advice=advice)


def _step(name: str, kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Of a composite request (REST API Developer Guide: Composite)."""
    return {
        "method": "POST",
        "url": f"/services/data/{VERSION}/sobjects/{kind}",
        "referenceId": name,
        "body": dict(body),
    }


def _id(text: str) -> str:
    if not ID.match(text):
        raise Gone("There is no such case in Salesforce.")
    return text


def _at(stamp: str) -> datetime:
    return datetime.fromisoformat(stamp).astimezone(UTC)
