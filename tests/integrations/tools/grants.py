"""The OAuth side of a stand-in: a consent page and tokens, as RFC 6749, RFC 7636 and the tools say of themselves."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

CLIENT = {"client_id": "pylon-client", "client_secret": "app-s3cret"}


class TokenRefused(Exception):  # noqa: N818 - it is what happens to the request
    def __init__(self, error: str, status: int = 400) -> None:
        super().__init__(error)
        self.error, self.status = error, status


@dataclass
class Grants:
    """`rotates`: a refresh token works once, and tokens have an end. `calls`: what tokens were asked for.
    `workers`: so many must have had a token refused before the next is given, and have time to ask, too."""

    authorize: str
    token: str
    scope: str = ""
    pkce: bool = True
    rotates: bool = True
    json: bool = False
    extra: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    refresh: set[str] = field(default_factory=set)
    denies: bool = False
    workers: int = 0
    refused: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    calls: list[str] = field(default_factory=list)

    def consent(self, asked: dict[str, str]) -> str:
        """Where the browser goes from the consent page, once somebody has decided."""
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT["client_id"]
        assert asked.get("scope", "") == self.scope
        if self.pkce:
            assert asked["code_challenge_method"] == "S256"
        if self.denies:
            told = {"error": "access_denied", "error_description": "The end-user denied the request"}
        else:
            told = {"code": secrets.token_urlsafe(9)}
            self.codes[told["code"]] = asked
        return f"{asked['redirect_uri']}?{urlencode(told | {'state': asked['state']})}"

    def grant(self, asked: dict[str, str]) -> dict[str, Any]:
        self.calls.append(asked["grant_type"])
        self._wait()
        if (asked.get("client_id"), asked.get("client_secret")) != tuple(CLIENT.values()):
            raise TokenRefused("invalid_client", 401)
        if asked["grant_type"] == "refresh_token":
            if asked["refresh_token"] not in self.refresh:
                raise TokenRefused("invalid_grant")
            if self.rotates:
                self.refresh.discard(asked["refresh_token"])
                self.taken.clear()
            return self._made()
        begun = self.codes.pop(asked["code"], None)
        if begun is None or begun["redirect_uri"] != asked["redirect_uri"]:
            raise TokenRefused("invalid_grant")
        if self.pkce and begun["code_challenge"] != s256(asked.get("code_verifier", "")):
            raise TokenRefused("invalid_grant")
        return self._made()

    def takes(self, authorization: str | None) -> bool:
        if (authorization or "").removeprefix("Bearer ") in self.taken:
            return True
        self.refused.release()
        return False

    def revoke(self) -> None:
        """What an admin of the tool does."""
        self.taken.clear()
        self.refresh.clear()

    def _wait(self) -> None:
        workers, self.workers = self.workers, 0
        for _ in range(workers):
            self.refused.acquire(timeout=20)
        time.sleep(0.5 if workers else 0)

    def _made(self) -> dict[str, Any]:
        token, refresh = secrets.token_urlsafe(9), secrets.token_urlsafe(9)
        self.taken.add(token)
        answer: dict[str, Any] = {"access_token": token, "token_type": "bearer", **self.extra}
        if self.rotates:
            self.refresh.add(refresh)
            answer |= {"refresh_token": refresh, "expires_in": 86399}
        return answer


class ConsentHandler(BaseHTTPRequestHandler):
    """Of a server with `grants`. `consents` comes first in whatever it does."""

    def consents(self, grants: Grants) -> bool:
        """Whether it was about that, and is answered."""
        url = urlsplit(self.path)
        if self.command == "GET" and url.path == grants.authorize:
            self.send_response(302)
            self.send_header("Location", grants.consent(dict(parse_qsl(url.query))))
            self.send_header("Content-Length", "0")
            self.end_headers()
            return True
        if self.command != "POST" or url.path != grants.token:
            return False
        raw = self.rfile.read(int(self.headers["Content-Length"])).decode()
        status = 200
        try:
            answer = grants.grant(json.loads(raw) if grants.json else dict(parse_qsl(raw)))
        except TokenRefused as refused:
            status, answer = refused.status, {"error": refused.error, "error_description": "It is not valid."}
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        return True


def s256(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
