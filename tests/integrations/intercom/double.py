"""A stand-in for Intercom that keeps state and enforces what its OpenAPI description 2.15 says."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import math
import re
import time
from collections.abc import Callable
from html import escape
from itertools import count
from typing import Any, TypeAlias
from urllib.parse import unquote, urlsplit

Json: TypeAlias = dict[str, Any]
APP, SECRET, TOKEN = "abc12", "client-secret-1", "dG9rOnRlc3Q="
PARTS_TOLD = 500


class Answer(Exception):  # noqa: N818 - it is one
    """An error as Intercom words it."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        errors = [{"code": code, "message": message}]
        self.body: Json = {"type": "error.list", "request_id": "b2f5-1", "errors": errors}


class Intercom:
    def __init__(self) -> None:
        self._ids = count(1001)
        self.token = TOKEN
        self.admins = [
            self._admin("991", "Kim Writer", "kim@acme.example"),
            self._admin("992", "Dana Reyes", "dana@acme.example"),
        ]
        self.contacts: dict[str, Json] = {}
        self.items: dict[str, dict[str, Json]] = {"ticket": {}, "conversation": {}}
        self.files: dict[str, list[tuple[str, bytes]]] = {}
        self.states = [
            self._state("11", "submitted", "Submitted"), self._state("12", "in_progress", "In progress"),
            self._state("13", "waiting_on_customer", "Waiting on customer"), self._state("14", "resolved", "Resolved"),
            {**self._state("15", "resolved", "Old"), "archived": True},
        ]  # fmt: skip
        self.types = [
            {"type": "ticket_type", "id": "5", "name": "Tracker", "category": "Tracker", "archived": False,
             "ticket_states": {"type": "list", "data": self.states[:1]}},
            {"type": "ticket_type", "id": "7", "name": "Request", "category": "Customer", "archived": False,
             "ticket_states": {"type": "list", "data": self.states[:4]}},
        ]  # fmt: skip
        self.hides_from_search = False

    def new_id(self) -> str:
        return str(next(self._ids))

    def answer(self, method: str, path: str, body: Json) -> Any:
        parts = [unquote(part) for part in urlsplit(path).path.strip("/").split("/")]
        for pattern, name in ROUTES:
            if found := re.fullmatch(pattern, f"{method} {'/'.join(parts)}"):
                operation: Callable[..., Any] = getattr(self, name)
                return operation(*found.groups(), **({"body": body} if method != "GET" else {}))
        raise Answer(404, "not_found", "The requested resource was not found")

    # People ───────────────────────────────────────────────────────────────────────────────────────────

    def me(self) -> Json:
        app = {"type": "app", "id_code": APP, "name": "Acme", "region": "EU"}
        return {**self.admins[0], "email_verified": True, "app": app}

    def list_admins(self) -> Json:
        return {"type": "admin.list", "admins": self.admins}

    def list_teams(self) -> Json:
        return {"type": "team.list", "teams": [{"type": "team", "id": "814", "name": "Billing", "admin_ids": [991]}]}

    def contact_by_external_id(self, external_id: str) -> Json:
        for contact in self.contacts.values():
            if contact["external_id"] == external_id and not contact.get("archived"):
                return contact
        raise Answer(404, "not_found", "User Not Found")

    def search_contacts(self, body: Json) -> Json:
        query = body["query"]
        found = [one for one in self.contacts.values() if one.get(query["field"]) == query["value"]]
        found = [one for one in found if not one.get("archived") and not self.hides_from_search]
        return {"type": "list", "data": found, "total_count": len(found), "pages": {"type": "pages"}}

    def create_contact(self, body: Json) -> Json:
        if not {"email", "external_id", "role"} & set(body):
            raise Answer(400, "parameter_invalid", "email, external_id or role is needed")
        for contact in self.contacts.values():
            if any(body.get(name) and contact.get(name) == body[name] for name in ("external_id", "email")):
                which = "An archived contact" if contact.get("archived") else "A contact"
                raise Answer(409, "conflict", f"{which} matching those details already exists with id={contact['id']}")
        pk = f"{int(self.new_id()):024x}"
        made = {"type": "contact", "id": pk, "email": "", "name": None, "external_id": None, **body}
        self.contacts[made["id"]] = made
        return made

    def unarchive(self, pk: str, body: Json) -> Json:  # noqa: ARG002 - it has none
        self.contacts[pk]["archived"] = False
        return {"type": "contact", "id": pk, "archived": False}

    # Tickets and conversations ────────────────────────────────────────────────────────────────────────

    def list_states(self) -> Json:
        return {"type": "list", "data": self.states}

    def list_types(self) -> Json:
        return {"type": "list", "data": self.types}

    def create_ticket(self, body: Json) -> Json:
        self._needs(body, "ticket_type_id", "contacts")
        kind = next((one for one in self.types if one["id"] == body["ticket_type_id"]), None)
        if kind is None or kind["archived"]:
            raise Answer(404, "ticket_type_not_found", "Ticket type not found")
        pk = self.new_id()
        assigned = body.get("assignment", {})
        return self._new(
            "ticket", pk, self._contact(body["contacts"][0]["id"]),
            ticket_id=str(int(pk) - 900), ticket_attributes=body.get("ticket_attributes", {}), ticket_type=kind,
            ticket_state=self.states[0], category=kind["category"], open=True,
            admin_assignee_id=assigned.get("admin_assignee_id"), team_assignee_id=assigned.get("team_assignee_id"),
        )  # fmt: skip

    def update_ticket(self, pk: str, body: Json) -> Json:
        ticket = self._item("ticket", pk)
        if wanted := body.get("ticket_state_id"):
            allowed = [state for state in ticket["ticket_type"]["ticket_states"]["data"] if state["id"] == wanted]
            if not allowed:
                raise Answer(
                    400, "parameter_invalid", "Ticket state id is not valid or is not associated with the ticket type"
                )
            ticket["ticket_state"] = allowed[0]
            self.add_part("ticket", pk, "ticket_state_updated_by_admin", self.admins[0], None)
        if "assignee_id" in body:
            self._known_admin(body["assignee_id"], "Assignee not found", none="0")
            ticket["admin_assignee_id"] = None if body["assignee_id"] == "0" else body["assignee_id"]
        ticket["ticket_attributes"] = ticket["ticket_attributes"] | body.get("ticket_attributes", {})
        return self._touch(ticket)

    def create_conversation(self, body: Json) -> Json:
        self._needs(body, "from", "body")
        contact = self._contact(body["from"]["id"])
        pk = self.new_id()
        author = {"type": "user", "id": contact["id"], "name": contact["name"], "email": contact["email"]}
        source = {"type": "conversation", "id": self.new_id(), "delivered_as": "customer_initiated", "subject": "",
                  "body": paragraphs(body["body"]), "author": author, "attachments": [], "redacted": False}  # fmt: skip
        self._new(
            "conversation", pk, contact, source=source, state="open", open=True, title=None, admin_assignee_id=None
        )
        return {"type": "user_message", "id": source["id"], "created_at": int(time.time()), "body": body["body"],
                "message_type": "inapp", "conversation_id": pk}  # fmt: skip

    def update_conversation(self, pk: str, body: Json) -> Json:
        conversation = self._item("conversation", pk)
        conversation["title"] = body.get("title", conversation["title"])
        return self._touch(conversation)

    def manage(self, pk: str, body: Json) -> Json:
        conversation = self._item("conversation", pk)
        self._needs(body, "message_type", "admin_id")
        self._known_admin(body["admin_id"], "Admin not found")
        kind = body["message_type"]
        if kind == "assignment":
            self._needs(body, "type", "assignee_id")
            name = f"{body['type']}_assignee_id"
            conversation[name] = None if body["assignee_id"] == "0" else int(body["assignee_id"])
        elif kind == "snoozed":
            self._needs(body, "snoozed_until")
            conversation["state"] = "snoozed"
        else:
            conversation["state"] = {"close": "closed", "open": "open"}[kind]
        self.add_part("conversation", pk, kind, self.admins[0], None)
        return self._touch(conversation)

    def retrieve(self, kind: str, pk: str) -> Json:
        if kind == "conversation" and not pk.isdigit():
            raise Answer(400, "parameter_invalid", "conversation_id must be an integer")
        return self._told(self._item(kind, pk))

    def reply(self, kind: str, pk: str, body: Json) -> Json:
        item = self._item(kind, pk)
        self._needs(body, "message_type", "type", "body")
        text = body["body"]
        if body["type"] == "user":
            contact = self._contact(body["intercom_user_id"])
            if contact["id"] not in [one["id"] for one in item["contacts"]["contacts"]]:
                raise Answer(403, "forbidden", "The contact takes no part in it")
            if kind == "conversation":
                item["state"] = "open"
            author = {"type": "user", "id": contact["id"], "name": contact["name"], "email": contact["email"]}
        else:
            author = self._known_admin(body.get("admin_id", ""), "Admin not found")
        html = text if body["message_type"] == "note" else paragraphs(text)
        files = [(one["name"], base64.b64decode(one["data"])) for one in body.get("attachment_files", [])]
        if kind == "ticket" and files:
            raise Answer(400, "parameter_invalid", "attachment_files is not known")
        part = self.add_part(kind, pk, body["message_type"], author, html)
        self.files[part["id"]] = files
        address = f"https://downloads.intercomcdn.example/{part['id']}"
        part["attachments"] = [
            {"type": "upload", "name": name, "url": address, "filesize": len(data)} for name, data in files
        ]
        return part if kind == "ticket" else self._told(item)

    def redact(self, body: Json) -> Json:
        item = self._item("conversation", body["conversation_id"])
        if body["type"] == "source":
            found = item["source"] if item["source"]["id"] == body["source_id"] else None
        else:
            found = next((part for part in item["parts"] if part["id"] == body["conversation_part_id"]), None)
        if found is None or not found["body"] or found["redacted"]:
            raise Answer(400, "conversation_part_not_redactable", "It can't be redacted")
        found |= {"body": "<p><i>This message was deleted</i></p>", "redacted": True}
        return self._touch(item)

    def search(self, kind: str, body: Json) -> Json:
        found = [] if self.hides_from_search else [
            item for item in self.items[kind].values() if self._matches(kind, item, body["query"])
        ]  # fmt: skip
        found.sort(key=lambda item: -int(item["id"]))
        begin = int(body.get("pagination", {}).get("starting_after") or 0)
        size = int(body.get("pagination", {}).get("per_page", 20))
        pages: Json = {"type": "pages", "page": 1, "per_page": size, "total_pages": math.ceil(len(found) / size)}
        if begin + size < len(found):
            pages["next"] = {"starting_after": str(begin + size), "per_page": size}
        listed = [
            {name: value for name, value in one.items() if name != "parts"} for one in found[begin : begin + size]
        ]
        return {"type": f"{kind}.list", f"{kind}s": listed, "total_count": len(found), "pages": pages}

    # What people there do ─────────────────────────────────────────────────────────────────────────────

    def add_part(self, kind: str, pk: str, part_type: str, author: Json, body: str | None) -> Json:
        now = int(time.time())
        part: Json = {
            "type": f"{kind}_part", "id": self.new_id(), "part_type": part_type, "body": body, "created_at": now,
            "updated_at": now, "author": author, "attachments": [], "redacted": False,
        }  # fmt: skip
        self._item(kind, pk)["parts"].append(part)
        self._touch(self._item(kind, pk))
        return part

    def merge(self, kind: str, secondary: str, primary: str) -> None:
        self.add_part(kind, secondary, "merged_secondary_conversation", self.admins[0], None)
        self.add_part(kind, primary, "merged_primary_conversation", self.admins[0], None)
        self._item(kind, secondary)["state"] = "closed"

    def notification(self, kind: str, pk: str, *, topic: str = "") -> tuple[dict[str, str], bytes]:
        told: Json = {
            "type": "notification_event", "app_id": APP, "id": f"notif_{self.new_id()}", "delivery_attempts": 1,
            "topic": topic or ("ticket.admin.replied" if kind == "ticket" else "conversation.admin.replied"),
            "data": {"type": "notification_event_data", "item": {"type": kind, "id": pk}},
            "created_at": int(time.time()),
        }  # fmt: skip
        return signed(json.dumps(told).encode())

    # Inside ───────────────────────────────────────────────────────────────────────────────────────────

    def _new(self, kind: str, pk: str, contact: Json, **fields: Any) -> Json:
        who = {"type": "contact", "id": contact["id"], "external_id": contact["external_id"]}
        now = int(time.time())
        made: Json = {"type": kind, "id": pk, "created_at": now, "updated_at": now, "parts": [],
                      "contacts": {"type": "contact.list", "contacts": [who]}, **fields}  # fmt: skip
        self.items[kind][pk] = made
        return self._told(made)

    def _told(self, item: Json) -> Json:
        kind, parts = item["type"], item["parts"]
        listed = {"type": f"{kind}_part.list", f"{kind}_parts": parts[-PARTS_TOLD:], "total_count": len(parts)}
        return {**{name: value for name, value in item.items() if name != "parts"}, f"{kind}_parts": listed}

    def _touch(self, item: Json) -> Json:
        item["updated_at"] = int(time.time())
        return self._told(item)

    def _item(self, kind: str, pk: str) -> Json:
        if pk not in self.items[kind]:
            raise Answer(404, f"{kind}_not_found", "Resource Not Found")
        return self.items[kind][pk]

    def _contact(self, pk: str) -> Json:
        if pk not in self.contacts:
            raise Answer(404, "not_found", "User Not Found")
        return self.contacts[pk]

    def _known_admin(self, pk: str, otherwise: str, *, none: str = "") -> Json:
        found = [admin for admin in self.admins if admin["id"] == pk]
        if not found and pk != none:
            raise Answer(404, "admin_not_found", otherwise)
        return found[0] if found else {}

    def _needs(self, body: Json, *names: str) -> None:
        if missing := [name for name in names if not body.get(name)]:
            raise Answer(400, "parameter_not_found", f"{', '.join(missing)} not specified")

    def _matches(self, kind: str, item: Json, query: Json) -> bool:
        if query["operator"] in {"OR", "AND"}:
            matches = [self._matches(kind, item, one) for one in query["value"]]
            return any(matches) if query["operator"] == "OR" else all(matches)
        field, operator, wanted = query["field"], query["operator"], query["value"]
        if field == "contact_ids":
            return any(contact["id"] == wanted for contact in item["contacts"]["contacts"])
        if field in {"updated_at", "created_at"}:
            return bool(item[field] > int(wanted))
        if kind == "ticket":
            text = str(item["ticket_attributes"].get(f"_default_{field}_") or "")
        else:
            text = str(item["source"].get(field.partition(".")[2]) or "")
        return wanted in re.findall(r"\w+", text) if operator == "=" else wanted.lower() in text.lower()

    def _admin(self, pk: str, name: str, email: str) -> Json:
        return {"type": "admin", "id": pk, "name": name, "email": email, "has_inbox_seat": True}

    def _state(self, pk: str, category: str, label: str) -> Json:
        return {"type": "ticket_state", "id": pk, "category": category, "internal_label": label, "archived": False}


ROUTES = [
    (r"GET me", "me"),
    (r"GET admins", "list_admins"),
    (r"GET teams", "list_teams"),
    (r"GET contacts/find_by_external_id/(.+)", "contact_by_external_id"),
    (r"POST contacts/search", "search_contacts"),
    (r"POST contacts/(\w+)/unarchive", "unarchive"),
    (r"POST contacts", "create_contact"),
    (r"GET ticket_states", "list_states"),
    (r"GET ticket_types", "list_types"),
    (r"POST tickets", "create_ticket"),
    (r"POST conversations", "create_conversation"),
    (r"POST conversations/redact", "redact"),
    (r"POST (ticket|conversation)s/search", "search"),
    (r"POST (ticket|conversation)s/([^/]+)/reply", "reply"),
    (r"POST conversations/([^/]+)/parts", "manage"),
    (r"GET (ticket|conversation)s/([^/]+)", "retrieve"),
    (r"PUT tickets/([^/]+)", "update_ticket"),
    (r"PUT conversations/([^/]+)", "update_conversation"),
]


def paragraphs(text: str) -> str:
    """What Intercom makes of plain text."""
    return "".join(f"<p>{escape(part).replace(chr(10), '<br>')}</p>" for part in text.split("\n\n"))


def signed(body: bytes, secret: str = SECRET) -> tuple[dict[str, str], bytes]:
    signature = hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()
    return {"content-type": "application/json", "x-hub-signature": f"sha1={signature}"}, body
