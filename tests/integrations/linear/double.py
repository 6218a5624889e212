"""A stand-in for Linear: one team and its issues, behind real HTTP. Asks are known by the names of their operations."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID, uuid4

from tests.integrations.tools.contract import Failure
from tests.integrations.tools.grants import ConsentHandler, Grants

Record = dict[str, Any]
KEY = "lin_api_1234"
SECRET = "lin_wh_5678"
TEAM = {"id": "9cfb482a-81e3-4154-b5b9-2c805e70a02d", "key": "SUP", "name": "Support"}
ORGANISATION = {"id": "0c1d3f5e-2f5a-4f0e-9a55-3c8e3e7b1d10", "name": "Acme", "urlKey": "acme"}
ME = {"id": str(uuid4()), "name": "Pylon", "email": "pylon@acme.example", "active": True, "app": False}
AGENT = {"id": str(uuid4()), "name": "Dana Reyes", "email": "dana@acme.example", "active": True, "app": False}
LABEL = {"id": str(uuid4()), "name": "Customer", "isGroup": False}
KINDS = ["backlog", "unstarted", "started", "completed", "canceled", "duplicate"]
STATES = [{"id": str(uuid4()), "name": kind.title(), "type": kind, "position": n} for n, kind in enumerate(KINDS)]
WRITES = {"Create", "Update", "Comment", "Edit", "Delete"}


class Refusal(Exception):  # noqa: N818 - it reads as what happened
    def __init__(self, message: str, code: str = "INPUT_ERROR", status: int = 200) -> None:
        super().__init__(message)
        self.status = status
        extensions = {"code": code, "userPresentableMessage": message}
        self.body = {"errors": [{"message": message, "extensions": extensions}], "data": None}


class Linear(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.issues: list[Record] = []
        self.comments: list[Record] = []
        self.links: list[Record] = []
        self.failure: Failure | None = None
        self.grants = Grants("/oauth/authorize", "/oauth/token", "read,write")
        self.lock = threading.Lock()
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def issue(self, pk: str) -> Record:
        for one in self.issues:
            if pk in (one["id"], one["identifier"]):
                return one
        raise Refusal("Entity not found: Issue")

    def say(self, issue: str, body: str, by: Record, pk: str = "") -> str:
        comment = {"id": pk or str(uuid4()), "body": body, "user": by, "externalUser": None, "issue": {"id": issue}}
        self.comments.append({**comment, "createdAt": now(), "updatedAt": now()})
        return str(comment["id"])

    def change(self, pk: str, **fields: Any) -> None:
        self.issue(pk).update(fields, updatedAt=now())

    def act(self, name: str, told: Record) -> Record:
        match name:
            case "Me":
                return {"viewer": ME, "organization": ORGANISATION}
            case "Teams":
                return {"teams": page([TEAM])}
            case "Team":
                team = TEAM | {"states": page(STATES), "labels": page([LABEL]), "members": page([ME, AGENT])}
                return {"team": team if told["id"] == TEAM["id"] else None}
            case "Issue":
                return {"issue": self.issue(told["id"])}
            case "Comments":
                issue = self.issue(told["id"])
                said = [one for one in self.comments if one["issue"]["id"] == issue["id"]]
                return {"issue": issue | {"comments": page(said[::-1])}}
            case "Search":
                found = [one for one in self.issues if told["term"].casefold() in one["title"].casefold()]
                return {"searchIssues": page(found[:10])}
            case "User":
                return {"users": page([one for one in (ME, AGENT) if one["email"] == told["email"].lower()])}
            case "ChangedIssues":
                return {"issues": page([one for one in self.issues if one["updatedAt"] > since(told)])}
            case "ChangedComments":
                return {"comments": page([one for one in self.comments if one["updatedAt"] > since(told)])}
        return self._write(name, told)

    def _write(self, name: str, told: Record) -> Record:
        match name:
            case "Create":
                return self._create(told["issue"], told["link"])
            case "Update":
                return self._update(told["id"], told["input"])
            case "Comment":
                new_id(told["input"]["id"], self.comments)
                made = self.say(
                    self.issue(told["input"]["issueId"])["id"], told["input"]["body"], ME, told["input"]["id"]
                )
                return {"commentCreate": {"success": True, "comment": {"id": made}}}
            case "Edit" | "Delete":
                found = next((one for one in self.comments if one["id"] == told["id"]), None)
                if found is None:
                    raise Refusal("Entity not found: Comment")
                if name == "Delete":
                    self.comments.remove(found)
                else:
                    found |= {"body": told["input"]["body"], "updatedAt": now()}
                return {"done": {"success": True}}
        raise Refusal(f"Unknown operation {name}", "GRAPHQL_VALIDATION_FAILED", 400)

    def _create(self, told: Record, link: Record) -> Record:
        new_id(told["id"], self.issues)
        number = f"SUP-{len(self.issues) + 1}"
        issue = {
            "id": told["id"], "identifier": number, "url": f"https://linear.app/acme/issue/{number}/as-it-is",
            "title": told["title"], "description": told["description"], "updatedAt": now(), "trashed": None,
            "state": state(told.get("stateId", STATES[0]["id"])), "team": {"id": told["teamId"]},
            "assignee": user(told.get("assigneeId")), "relations": page([]), "priority": told.get("priority", 0),
        }  # fmt: skip
        self.issues.append(issue)
        self.links.append({**link, "issueId": self.issue(link["issueId"])["id"]})
        return {"issueCreate": {"success": True, "issue": issue}, "attachmentCreate": {"success": True}}

    def _update(self, pk: str, told: Record) -> Record:
        fields: Record = {name: value for name, value in told.items() if name in {"title", "description"}}
        if "stateId" in told:
            fields["state"] = state(told["stateId"])
        if "assigneeId" in told:
            fields["assignee"] = user(told["assigneeId"])
        self.change(pk, **fields)
        return {"issueUpdate": {"success": True}}


class Handler(ConsentHandler, BaseHTTPRequestHandler):
    server: Linear
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.consents(self.server.grants)

    def do_POST(self) -> None:
        if self.consents(self.server.grants):
            return
        told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer: Record
        name = re.findall(r"(?:query|mutation) (\w+)", told["query"])[0]
        with self.server.lock:
            failure = self.server.failure
            if failure == Failure.LOST and name not in WRITES:
                failure = None
            elif failure != Failure.UNAUTHORISED:
                self.server.failure = None
            try:
                self._check(failure)
                status, answer = 200, {"data": self.server.act(name, told["variables"])}
            except Refusal as refusal:
                status, answer = refusal.status, refusal.body
        if failure == Failure.LOST:
            self.close_connection = True
            self.connection.close()
            return
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        if failure == Failure.BUSY:
            self.send_header("X-RateLimit-Requests-Remaining", "0")
            self.send_header("X-RateLimit-Requests-Reset", str(int((time.time() + 7) * 1000)))
            self.send_header("X-RateLimit-Complexity-Remaining", "9000")
            self.send_header("X-RateLimit-Complexity-Reset", str(int((time.time() + 900) * 1000)))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - so it is called there
        """Nothing."""

    def _check(self, failure: Failure | None) -> None:
        if self.path != "/graphql":
            raise Refusal("Not found", status=404)
        if failure == Failure.BUSY:
            raise Refusal("Rate limit exceeded", "RATELIMITED", 400)
        if failure == Failure.BROKEN:
            raise Refusal("Internal server error", "INTERNAL_SERVER_ERROR", 500)
        given = self.headers.get("Authorization")
        if failure == Failure.UNAUTHORISED or not (given == KEY or self.server.grants.takes(given)):
            raise Refusal("Authentication required, not authenticated", "AUTHENTICATION_ERROR", 400)


def now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


def since(told: Record) -> str:
    return str(told["since"]).replace("+00:00", "Z")


def page(nodes: list[Record]) -> Record:
    return {"nodes": nodes, "pageInfo": {"hasNextPage": False, "endCursor": None}}


def state(pk: str) -> Record:
    found = next((one for one in STATES if one["id"] == pk), None)
    if found is None:
        raise Refusal("Entity not found: WorkflowState")
    return found


def user(pk: str | None) -> Record | None:
    return next((one for one in (ME, AGENT) if one["id"] == pk), None)


def new_id(pk: str, among: list[Record]) -> None:
    if UUID(pk).version != 4 or any(one["id"] == pk for one in among):
        raise Refusal("Argument Validation Error", "INVALID_INPUT", 400)


@contextmanager
def serving() -> Iterator[Linear]:
    server = Linear()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()
