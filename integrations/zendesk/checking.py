"""What the test button looks at, and the webhook that it makes where there is none."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from integrations.models import Installation
from integrations.tools.errors import ToolError
from integrations.tools.protocol import Finding
from integrations.zendesk.client import ZendeskClient
from integrations.zendesk.people import AGENTS
from integrations.zendesk.webhooks import EVENTS


def check(installation: Installation, client: ZendeskClient, address: str) -> list[Finding]:
    """`address`: where Zendesk is to tell us of changes."""
    try:
        me = client.one("user", "/api/v2/users/me")
    except ToolError as error:
        return [Finding(_("Signing in"), is_good=False, advice=str(error))]
    if me.get("role") not in AGENTS:
        advice = _("The token must be of an agent or an administrator: connect Zendesk again.")
        return [Finding(_("Signing in"), is_good=False, advice=advice)]
    findings = [
        Finding(_("Signed in as %(name)s (%(role)s)") % {"name": me.get("name"), "role": me["role"]}, is_good=True)
    ]
    return [*findings, _webhook(installation, client, address)]


def _webhook(installation: Installation, client: ZendeskClient, address: str) -> Finding:
    if installation.credentials.get("webhook_secret"):
        return Finding(_("The signing secret of the webhook is known"), is_good=True)
    try:
        secret = _secret(client, address)
    except ToolError as error:
        advice = _(
            "%(error)s In Admin Center → Apps and integrations → Webhooks, make one that posts JSON to %(address)s, "
            "and connect Zendesk again with its signing secret."
        ) % {"error": error, "address": address}
        return Finding(_("No webhook tells us of changes"), is_good=False, advice=advice)
    with transaction.atomic():
        kept = Installation.objects.select_for_update(no_key=True).get(pk=installation.pk)
        kept.credentials = {**kept.credentials, "webhook_secret": secret}
        kept.save(update_fields=["credentials"])
    return Finding(_("Made the webhook that tells us of changes"), is_good=True)


def _secret(client: ZendeskClient, address: str) -> str:
    """Of the webhook that posts to us; it is made where there is none (api-reference/webhooks/webhooks-api)."""
    found = [one for one in client.many("webhooks", "/api/v2/webhooks") if one.get("endpoint") == address]
    made = found or [client.part(client.post("/api/v2/webhooks", _wanted(address)), "webhook")]
    secret = client.one("signing_secret", f"/api/v2/webhooks/{made[0]['id']}/signing_secret").get("secret")
    if not secret:
        raise ToolError("Zendesk does not tell the signing secret.", permanent=True)
    return str(secret)


def _wanted(address: str) -> dict[str, Any]:
    webhook = {
        "name": "Pylon", "endpoint": address, "http_method": "POST", "request_format": "json", "status": "active",
        "subscriptions": EVENTS,
    }  # fmt: skip
    return {"webhook": webhook}
