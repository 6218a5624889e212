"""Salesforce’s outbound messages: a SOAP call that names records which changed.

They bear no signature: what makes one credible is the address it came to, which only this installation has, and the
organisation’s id in it. So nothing in it is believed but which cases to read. Salesforce repeats it for 24 hours until
it is answered with Ack (SOAP API Developer Guide: Outbound Messaging, Notifications).
"""

from __future__ import annotations

import hashlib
from xml.etree import ElementTree

from integrations.tools.errors import Refused
from integrations.tools.protocol import Webhook

OUTBOUND = "{http://soap.sforce.com/2005/09/outbound}"
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
ANSWER = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
    '<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notificationsResponse>'
    "</soapenv:Body></soapenv:Envelope>"
)


def verify(organisation: str, body: bytes) -> Webhook:
    try:
        root = _parsed(body.decode())
    except ValueError as error:
        raise Refused(f"This is no outbound message: {error}.", status=400) from None
    told = root.findtext(f".//{OUTBOUND}OrganizationId") or ""
    if not organisation or told[:15] != organisation[:15]:  # of 15 characters, or of 18 with a checksum
        raise Refused("It is of another organisation.")
    ids = sorted(one.findtext(f"{OUTBOUND}Id") or "" for one in root.iter(f"{OUTBOUND}Notification"))
    if not ids or not all(ids):
        raise Refused("It tells of nothing.", status=400)
    return Webhook(hashlib.sha256(" ".join(ids).encode()).hexdigest(), "notifications", ANSWER, "text/xml")


def touched(body: str) -> list[str]:
    """Ids of cases: of those told of, and of those whose comment is."""
    found: dict[str, None] = {}
    for record in _parsed(body).iter(f"{OUTBOUND}sObject"):
        kind = record.get(TYPE, "").rpartition(":")[2]
        wanted = {"Case": "Id", "CaseComment": "ParentId"}.get(kind)
        for field in record:
            if field.tag.rpartition("}")[2] == wanted and field.text:
                found[field.text.strip()] = None
    return list(found)


def _parsed(body: str) -> ElementTree.Element:
    """ValueError where it is no XML, or may hold entities: a declaration, which Salesforce never sends."""
    if "<!" in body:
        raise ValueError("it holds a declaration")
    try:
        return ElementTree.fromstring(body)  # noqa: S314 - without declarations there are no entities to expand
    except ElementTree.ParseError as error:
        raise ValueError("it is not XML") from error
