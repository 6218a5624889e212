"""When Slack takes our access away: said plainly, nothing deleted, other teams' capture goes on."""

from __future__ import annotations

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from integrations.models import Installation
from integrations.slack.errors import SlackError

log = structlog.get_logger(__name__)

ENDS_ACCESS = {
    "token_revoked": _("Somebody withdrew Pylon’s access in Slack"),
    "account_inactive": _("Pylon was removed from the Slack workspace, or its bot user deactivated"),
    "invalid_auth": _("Slack does not know Pylon’s token any more"),
    "token_expired": _("Pylon’s token has expired and was not renewed"),
    "invalid_refresh_token": _("Pylon’s token could not be renewed: Slack does not know the renewal token any more"),
}
"""Slack's error codes after which no call will succeed, and what they say to people."""


def refuse_revoked(installation: Installation) -> None:
    """Raise SlackError rather than ask with a token that is known to be dead."""
    if installation.revoked_at:
        raise SlackError(f"access was withdrawn: {installation.revoked_because or 'reason unknown'}", permanent=True)


def notice(installation: Installation, error: SlackError) -> None:
    """Keep what a refused call says about our access."""
    if error.code in ENDS_ACCESS:
        revoke(installation, ENDS_ACCESS[error.code])
    elif error.code == "missing_scope" and error.granted:
        # What a call lacks says little; what the token may do says what is missing elsewhere, too.
        installation.scopes = scopes(error.granted)
        installation.save(update_fields=["scopes"])


def revoke(installation: Installation, because: str) -> None:
    """Unless the team has got another token meanwhile: then only the one that was used is dead."""
    used = installation.credentials.get("bot_token")
    with transaction.atomic():
        row = Installation.objects.select_for_update(no_key=True).get(pk=installation.pk)
        if row.revoked_at or row.credentials.get("bot_token") != used:
            return
        row.revoked_at, row.revoked_because = timezone.now(), because[:200]
        row.save(update_fields=["revoked_at", "revoked_because"])
    installation.revoked_at, installation.revoked_because = row.revoked_at, row.revoked_because
    log.error("slack withdrew our access", team=row.external_id, because=because)


def scopes(granted: str) -> list[str]:
    """Slack's comma-separated list, in order."""
    return sorted({scope.strip() for scope in granted.split(",") if scope.strip()})
