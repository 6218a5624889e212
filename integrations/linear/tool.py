"""What the settings pages know of Linear."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace
from integrations.linear import queries
from integrations.linear.adapter import LinearAdapter
from integrations.linear.client import LinearClient, LinearSession
from integrations.linear.forms import ADDRESS, LinearForm
from integrations.linear.oauth import LINEAR_OAUTH
from integrations.models import Installation, Provider
from integrations.tools.errors import ToolError
from integrations.tools.tool import Connected, Tool


def connect(entered: Mapping[str, Any], _workspace: Workspace) -> Connected:
    names = ("api_key", "signing_secret", "token", "refresh_token", "client_id", "client_secret")
    credentials: dict[str, Any] = {name: str(entered.get(name) or "").strip() for name in names}
    credentials["ends_at"] = entered.get("ends_at")
    credentials["address"] = str(entered.get("address") or ADDRESS).rstrip("/")
    client = LinearClient(LinearSession(Installation(provider=Provider.LINEAR, credentials=credentials)))
    organisation = client.ask(queries.ME)["organization"]
    team = _team(client, str(entered.get("team") or "").strip())
    credentials["team"] = str(team["id"])
    return Connected(
        str(team["id"]), f"{organisation['name']}: {team['name']}",
        f"https://linear.app/{organisation['urlKey']}", credentials,
    )  # fmt: skip


def _team(client: LinearClient, wanted: str) -> dict[str, Any]:
    """The identifier decides before the name."""
    teams: list[dict[str, Any]] = []
    after: str | None = None
    while True:
        told = client.ask(queries.TEAMS, after=after)["teams"]
        teams += told["nodes"]
        if not told["pageInfo"]["hasNextPage"]:
            break
        after = told["pageInfo"]["endCursor"]
    for name in ("key", "name"):
        for team in teams:
            if str(team[name]).casefold() == wanted.casefold():
                return team
    names = ", ".join(sorted(str(team["key"]) for team in teams)[:20])
    raise ToolError(f"The API key sees no team “{wanted[:80]}” in Linear. It sees: {names or 'none'}.", permanent=True)


LINEAR = Tool(
    provider=Provider.LINEAR,
    make=LinearAdapter,
    form=LinearForm,
    connect=connect,
    oauth=LINEAR_OAUTH,
    about=_("Issues of a Linear team. Customers see nothing of them: all comments there are internal."),
    webhook_advice=_(
        "In Linear: Settings → API → New webhook with this address, for your team, with Issues and Comments. Copy its "
        "signing secret, and connect again with it."
    ),
)
