"""OAuth 2: the address of a tool's consent page, and tokens for what it led back with.

Authorization code (RFC 6749, 4.1) with PKCE (RFC 7636), refresh tokens (RFC 6749, 6). A tool declares an `OAuth`; what
is kept of one way through the consent page is in consent.py, and of the tokens in session.py.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import urlencode, urlsplit

import httpx
from django.utils.functional import Promise

from integrations.tools.errors import ToolError, Unauthorised
from integrations.tools.http import ToolClient
from integrations.tools.oauth_forms import AppForm

Address: TypeAlias = Callable[[Mapping[str, Any]], str]
"""Of what was entered."""
SPENT = {"invalid_grant", "not_found", "expired_code", "invalid_code"}
NOT_OURS = {"invalid_client", "invalid_client_id", "unauthorized_client", "unauthorized"}
NO_ADDRESS = {"redirect_uri_mismatch", "invalid_redirect_uri", "invalid_redirect"}


@dataclass(frozen=True, slots=True)
class OAuth:
    """`authorize` and `token`: the addresses. `asked`: what goes to the consent page besides. `sends_json`: the token
    address wants JSON. `form`: what is entered of the workspace's own app. `steps`: how to make that app there; the
    address to be led back to is shown beside them."""

    name: str
    authorize: Address
    token: Address
    form: type[AppForm]
    steps: Sequence[str | Promise]
    asked: Mapping[str, str] = field(default_factory=dict)
    pkce: bool = True
    sends_json: bool = False

    def page(self, app: Mapping[str, Any], *, state: str, verifier: str, redirect_uri: str) -> str:
        """Where somebody consents."""
        params = {
            "response_type": "code", "client_id": app["client_id"], "redirect_uri": redirect_uri, "state": state,
            **self.asked,
        }  # fmt: skip
        if self.pkce:
            params |= {"code_challenge": challenge(verifier), "code_challenge_method": "S256"}
        return f"{self.authorize(app)}?{urlencode(params)}"

    def exchange(self, app: Mapping[str, Any], *, code: str, verifier: str, redirect_uri: str) -> dict[str, Any]:
        """Credentials, for the code that the consent page led back with. Raises ToolError."""
        proof = {"code_verifier": verifier} if self.pkce else {}
        return self._tokens(app, grant_type="authorization_code", code=code, redirect_uri=redirect_uri, **proof)

    def refresh(self, credentials: Mapping[str, Any]) -> dict[str, Any]:
        """The credentials that follow, often with another refresh token: the former ends. Unauthorised where access
        has ended."""
        spent = str(credentials["refresh_token"])
        try:
            return {"refresh_token": spent} | self._tokens(credentials, grant_type="refresh_token", refresh_token=spent)
        except ToolError as error:
            if not error.permanent:
                raise
            raise Unauthorised(f"{self.name} has ended our access: connect it again.") from error

    def _tokens(self, app: Mapping[str, Any], **asked: str) -> dict[str, Any]:
        asked |= {"client_id": str(app["client_id"]), "client_secret": str(app["client_secret"])}
        address = urlsplit(self.token(app))
        client = TokenClient(self.name, f"{address.scheme}://{address.netloc}")
        answer = client.call("POST", address.path, **{"json" if self.sends_json else "data": asked})
        found = answer if isinstance(answer, dict) else {}
        # Intercom calls it `token` besides.
        if not (token := found.get("access_token") or found.get("token")):
            raise ToolError(f"{self.name} gave no token: is the address right?", permanent=True)
        kept: dict[str, Any] = {"token": str(token)}
        if found.get("refresh_token"):
            kept["refresh_token"] = str(found["refresh_token"])
        ends_in = found.get("expires_in")
        return kept | {"ends_at": time.time() + ends_in if isinstance(ends_in, int | float) else None}


class TokenClient(ToolClient):
    """Asks for tokens. What is refused there is about our app or the code, not about credentials that are kept."""

    def error(self, response: httpx.Response, body: bytes) -> ToolError:
        code = _code(body)
        if response.status_code == 429 or response.status_code >= 500:
            return super().error(response, body)
        said = self._said(body)
        if code in NOT_OURS or (response.status_code == 401 and code not in SPENT):
            return ToolError(
                f"{self.name} does not take the client id and secret{said}. Copy both from the app once more.",
                permanent=True,
            )
        if code in NO_ADDRESS:
            return ToolError(
                f"{self.name} was not told of our address{said}: enter the redirect address in the app.", permanent=True
            )
        if code in SPENT:
            return ToolError(
                f"The code of {self.name} was used already or has expired{said}. Begin again.", permanent=True
            )
        return super().error(response, body)


def challenge(verifier: str) -> str:
    """S256 of RFC 7636, 4.2."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _code(body: bytes) -> str:
    """`error`, or as Intercom has it the `code` of the first of `errors`."""
    try:
        answer = json.loads(body)
    except ValueError:
        return ""
    if not isinstance(answer, dict):
        return ""
    errors = answer.get("errors")
    if isinstance(errors, list) and errors and isinstance(errors[0], dict):
        return str(errors[0].get("code") or "")
    return str(answer.get("error") or "")
