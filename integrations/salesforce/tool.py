"""What the settings pages know of Salesforce."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace
from integrations.models import Installation, Provider
from integrations.salesforce.adapter import SalesforceAdapter
from integrations.salesforce.client import SalesforceClient
from integrations.salesforce.forms import SalesforceForm
from integrations.salesforce.oauth import SALESFORCE_OAUTH
from integrations.salesforce.session import Session, signed_in
from integrations.tools.errors import ToolError
from integrations.tools.tool import Connected, Tool


def connect(entered: Mapping[str, Any], _workspace: Workspace) -> Connected:
    if entered.get("token") and not entered.get("refresh_token"):
        raise ToolError("Salesforce gave no refresh token: let the app have the scope refresh_token.", permanent=True)
    names = ("address", "client_id", "client_secret", "refresh_token")
    credentials: dict[str, Any] = {name: str(entered.get(name) or "").rstrip("/") for name in names}
    credentials |= signed_in(credentials)
    if not credentials["organisation"]:
        raise ToolError("Salesforce does not say which organisation the token is for.", permanent=True)
    asking = Installation(provider=Provider.SALESFORCE, credentials=credentials)
    found = SalesforceClient(Session(asking)).query("SELECT Name FROM Organization LIMIT 1")
    name = str(found[0].get("Name") or "") if found else ""
    return Connected(
        credentials["organisation"], name or credentials["organisation"], credentials["instance"], credentials
    )


SALESFORCE = Tool(
    provider=Provider.SALESFORCE,
    make=SalesforceAdapter,
    form=SalesforceForm,
    connect=connect,
    oauth=SALESFORCE_OAUTH,
    about=_("Cases of Salesforce Service Cloud. We ask every minute what changed there."),
    webhook_advice=_(
        "Not needed: we ask every minute. To hear at once, have a flow send an outbound message for Case with the "
        "field Id, and one for CaseComment with ParentId, to this address."
    ),
)
