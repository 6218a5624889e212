"""Connecting a Slack team, and finding the installation of an event."""

from __future__ import annotations

import json
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import Channel, User, Workspace
from integrations.models import Installation, Provider
from integrations.slack import channels
from integrations.slack.client import SlackError, ask, call, call_with_token, pages
from integrations.slack.profiles import remember
from integrations.slack.requests import Received
from integrations.slack.revocation import scopes
from integrations.slack.storage import store
from integrations.slack.tasks import drain_inbox
from integrations.wake import wake

log = structlog.get_logger(__name__)

PAGES = 50
"""Of 200 people or channels each; more are learned as they speak."""
LEARN_TEAM = "learn_team"
"""An event of our own, with which a worker learns who and what is there: a large team has many pages."""


ENDS = {"app_uninstalled", "tokens_revoked"}
"""Events after which our access may be over."""


class TeamTaken(Exception):  # noqa: N818 - it reads as what happened
    """The Slack team is connected with another workspace of this deployment."""


def connect(token: str) -> Installation:
    """Make or refresh the installation that the token is for: who we are there, our teammates, our channels.

    Raises SlackError when Slack doesn't take the token or doesn't answer.
    """
    installation = join_team({"bot_token": token})
    learn_team(installation)
    return installation


def join_team(credentials: dict[str, str], *, workspace: Workspace | None = None, **more: Any) -> Installation:
    """Make or refresh the installation, for the workspace if one is given. `more`: fields of it.

    A team that was connected before keeps its row, and with it its history and links. Raises SlackError, TeamTaken.
    """
    identity, headers = ask(credentials["bot_token"], "auth.test")
    team_id, bot_id = str(identity.get("team_id") or ""), str(identity.get("bot_id") or "")
    app_id = str(identity.get("app_id") or "") or _app_id(credentials["bot_token"], bot_id)
    seen: dict[str, Any] = {
        "name": str(identity.get("team") or "")[:120],
        "url": str(identity.get("url") or "")[:200],
        "enterprise_id": str(identity.get("enterprise_id") or ""),
        "bot_id": bot_id,
        "bot_user_id": str(identity.get("user_id") or ""),
        "app_id": app_id,
        "credentials": credentials,
        "credentials_expire_at": None,
        "scopes": scopes(headers.get("x-oauth-scopes", "")),
        "revoked_at": None,
        "revoked_because": "",
    }
    with transaction.atomic():
        make = seen | more | {"workspace": workspace or (lambda: _workspace(seen["name"] or team_id))}
        installation, _ = Installation.objects.update_or_create(
            provider=Provider.SLACK, external_id=team_id, defaults=seen | more, create_defaults=make
        )
        if workspace and installation.workspace_id != workspace.pk:
            raise TeamTaken(installation.name)
    return installation


def learn_team(installation: Installation) -> None:
    """Our teammates and the channels that we are in. What can't be read is learned as people speak."""
    _learn_teammates(installation)
    _learn_channels(installation)


def learn_team_later(installation: Installation) -> None:
    """By a worker."""
    team_id = installation.external_id
    body = json.dumps({"team_id": team_id, "event": {"type": LEARN_TEAM}})
    store([Received(f"{LEARN_TEAM}:{team_id}:{timezone.now().timestamp()}", LEARN_TEAM, f"{team_id}:", body)])
    wake(drain_inbox)


def check_access(installation: Installation) -> None:
    """Ask Slack whether our token still works; if not, the installation says so from now on.

    After an event in ENDS: one that comes late may be about an earlier token, or about a person's. Raises SlackError
    when Slack does not answer.
    """
    try:
        call(installation, "auth.test")
    except SlackError as error:
        if not error.permanent:
            raise


def connect_from_settings() -> Installation | None:
    """The team of SLACK_BOT_TOKEN; None when it isn't set or Slack can't be reached, which is logged."""
    if not settings.SLACK_BOT_TOKEN:
        return None
    try:
        return connect(settings.SLACK_BOT_TOKEN)
    except SlackError as error:
        log.error("could not connect the team of SLACK_BOT_TOKEN", code=error.code)
        return None


def installation_for(team_id: str) -> Installation | None:
    """The installation of a team. One that only SLACK_BOT_TOKEN knows is connected now, once Slack answers."""
    installations = Installation.objects.select_related("workspace").filter(provider=Provider.SLACK)
    found = installations.filter(external_id=team_id).first()
    if found is None and settings.SLACK_BOT_TOKEN and not installations.exists():
        connected = connect_from_settings()
        found = connected if connected and connected.external_id == team_id else None
    return found


def _app_id(token: str, bot_id: str) -> str:
    try:
        bot = call_with_token(token, "bots.info", bot=bot_id).get("bot") if bot_id else None
    except SlackError as error:
        # Our own posts are known by the bot's id as well.
        log.warning("the app's id could not be read", code=error.code)
        return ""
    return str(bot.get("app_id") or "") if isinstance(bot, dict) else ""


def _workspace(name: str) -> Workspace:
    """The workspace that has no Slack team yet, such as the one that the first teammate made, or a new one."""
    free = Workspace.objects.filter(installations=None).order_by("pk").first()
    return free or Workspace.objects.create(name=name[:120])


def _learn_teammates(installation: Installation) -> None:
    known = set(User.objects.filter(workspace=installation.workspace).values_list("external_id", flat=True))
    try:
        for profile in pages(installation, "users.list", "members", most=PAGES):
            if profile.get("id") not in known and not profile.get("deleted"):
                remember(installation, profile)
    except SlackError as error:
        log.warning("the list of teammates could not be read", code=error.code)


def _learn_channels(installation: Installation) -> None:
    """Those that we are already in and have not looked at. Who invited us is known only when it happens."""
    mine = Channel.objects.filter(workspace=installation.workspace, left_at=None).exclude(details_read_at=None)
    known = set(mine.values_list("external_id", flat=True))
    kinds = "public_channel,private_channel"
    try:
        for channel in pages(installation, "users.conversations", "channels", most=PAGES, types=kinds):
            if channel.get("id") not in known:
                channels.join(installation, channels.look(installation, str(channel.get("id"))))
    except SlackError as error:
        log.warning("our channels could not be read", code=error.code)
