"""The stand-in behind real HTTP. `python -m tests.integrations.salesforce.server PORT` runs it alone."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.integrations.salesforce.double import ME, ORGANISATION, Org, Record, Refusal
from tests.integrations.tools.contract import Failure
from tests.integrations.tools.grants import ConsentHandler, Grants


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, org: Org, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.org = org
        self.failure: Failure | None = None
        self.by_consent = False
        """The app has the web server flow, rather than the client credentials flow."""
        identity = f"https://login.example/id/{ORGANISATION}/{ME}"
        self.grants = Grants(
            "/services/oauth2/authorize", "/services/oauth2/token", "api refresh_token",
            extra={"id": identity, "instance_url": self.url},
        )  # fmt: skip
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(ConsentHandler, BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.server.by_consent and self.consents(self.server.grants):
            return
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with self.server.lock:
            failure = self._failure()
            try:
                answer, status = self._act(raw, failure), 200
            except Refusal as refusal:
                answer, status = refusal.body, refusal.status
        if failure == Failure.LOST:
            self.close_connection = True
            self.connection.close()
            return
        body = b"" if answer is None else json.dumps(answer).encode()
        self.send_response(204 if answer is None else status)
        self.send_header("Content-Type", "application/json")
        if failure == Failure.BUSY:
            self.send_header("Retry-After", "7")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_PATCH = do_DELETE = do_GET  # noqa: N815 - the base class looks for these names

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - so it is called there
        """Nothing."""

    def _failure(self) -> Failure | None:
        failure = self.server.failure
        if failure == Failure.LOST and self.command == "GET":
            return None
        if failure != Failure.UNAUTHORISED:
            self.server.failure = None
        return failure

    def _act(self, raw: bytes, failure: Failure | None) -> Any:
        org, url = self.server.org, urlsplit(self.path)
        if failure == Failure.BUSY:
            raise Refusal(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        if failure == Failure.BROKEN:
            raise Refusal(500, "UNKNOWN_EXCEPTION")
        if url.path == "/services/oauth2/token":
            if failure == Failure.UNAUTHORISED:
                raise Refusal(400, "invalid_client")
            return org.sign_in(dict(parse_qsl(raw.decode()))) | {"instance_url": self.server.url}
        given = self.headers.get("Authorization")
        known = self.server.grants.takes(given) if self.server.by_consent else given == f"Bearer {org.token}"
        if failure == Failure.UNAUTHORISED or not known:
            raise Refusal(401, "INVALID_SESSION_ID", "Session expired or invalid")
        told = json.loads(raw) if raw else {}
        return self._data(url.path.removeprefix("/services/data/v62.0"), dict(parse_qsl(url.query)), told)

    def _data(self, path: str, params: dict[str, str], told: Record) -> Any:
        org = self.server.org
        match [self.command, *path.strip("/").split("/")]:
            case ["GET", "query" | "queryAll" as way]:
                found = org.query(params["q"], deleted=way == "queryAll")
                return {"totalSize": len(found), "done": True, "records": found}
            case ["GET", "sobjects", kind, "describe"]:
                return org.describe(kind)
            case ["POST", "sobjects", kind]:
                return {"id": org.create(kind, told), "success": True, "errors": []}
            case ["PATCH", "sobjects", kind, pk]:
                org.update(kind, pk, told)
                return None
            case ["DELETE", "sobjects", kind, pk]:
                org.delete(kind, pk)
                return None
            case ["POST", "composite"]:
                return self._composite(told)
        raise Refusal(404, "NOT_FOUND", "The requested resource does not exist")

    def _composite(self, told: Record) -> Record:
        """All or nothing: what follows a refused step, or went before it, is taken back."""
        org, answers = self.server.org, list[Record]()
        ids: dict[str, str] = {}
        before = {kind: list(records) for kind, records in org.records.items()}
        for step in told["compositeRequest"]:
            body = json.loads(re_bound(json.dumps(step["body"]), ids))
            try:
                ids[step["referenceId"]] = org.create(step["url"].rpartition("/")[2], body)
            except Refusal as refusal:
                org.records = before
                return {"compositeResponse": [{"httpStatusCode": refusal.status, "body": refusal.body}]}
            answers.append({"httpStatusCode": 201, "body": {"id": ids[step["referenceId"]], "success": True}})
        return {"compositeResponse": answers}


def re_bound(text: str, ids: dict[str, str]) -> str:
    for name, pk in ids.items():
        text = text.replace(f"@{{{name}.id}}", pk)
    return text


@contextmanager
def serving(org: Org) -> Iterator[Server]:
    server = Server(org)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


if __name__ == "__main__":
    Server(Org(), int(sys.argv[1])).serve_forever()
