"""What the settings pages know of Intercom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace
from integrations.intercom.adapter import IntercomAdapter
from integrations.intercom.client import IntercomClient, shown
from integrations.intercom.conversations import ConversationAdapter
from integrations.intercom.forms import IntercomForm
from integrations.intercom.oauth import INTERCOM_OAUTH
from integrations.intercom.people import People
from integrations.intercom.tickets import TicketAdapter
from integrations.models import Installation, Provider
from integrations.tools.errors import ToolError
from integrations.tools.session import Session
from integrations.tools.tool import Connected, Tool

ADAPTERS: Mapping[str, type[IntercomAdapter]] = {"ticket": TicketAdapter, "conversation": ConversationAdapter}
PAGES = {"EU": "https://app.eu.intercom.com", "AU": "https://app.au.intercom.com"}
"""Where people sign in, by the region that `/me` tells; elsewhere app.intercom.com."""


def make(installation: Installation) -> IntercomAdapter:
    return ADAPTERS[installation.external_id.partition(":")[2]](installation)


def connect(entered: Mapping[str, Any], _workspace: Workspace) -> Connected:
    """One workspace there is connected once for tickets and once for conversations: a link’s kind never changes."""
    address, kind, writer = str(entered["address"]).rstrip("/"), str(entered["kind"]), str(entered.get("writer") or "")
    asking = Installation(provider=Provider.INTERCOM, credentials={"address": address, "token": entered["token"]})
    people = People(IntercomClient(Session(asking)), writer)
    app = shown(people.me.get("app"))
    if not app.get("id_code"):
        raise ToolError("Intercom does not say which workspace the token is for.", permanent=True)
    people.writer_id()
    pages = PAGES.get(str(app.get("region") or "").upper(), "https://app.intercom.com")
    secret = {"client_secret": entered["client_secret"]} if entered.get("client_secret") else {}
    return Connected(
        f"{app['id_code']}:{kind}", str(app.get("name") or app["id_code"]), f"{pages}/a/inbox/{app['id_code']}",
        {"address": address, "token": entered["token"], "writer": writer, **secret},
    )  # fmt: skip


INTERCOM = Tool(
    provider=Provider.INTERCOM,
    make=make,
    form=IntercomForm,
    connect=connect,
    oauth=INTERCOM_OAUTH,
    about=_("Tickets or conversations of an Intercom workspace."),
    webhook_advice=_(
        "In Intercom’s Developer Hub, your app → Webhooks: enter this address and choose the topics conversation.* "
        "for conversations, ticket.* for tickets. The client secret of the same app must be entered here."
    ),
)
