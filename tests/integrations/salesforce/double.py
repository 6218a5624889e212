"""A stand-in for a Salesforce org: records, SOQL as far as it is asked, and the errors that the REST API documents."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

Record = dict[str, Any]
PREFIX = {"Case": "500", "CaseComment": "00a", "Contact": "003", "User": "005", "ContentVersion": "068",
          "ContentDocument": "069", "ContentDocumentLink": "06A"}  # fmt: skip
ME, AGENT, PORTAL = "005000000000001AAA", "005000000000002AAA", "005000000000003AAA"
ORGANISATION = "00D000000000062EAA"
STATUSES = [("New", False, True), ("Working", False, False), ("Escalated", False, False), ("Closed", True, False)]
NEEDED = {"Case": [], "CaseComment": ["ParentId"], "Contact": ["LastName"], "ContentVersion": ["PathOnClient"],
          "ContentDocumentLink": ["ContentDocumentId", "LinkedEntityId"]}  # fmt: skip
QUERY = re.compile(
    r"SELECT (?P<fields>.+?) FROM (?P<kind>\w+)(?: WHERE (?P<where>.+?))?(?: ORDER BY (?P<order>[\w, .]+?))?"
    r"(?: LIMIT (?P<limit>\d+))?\Z",
    re.DOTALL,
)
TERM = re.compile(
    r"\s*(?P<field>[\w.]+) (?P<sign>=|>=|IN|LIKE) "
    r"(?P<value>'(?:[^'\\]|\\.)*'|\((?:'(?:[^'\\]|\\.)*'(?:, )?)+\)|true|false|[\dT:.Z-]+)(?: AND|\Z)",
    re.DOTALL,
)
LITERAL = re.compile(r"'((?:[^'\\]|\\.)*)'", re.DOTALL)


class Refusal(Exception):  # noqa: N818 - it is what happens to the request
    def __init__(self, status: int, code: str, message: str = "") -> None:
        self.status, self.body = status, [{"errorCode": code, "message": message or code.lower()}]


class Org:
    def __init__(self) -> None:
        self.token, self.secret, self.refresh_token = "00D!first", "s3cret", ""
        self.records: dict[str, list[Record]] = {kind: [] for kind in PREFIX}
        self.fields = {"Subject", "Status", "Description", "Origin", "Priority", "ContactId", "OwnerId", "SuppliedName",
                       "SuppliedEmail", "MasterRecordId", "Pylon_Key__c"}  # fmt: skip
        self.may_edit_comments = True
        self.largest_file = 37 * 2**20
        self.queries: list[str] = []
        self._ids, self._clock = count(10), datetime(2026, 11, 20, 9, tzinfo=UTC)
        for pk, name, email, kind in [
            (ME, "Pylon", "pylon@acme.example", "Standard"), (AGENT, "Dana Reyes", "dana@acme.example", "Standard"),
            (PORTAL, "Hank Scorpio", "hank@globex.example", "CspLitePortal"),
        ]:  # fmt: skip
            self.records["User"].append({"Id": pk, "Name": name, "Email": email, "UserType": kind, "IsActive": True,
                                         "IsDeleted": False, "CreatedDate": ""})  # fmt: skip

    def sign_in(self, form: dict[str, str]) -> Record:
        grants = {"client_credentials": True, "refresh_token": form.get("refresh_token") == self.refresh_token}
        if form.get("client_secret") != self.secret or not grants.get(form.get("grant_type", "")):
            raise Refusal(400, "invalid_client", "invalid client credentials")
        return {"access_token": self.token, "id": f"https://login.example/id/{ORGANISATION}/{ME}"}

    def describe(self, kind: str) -> Record:
        fields: list[Record] = [
            {"name": name, "label": name, "createable": True, "externalId": name.endswith("__c")}
            for name in sorted(self.fields)
        ]
        values = {"Status": [name for name, _, _ in STATUSES], "Origin": ["Phone", "Web"], "Priority": ["High", "Low"]}
        for field in fields:
            field["picklistValues"] = [
                {"value": one, "label": one, "active": True, "defaultValue": one in {"New", "Web"}}
                for one in values.get(str(field["name"]), [])
            ]
        return {"name": kind, "createable": True, "fields": fields}

    def create(self, kind: str, told: Record, *, by: str = ME) -> str:
        if missing := [name for name in NEEDED[kind] if not told.get(name)]:
            raise Refusal(400, "REQUIRED_FIELD_MISSING", f"Required fields are missing: {missing}")
        if kind == "Case" and (unknown := set(told) - self.fields):
            raise Refusal(400, "INVALID_FIELD", f"No such column '{min(unknown)}' on sobject of type Case")
        if kind == "CaseComment":
            self.find("Case", told["ParentId"])
            if len(str(told["CommentBody"]).encode()) > 4000:
                raise Refusal(400, "STRING_TOO_LONG", "Body: data value too large")
        pk, now = f"{PREFIX[kind]}{next(self._ids):012d}AAA", self.now()
        record = {"Id": pk, "IsDeleted": False, "CreatedById": by, "CreatedDate": now, "SystemModstamp": now, **told}
        if kind == "Case":
            record = {"CaseNumber": f"{len(self.records['Case']) + 1001:08d}", "OwnerId": ME, "MasterRecordId": None,
                      "Status": "New", **record}  # fmt: skip
        if kind == "ContentVersion":
            if len(base64.b64decode(told["VersionData"], validate=True)) > self.largest_file:
                raise Refusal(400, "STRING_TOO_LONG", "Version Data: data value too large")
            record["ContentDocumentId"] = self._document(told)
        if kind == "ContentDocumentLink":
            document = self.find("ContentDocument", told["ContentDocumentId"])
            record["ContentDocument"] = {"Description": document["Description"]}
        self.records[kind].append(record)
        return pk

    def update(self, kind: str, pk: str, told: Record) -> None:
        record = self.find(kind, pk)
        if kind == "CaseComment" and not self.may_edit_comments:
            raise Refusal(403, "INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")
        record.update(told, SystemModstamp=self.now())

    def delete(self, kind: str, pk: str) -> None:
        if kind == "CaseComment" and not self.may_edit_comments:
            raise Refusal(403, "INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")
        self.find(kind, pk).update(IsDeleted=True, SystemModstamp=self.now())

    def merge(self, pk: str, into: str) -> None:
        self.find("Case", pk).update(IsDeleted=True, MasterRecordId=into, SystemModstamp=self.now())

    def find(self, kind: str, pk: str) -> Record:
        found = next((one for one in self.records[kind] if one["Id"] == pk), None)
        if found is None:
            raise Refusal(404, "NOT_FOUND", "The requested resource does not exist")
        if found["IsDeleted"]:
            raise Refusal(404, "ENTITY_IS_DELETED", "entity is deleted")
        return found

    def query(self, soql: str, *, deleted: bool) -> list[Record]:
        self.queries.append(soql)
        found = QUERY.match(soql)
        if found is None:
            raise Refusal(400, "MALFORMED_QUERY", soql)
        if found["kind"] == "CaseStatus":
            return [{"ApiName": name, "MasterLabel": name, "IsClosed": closed, "IsDefault": default}
                    for name, closed, default in STATUSES]  # fmt: skip
        if found["kind"] == "Organization":
            return [{"Name": "Acme"}]
        terms = _terms(found["where"] or "")
        rows = [one for one in self.records[found["kind"]] if (deleted or not one["IsDeleted"]) and _fits(one, terms)]
        for part in reversed((found["order"] or "").split(", ")):
            name, _, way = part.partition(" ")
            if name:
                rows.sort(key=lambda one, name=name: str(one.get(name) or ""), reverse=way == "DESC")  # type: ignore[misc]
        names = found["fields"].split(", ")
        return [
            {name.split(".")[0]: one.get(name.split(".")[0]) for name in names}
            for one in rows[: int(found["limit"] or 2000)]
        ]

    def now(self) -> str:
        self._clock += timedelta(seconds=1)
        return f"{self._clock:%Y-%m-%dT%H:%M:%S}.000+0000"

    def _document(self, told: Record) -> str:
        pk = f"069{next(self._ids):012d}AAA"
        self.records["ContentDocument"].append({"Id": pk, "IsDeleted": False, "Description": told.get("Description")})
        return pk


def outbound(case: str) -> str:
    """An outbound message (SOAP API Developer Guide: Outbound Messaging, Notifications), as a flow sends it."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>'
        f'<notifications xmlns="http://soap.sforce.com/2005/09/outbound"><OrganizationId>{ORGANISATION}</OrganizationId>'
        '<Notification><Id>04l000000000001AAA</Id><sObject xsi:type="sf:Case" '
        f'xmlns:sf="urn:sobject.enterprise.soap.sforce.com"><sf:Id>{case}</sf:Id></sObject></Notification>'
        "</notifications></soapenv:Body></soapenv:Envelope>"
    )


def _terms(where: str) -> list[tuple[str, str, str]]:
    terms, at = [], 0
    while at < len(where):
        found = TERM.match(where, at)
        if found is None:
            raise Refusal(400, "MALFORMED_QUERY", f"unexpected token: {where[at : at + 40]}")
        terms.append((found["field"], found["sign"], found["value"]))
        at = found.end()
    return terms


def _fits(record: Record, terms: list[tuple[str, str, str]]) -> bool:
    return all(_meets(record.get(field), sign, value) for field, sign, value in terms)


def _meets(held: Any, sign: str, value: str) -> bool:
    if value in {"true", "false"}:
        return held is (value == "true")
    if sign == ">=":
        return datetime.fromisoformat(str(held)) >= datetime.fromisoformat(value)
    literals = [one[1] for one in LITERAL.finditer(value)]
    if sign == "LIKE":
        return re.fullmatch(_pattern(literals[0]), str(held or ""), re.DOTALL | re.IGNORECASE) is not None
    return str(held or "").lower() in {_plain(one).lower() for one in literals}


def _plain(literal: str) -> str:
    plain = {"n": "\n", "r": "\r", "t": "\t"}
    return re.sub(r"\\(.)", lambda found: plain.get(found[1], found[1]), literal)


def _pattern(literal: str) -> str:
    parts = re.findall(r"\\.|.", literal, re.DOTALL)
    wild = {"%": ".*", "_": "."}
    return "".join(wild.get(one) or re.escape(_plain(one)) for one in parts)
