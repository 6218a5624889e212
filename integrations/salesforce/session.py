"""Access tokens of Salesforce: got by the client credentials flow or with a refresh token, and replaced when they end.

Both are a POST to /services/oauth2/token of the org’s My Domain address; the answer’s `id` is
`https://…/id/<organisation>/<user>` (Salesforce Help: OAuth 2.0 Client Credentials Flow, OAuth 2.0 Refresh Token Flow).
How long a token lives is not told: it has ended when a call answers 401 INVALID_SESSION_ID.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from integrations.models import Installation
from integrations.tools.errors import ToolError, Unauthorised
from integrations.tools.http import ToolClient

TOKEN_PATH = "/services/oauth2/token"  # noqa: S105 - an address


class Session:
    def __init__(self, installation: Installation) -> None:
        self._installation = installation

    @property
    def token(self) -> str:
        return str(self._installation.credentials.get("token", ""))

    @property
    def address(self) -> str:
        credentials = self._installation.credentials
        return str(credentials.get("instance") or credentials.get("address") or "").rstrip("/")

    def renew(self, spent: str) -> None:
        """Replace a token that was not taken; unless somebody else just has. Raises ToolError.

        The row’s lock is held over the call: a refresh token may work once only, so that spending it and keeping what
        it bought must be one step. No other row is locked meanwhile. NO KEY: deliveries may refer to the row.
        """
        with transaction.atomic():
            rows = Installation.objects.select_for_update(no_key=True)
            row = rows.filter(pk=self._installation.pk).first() or self._installation
            if row.credentials.get("token") == spent:
                row.credentials = {**row.credentials, **signed_in(row.credentials)}
                if row.pk:
                    row.save(update_fields=["credentials"])
        self._installation.credentials = row.credentials


def signed_in(credentials: Mapping[str, Any]) -> dict[str, str]:
    """Credentials to keep: token, instance, organisation, user. Unauthorised where they are not taken."""
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
