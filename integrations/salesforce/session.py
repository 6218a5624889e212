"""Access tokens of Salesforce: got by the client credentials flow or with a refresh token, and replaced when they end.

Both are a POST to /services/oauth2/token of the org’s My Domain address; the answer’s `id` is
`https://…/id/<organisation>/<user>` (Salesforce Help: OAuth 2.0 Client Credentials Flow, OAuth 2.0 Refresh Token Flow).
How long a token lives is not told: it has ended when a call answers 401 INVALID_SESSION_ID.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from integrations.models import Installation
from integrations.tools import session
from integrations.tools.errors import ToolError, Unauthorised
from integrations.tools.http import ToolClient

TOKEN_PATH = "/services/oauth2/token"  # noqa: S105 - an address


class Session(session.Session):
    """`address`: of the org’s instance."""

    def __init__(self, installation: Installation) -> None:
        super().__init__(installation, signed_in)

    @property
    def address(self) -> str:
        return str(self._installation.credentials.get("instance") or "").rstrip("/") or super().address

    @property
    def may_renew(self) -> bool:
        """Without a refresh token the app signs in as itself."""
        return True


def signed_in(credentials: Mapping[str, Any]) -> dict[str, str]:
    """Credentials to keep: token, instance, organisation, user. Unauthorised where they are not taken."""
    if not credentials.get("client_id"):
        raise Unauthorised("The credentials of Salesforce are missing: connect it again.")
    refresh = str(credentials.get("refresh_token") or "")
    wanted = {
        "grant_type": "refresh_token" if refresh else "client_credentials",
        "client_id": str(credentials.get("client_id", "")), "client_secret": str(credentials.get("client_secret", "")),
    }  # fmt: skip
    client = ToolClient("Salesforce", str(credentials.get("address", "")))
    try:
        answer = client.post(TOKEN_PATH, data=wanted | ({"refresh_token": refresh} if refresh else {}))
    except ToolError as error:
        # invalid_client, invalid_grant, inactive_user … come as 400.
        raise Unauthorised(f"{error} Connect it again.") if error.permanent else error from None
    if not isinstance(answer, dict) or not answer.get("access_token"):
        raise ToolError("Salesforce gave no token: is the address right?", permanent=True)
    organisation, _, user = str(answer.get("id", "")).partition("/id/")[2].partition("/")
    kept = {"token": answer["access_token"], "instance": answer.get("instance_url") or client.address}
    kept |= {"organisation": organisation, "user": user, "refresh_token": answer.get("refresh_token") or refresh}
    return {name: str(value) for name, value in kept.items()}
