"""The token that an installation signs in with; one that ends is replaced, once."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from django.db import transaction

from integrations.models import Installation
from integrations.tools.errors import Unauthorised
from integrations.tools.http import ToolClient

Renew: TypeAlias = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""Takes credentials, gives what is new of them; raises ToolError."""
AHEAD = 60
"""Seconds before its end at which a token is replaced."""


class Session:
    """`renew` is None where tokens do not end."""

    def __init__(self, installation: Installation, renew: Renew | None = None) -> None:
        self._installation = installation
        self._renew = renew

    @property
    def token(self) -> str:
        return str(self._installation.credentials.get("token") or "")

    @property
    def address(self) -> str:
        return str(self._installation.credentials.get("address") or "").rstrip("/")

    @property
    def may_renew(self) -> bool:
        return self._renew is not None and bool(self._installation.credentials.get("refresh_token"))

    @property
    def is_due(self) -> bool:
        """There is no token, or it is about to end."""
        ends_at = self._installation.credentials.get("ends_at")
        return not self.token or (ends_at is not None and ends_at - AHEAD <= time.time())

    def renew(self, spent: str) -> None:
        """Replace a token that was not taken; unless somebody else just has. Raises ToolError.

        The row’s lock is held over the call: a refresh token may work once only, so that spending it and keeping what
        it bought must be one step. No other row is locked meanwhile. NO KEY: deliveries may refer to the row.
        """
        if self._renew is None:
            return
        with transaction.atomic():
            rows = Installation.objects.select_for_update(no_key=True)
            row = rows.filter(pk=self._installation.pk).first() or self._installation
            if str(row.credentials.get("token") or "") == spent:
                row.credentials = {**row.credentials, **self._renew(row.credentials)}
                if row.pk:
                    row.save(update_fields=["credentials"])
        self._installation.credentials = row.credentials


class SessionClient(ToolClient):
    """Signed in by the token of a session. One that has ended is exchanged once, and the call made again."""

    def __init__(
        self, name: str, session: Session, address: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(name, address or session.address, headers={"Accept": "application/json", **(headers or {})})
        self._session = session

    def call(self, method: str, path: str, **options: Any) -> Any:
        """As of any ToolClient."""
        if self._session.may_renew and self._session.is_due:
            self._replace(self._session.token)
        options = self._signed(options)
        spent = self._session.token
        try:
            return super().call(method, path, **options)
        except Unauthorised:
            if not self._session.may_renew:
                raise
            self._replace(spent)
            return super().call(method, path, **self._signed(options))

    def authorization(self, token: str) -> str:
        """The header."""
        return f"Bearer {token}"

    def _replace(self, spent: str) -> None:
        self._session.renew(spent)
        # Salesforce may say that the org is somewhere else now.
        self.address = self._session.address or self.address

    def _signed(self, options: Mapping[str, Any]) -> dict[str, Any]:
        if not (token := self._session.token):
            raise Unauthorised(f"The credentials of {self.name} are missing: connect it again.")
        return {**options, "headers": {**(options.get("headers") or {}), "Authorization": self.authorization(token)}}
