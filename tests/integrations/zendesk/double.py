"""A stand-in for Zendesk that keeps state and refuses what Zendesk documents that it refuses.

`python -m tests.integrations.zendesk.double PORT` runs it alone.
"""

from __future__ import annotations

import base64
import itertools
import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from integrations.zendesk.webhooks import signature
from tests.integrations.tools.contract import Failure
from tests.integrations.tools.grants import ConsentHandler, Grants

EMAIL, TOKEN, OAUTH, SECRET = "api@acme.example", "t0ken", "oauth-t0ken", "s1gning"
ACCOUNT = "123456"
CATEGORIES = ("new", "open", "pending", "hold", "solved", "closed")


class Answer(Exception):  # noqa: N818 - what is answered
    def __init__(self, status: int, error: str, description: str = "", details: dict[str, str] | None = None) -> None:
        super().__init__(error)
        self.status = status
        self.body: dict[str, Any] = {"error": error, "description": description}
        if details:
            self.body["details"] = {name: [{"description": text}] for name, text in details.items()}


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    body: bytes
    headers: dict[str, str]


class Zendesk:
    def __init__(self) -> None:
        self._ids, self._numbers = itertools.count(9_000_001), itertools.count(101)
        self.users: dict[int, dict[str, Any]] = {}
        self.tickets: dict[int, dict[str, Any]] = {}
        self.comments: dict[int, list[dict[str, Any]]] = {}
        self.uploads: dict[str, dict[str, Any]] = {}
        self.kept: dict[int, bytes] = {}
        self.keys: dict[str, int] = {}
        self.webhooks: dict[str, dict[str, Any]] = {}
        self.me = self.make_user(name="Pylon", email=EMAIL, role="admin")
        self.dana = self.make_user(name="Dana Reyes", email="dana@acme.example", role="agent")
        self.groups = [{"id": 31, "name": "Support", "deleted": False}]
        self.fields = [
            {"id": 41, "type": "subject", "title": "Subject", "active": True},
            {"id": 42, "type": "tickettype", "title": "Type", "active": True, "system_field_options": [
                {"name": "Question", "value": "question"}, {"name": "Problem", "value": "problem"}]},
            {"id": 43, "type": "tagger", "title": "Area", "active": True, "custom_field_options": [
                {"id": 1, "name": "Exports", "value": "exports"}]},
        ]  # fmt: skip
        self.custom_statuses = [
            {"id": 500 + number, "status_category": one, "agent_label": one.title(), "active": True, "default": True}
            for number, one in enumerate(CATEGORIES[:-1])
        ] + [
            {"id": 599, "status_category": "open", "agent_label": "Waiting for a fix", "active": True, "default": False}
        ]
        self.changed: list[int] = []
        self.largest_upload = 50 * 2**20

    def make_user(self, **fields: Any) -> dict[str, Any]:
        if not fields.get("name"):
            raise Answer(422, "RecordInvalid", "Record validation errors", {"name": "Name: is too short"})
        email = fields.get("email")
        if email and any(one["email"] == email for one in self.users.values()):
            raise Answer(
                422, "RecordInvalid", "Record validation errors", {"email": f"Email: {email} is already being used"}
            )
        fields.pop("skip_verify_email", None)
        user = {
            "id": next(self._ids),
            "email": None,
            "external_id": None,
            "role": "end-user",
            "suspended": False,
            **fields,
        }
        self.users[user["id"]] = user
        return user

    def ticket(self, number: int) -> dict[str, Any]:
        if number not in self.tickets:
            raise Answer(404, "RecordNotFound", "Not found")
        return self.tickets[number]

    def make_ticket(self, sent: dict[str, Any], key: str = "") -> dict[str, Any]:
        if key in self.keys:
            return self._answer(self.keys[key])
        comment = sent.get("comment")
        if not isinstance(comment, dict) or not comment.get("body"):
            raise Answer(422, "RecordInvalid", "Record validation errors", {"base": "Description: cannot be blank"})
        source = sent.get("via_followup_source_id")
        if source and self.ticket(source)["status"] != "closed":
            raise Answer(422, "RecordInvalid", "Record validation errors", {"base": "Source is not closed"})
        number = next(self._numbers)
        ticket = {
            "id": number, "subject": sent.get("subject", ""), "raw_subject": sent.get("subject", ""), "status": "open",
            "custom_status_id": 501, "external_id": sent.get("external_id"), "tags": [], "assignee_id": None,
            "requester_id": sent.get("requester_id") or self.me["id"], "followup_ids": [], "custom_fields": [],
        }  # fmt: skip
        self.tickets[number], self.comments[number] = ticket, []
        try:
            self.update(number, {name: value for name, value in sent.items() if name != "via_followup_source_id"})
        except Answer:
            del self.tickets[number]
            raise
        if source:
            self.ticket(source)["followup_ids"].append(number)
        if key:
            self.keys[key] = number
        return self._answer(number)

    def update(self, number: int, sent: dict[str, Any], *, by: dict[str, Any] | None = None) -> dict[str, Any]:
        ticket = self.ticket(number)
        if ticket["status"] == "deleted":
            raise Answer(404, "RecordNotFound", "Not found")
        if ticket["status"] == "closed":
            text = "Status: closed prevents ticket update"
            raise Answer(422, "RecordInvalid", "Record validation errors", {"status": text})
        self._check(sent)
        if "custom_status_id" in sent:
            found = [one for one in self.custom_statuses if one["id"] == sent["custom_status_id"] and one["active"]]
            if not found:
                raise Answer(422, "RecordInvalid", "Record validation errors", {"base": "Custom status is invalid"})
            ticket["status"], ticket["custom_status_id"] = found[0]["status_category"], sent["custom_status_id"]
        elif sent.get("status"):
            ticket["status"] = sent["status"]
            defaults = [one["id"] for one in self.custom_statuses if one["status_category"] == sent["status"]]
            ticket["custom_status_id"] = defaults[0] if defaults else 504
        for name in ("assignee_id", "group_id", "type", "priority", "custom_fields"):
            if name in sent:
                ticket[name] = sent[name]
        comment = sent.get("comment")
        if comment:
            self._comment(number, comment, (sent.get("metadata") or {}), by or self.me)
        self._touch(number)
        return self._answer(number)

    def remove(self, number: int, *, softly: bool = False) -> None:
        if softly:
            self.tickets[number]["status"] = "deleted"
        else:
            del self.tickets[number]

    def close(self, number: int) -> None:
        """What an automation of Zendesk's does to solved tickets after some days."""
        self.tickets[number]["status"] = "closed"
        self._touch(number)

    def merge(self, number: int, into: int) -> None:
        via = {"channel": "web", "source": {"rel": "merge"}}
        text = f'This request was closed and merged into request #{into} "{self.tickets[into]["subject"]}".'
        self._comment(number, {"body": text, "public": False}, {}, self.dana, via)
        text = f"Request #{number} was closed and merged into this request."
        self._comment(into, {"body": text, "public": False}, {}, self.dana, via)
        self.tickets[number]["tags"].append("closed_by_merge")
        self.close(number)
        self._touch(into)

    def webhook(self, number: int, invocation: str = "8350205582") -> tuple[dict[str, str], bytes]:
        """An event subscription's request (developer.zendesk.com/api-reference/webhooks/event-types/ticket-events)."""
        body = json.dumps({
            "account_id": int(ACCOUNT), "id": "cbe4028c-7239-495d-b020-f2234851", "zendesk_event_version": "2022-11-06",
            "subject": f"zen:ticket:{number}", "type": "zen:event-type:ticket.comment_added",
            "time": "2026-11-23T07:00:00Z", "detail": {"id": str(number)}, "event": {"comment": {"id": "1"}},
        }).encode()  # fmt: skip
        return signed(body, invocation), body

    def _check(self, sent: dict[str, Any]) -> None:
        errors: dict[str, str] = {}
        if sent.get("status") and sent["status"] not in CATEGORIES:
            errors["status"] = f"Status: {sent['status']} is not valid"
        for pair in sent.get("custom_fields") or []:
            if pair["id"] not in {one["id"] for one in self.fields}:
                errors["base"] = f"Custom field {pair['id']} does not exist"
        if sent.get("group_id") and sent["group_id"] not in {one["id"] for one in self.groups}:
            errors["group"] = "Group: is invalid"
        if sent.get("assignee_id") and self.users.get(sent["assignee_id"], {}).get("role") == "end-user":
            errors["assignee"] = "Assignee: is not an agent"
        if len(str((sent.get("comment") or {}).get("body", "")).encode()) > 65_536:
            errors["comment"] = "Comment: is too long"
        if len(json.dumps(sent.get("metadata") or {})) > 1024:
            errors["metadata"] = "Metadata: is too long"
        if errors:
            raise Answer(422, "RecordInvalid", "Record validation errors", errors)

    def _comment(
        self, number: int, sent: dict[str, Any], custom: dict[str, Any], by: dict[str, Any],
        via: dict[str, Any] | None = None,
    ) -> None:  # fmt: skip
        author = sent.get("author_id") or by["id"]
        if author not in self.users:
            raise Answer(422, "RecordInvalid", "Record validation errors", {"author": "Author: is invalid"})
        attachments = []
        for token in sent.get("uploads") or []:
            if token not in self.uploads:
                raise Answer(422, "RecordInvalid", "Record validation errors", {"base": "Upload token is invalid"})
            attachments.append(self.uploads.pop(token))
        self.comments[number].append({
            "id": next(self._ids), "type": "Comment", "body": sent["body"], "plain_body": sent["body"],
            "public": sent.get("public", True), "author_id": author, "attachments": attachments,
            "created_at": now(), "via": via or {"channel": "api", "source": {"rel": None}},
            "metadata": {"system": {}, "custom": custom},
        })  # fmt: skip

    def _touch(self, number: int) -> None:
        self.tickets[number]["updated_at"] = now()
        self.changed.append(number)

    def _answer(self, number: int) -> dict[str, Any]:
        last = self.comments[number][-1:]
        events = [{"id": one["id"], "type": "Comment"} for one in last]
        return {"ticket": self.tickets[number], "audit": {"id": next(self._ids), "events": events}}


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, zendesk: Zendesk, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.zendesk = zendesk
        self.failure: Failure | None = None
        self.grants = Grants("/oauth/authorizations/new", "/oauth/tokens", "read write", json=True)
        self.calls: list[Call] = []
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(ConsentHandler, BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.consents(self.server.grants):
            return
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {"Content-Type": kind} if (kind := self.headers.get("Content-Type")) else {}
        with self.server.lock:
            self.server.calls.append(Call(self.command, self.path, raw, headers))
            failure = self._failure()
            try:
                self._meet(failure)
                status, answer = 200, self._act(raw)
            except Answer as error:
                status, answer = error.status, error.body
        if failure == Failure.LOST:
            self.close_connection = True
            self.connection.close()
            return
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        if status == 429:
            self.send_header("Retry-After", "7")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_PUT = do_GET  # noqa: N815 - the base class looks for these names

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - so it is called there
        """Nothing: pytest shows what was asked on failure."""

    def _failure(self) -> Failure | None:
        failure = self.server.failure
        if failure == Failure.LOST and not (self.command != "GET" and self.path.startswith("/api/v2/tickets")):
            return None
        if failure != Failure.UNAUTHORISED:
            self.server.failure = None
        return failure

    def _meet(self, failure: Failure | None) -> None:
        basic = "Basic " + base64.b64encode(f"{EMAIL}/token:{TOKEN}".encode()).decode()
        given = self.headers.get("Authorization")
        known = given in {basic, f"Bearer {OAUTH}"} or self.server.grants.takes(given)
        if failure == Failure.UNAUTHORISED or not known:
            raise Answer(401, "Couldn't authenticate you")
        if failure == Failure.BUSY:
            raise Answer(429, "TooManyRequests", "Number of allowed API requests per minute exceeded")
        if failure == Failure.BROKEN:
            raise Answer(503, "ServiceUnavailable")

    def _act(self, raw: bytes) -> Any:  # noqa: PLR0912 - one line for each call
        zendesk, url = self.server.zendesk, urlsplit(self.path)
        asked = {name: values[-1] for name, values in parse_qs(url.query).items()}
        parts = url.path.removeprefix("/api/v2/").split("/")
        if parts == ["uploads"]:
            return self._upload(raw, asked)
        sent: Any = json.loads(raw) if raw else {}
        match self.command, parts:
            case "GET", ["users", "me"]:
                return {"user": zendesk.me}
            case "GET", ["users", "search"]:
                return {"users": self._users(asked)}
            case "GET", ["users"]:
                role = asked.get("role[]")
                return {
                    "users": [one for one in zendesk.users.values() if one["role"] == role],
                    "meta": {"has_more": False},
                }
            case "GET", ["users", pk] if int(pk) in zendesk.users:
                return {"user": zendesk.users[int(pk)]}
            case "POST", ["users"]:
                return {"user": zendesk.make_user(**sent["user"])}
            case "POST", ["users", "create_or_update"]:
                known = [one for one in zendesk.users.values() if one["email"] == sent["user"].get("email")]
                return {"user": known[0] if known else zendesk.make_user(**sent["user"])}
            case "GET", ["groups"]:
                return {"groups": zendesk.groups}
            case "GET", ["ticket_fields"]:
                return {"ticket_fields": zendesk.fields}
            case "GET", ["ticket_forms"]:
                return {"ticket_forms": [{"id": 61, "name": "Default", "active": True}]}
            case "GET", ["custom_statuses"]:
                return {"custom_statuses": zendesk.custom_statuses}
            case "POST", ["tickets"]:
                return zendesk.make_ticket(sent["ticket"], self.headers.get("Idempotency-Key", ""))
            case "GET", ["tickets"]:
                found = [one for one in zendesk.tickets.values() if one["external_id"] == asked.get("external_id")]
                return {"tickets": found}
            case "GET", ["tickets", number]:
                return {"ticket": zendesk.ticket(int(number)), "users": list(zendesk.users.values())}
            case "PUT", ["tickets", number]:
                return zendesk.update(int(number), sent["ticket"])
            case "GET", ["tickets", number, "comments"]:
                zendesk.ticket(int(number))
                return self._comments(zendesk.comments[int(number)], asked)
            case "GET", ["search"]:
                return {"results": self._search(asked.get("query", ""))}
            case "GET", ["incremental", "tickets", "cursor"]:
                since = int(asked.get("cursor") or 0)
                found = [
                    zendesk.tickets[one] for one in dict.fromkeys(zendesk.changed[since:]) if one in zendesk.tickets
                ]
                if "start_time" not in asked and "cursor" not in asked:
                    raise Answer(400, "BadRequest", "start_time is required")
                return {"tickets": found, "after_cursor": str(len(zendesk.changed)), "end_of_stream": True}
            case "GET", ["webhooks"]:
                return {"webhooks": list(zendesk.webhooks.values())}
            case "POST", ["webhooks"]:
                made = {"id": f"01F{len(zendesk.webhooks)}", **sent["webhook"]}
                zendesk.webhooks[made["id"]] = made
                return {"webhook": made}
            case "GET", ["webhooks", _pk, "signing_secret"]:
                return {"signing_secret": {"algorithm": "SHA256", "secret": SECRET}}
        raise Answer(404, "InvalidEndpoint", "Not found")

    def _upload(self, raw: bytes, asked: dict[str, str]) -> dict[str, Any]:
        zendesk = self.server.zendesk
        if len(raw) > zendesk.largest_upload:
            raise Answer(422, "AttachmentTooLarge", "The file is too large")
        pk = next(zendesk._ids)
        zendesk.kept[pk] = raw
        zendesk.uploads[f"token{pk}"] = {
            "id": pk, "file_name": asked["filename"], "content_type": self.headers["Content-Type"], "size": len(raw),
            "content_url": f"{self.server.url}/attachments/{pk}",
        }  # fmt: skip
        return {"upload": {"token": f"token{pk}"}}

    def _users(self, asked: dict[str, str]) -> list[dict[str, Any]]:
        users = list(self.server.zendesk.users.values())
        if "external_id" in asked:
            return [one for one in users if one["external_id"] == asked["external_id"]]
        email = asked.get("query", "").removeprefix("email:").strip('"')
        return [one for one in users if one["email"] and one["email"].lower() == email.lower()]

    def _comments(self, comments: list[dict[str, Any]], asked: dict[str, str]) -> dict[str, Any]:
        """Two on a page, so that there are pages."""
        if asked.get("sort") == "-created_at":
            comments = comments[::-1]
        start = int(asked.get("page[after]") or 0)
        more = start + 2 < len(comments)
        return {
            "comments": comments[start : start + 2], "users": list(self.server.zendesk.users.values()),
            "meta": {"has_more": more, "after_cursor": str(start + 2)},
        }  # fmt: skip

    def _search(self, query: str) -> list[dict[str, Any]]:
        words = query.removeprefix("type:ticket ").strip('"').lower()
        found = [one for one in self.server.zendesk.tickets.values() if words in one["subject"].lower()]
        return [{**one, "result_type": "ticket"} for one in found]


def signed(body: bytes, invocation: str = "8350205582", *, secret: str = SECRET, at: str = "") -> dict[str, str]:
    at = at or now()
    return {
        "content-type": "application/json", "x-zendesk-account-id": ACCOUNT,
        "x-zendesk-webhook-invocation-id": invocation, "x-zendesk-webhook-signature-timestamp": at,
        "x-zendesk-webhook-signature": signature(secret, at, body),
    }  # fmt: skip


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@contextmanager
def serving(zendesk: Zendesk, port: int = 0) -> Iterator[Server]:
    server = Server(zendesk, port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


if __name__ == "__main__":
    Server(Zendesk(), int(sys.argv[1])).serve_forever()
