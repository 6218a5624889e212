"""Tokens that expire: each is exchanged for the next in good time, once.

https://docs.slack.dev/authentication/using-token-rotation: an access token lives twelve hours; its refresh token works
once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone

from integrations.models import Installation
from integrations.slack.credentials import app_of
from integrations.slack.errors import SlackError
from integrations.slack.revocation import ENDS_ACCESS

log = structlog.get_logger(__name__)

AHEAD = timedelta(hours=2)
"""How long before its end a token is exchanged."""
Exchange = Callable[..., dict[str, Any]]
"""A call to Slack without an installation: token, method, arguments."""


def token_of(installation: Installation, exchange: Exchange) -> str:
    """The token to call with, exchanged if it is time. Raises SlackError when no token can be had."""
    if _is_due(installation):
        _refresh(installation, exchange)
    return str(installation.credentials.get("bot_token") or "")


def kept(answer: Mapping[str, Any]) -> tuple[dict[str, str], datetime | None]:
    """What an answer of `oauth.v2.access` gives to keep: the credentials, and when they end."""
    credentials = {"bot_token": str(answer.get("access_token") or "")}
    if not answer.get("refresh_token"):
        return credentials, None
    credentials["refresh_token"] = str(answer["refresh_token"])
    return credentials, timezone.now() + timedelta(seconds=int(answer.get("expires_in") or 0))


def _is_due(installation: Installation, ahead: timedelta = AHEAD) -> bool:
    ends_at = installation.credentials_expire_at
    return ends_at is not None and ends_at - ahead <= timezone.now()


def _refresh(installation: Installation, exchange: Exchange) -> None:
    """Exchange under the row's lock; whoever finds it locked goes on with the old token while that works.

    This lock, unlike all others, is held over a call: spending the refresh token and keeping what it bought must be
    one step, and no other row is locked meanwhile. NO KEY, so that deliveries can refer to the row in the meantime.
    """
    still_works = not _is_due(installation, timedelta(minutes=1))
    with transaction.atomic():
        rows = Installation.objects.select_related("slack_app").filter(pk=installation.pk)
        row = rows.select_for_update(no_key=True, of=("self",), skip_locked=still_works).first()
        if row and _is_due(row):
            try:
                _exchange(row, exchange)
            except SlackError as error:
                if error.code in ENDS_ACCESS or not still_works:
                    raise
                log.warning("the token could not be exchanged yet", team=row.external_id, code=error.code)
    if row:
        installation.credentials = row.credentials
        installation.credentials_expire_at = row.credentials_expire_at


def _exchange(row: Installation, exchange: Exchange) -> None:
    app = app_of(row)
    if app is None or not app.can_install:
        raise SlackError("the app's client id and secret are not known", permanent=False)
    answer = exchange(
        "", "oauth.v2.access", grant_type="refresh_token",
        refresh_token=str(row.credentials.get("refresh_token") or ""),
        client_id=app.client_id, client_secret=app.client_secret,
    )  # fmt: skip
    row.credentials, row.credentials_expire_at = kept(answer)
    row.save(update_fields=["credentials", "credentials_expire_at"])
