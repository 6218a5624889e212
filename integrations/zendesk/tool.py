"""What the settings pages know of Zendesk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace
from integrations.models import Installation, Provider
from integrations.tools.errors import ToolError
from integrations.tools.session import Session
from integrations.tools.tool import Connected, Tool
from integrations.zendesk.adapter import ZendeskAdapter
from integrations.zendesk.client import ZendeskClient
from integrations.zendesk.forms import ZendeskForm
from integrations.zendesk.oauth import ZENDESK_OAUTH
from integrations.zendesk.people import AGENTS


def connect(entered: Mapping[str, Any], _workspace: Workspace) -> Connected:
    """An account there is known by its host. Zendesk answers a token that it does not know as an anonymous user."""
    address = str(entered["address"])
    credentials: dict[str, Any] = {
        "address": address, "email": entered.get("email") or "", "token": entered["token"],
        "follow_up": bool(entered.get("follow_up")),
        **{name: entered.get(name) for name in ("client_id", "client_secret", "refresh_token", "ends_at")},
    }  # fmt: skip
    if entered.get("webhook_secret"):
        credentials["webhook_secret"] = entered["webhook_secret"]
    session = Session(Installation(provider=Provider.ZENDESK, credentials=credentials))
    me = ZendeskClient(session, str(credentials["email"])).one("user", "/api/v2/users/me")
    if me.get("role") not in AGENTS:
        raise ToolError("Zendesk says that the token is not of an agent or an administrator.", permanent=True)
    host = urlsplit(address).netloc.lower()
    return Connected(host[:64], host.removesuffix(".zendesk.com"), address, credentials)


ZENDESK = Tool(
    provider=Provider.ZENDESK,
    make=ZendeskAdapter,
    form=ZendeskForm,
    connect=connect,
    oauth=ZENDESK_OAUTH,
    about=_("Tickets of a Zendesk account."),
    webhook_advice=_(
        "The test button makes this webhook in Zendesk, where the token’s user is an administrator. Otherwise make one "
        "in Admin Center → Apps and integrations → Webhooks, and enter its signing secret here: connect Zendesk again."
    ),
)
