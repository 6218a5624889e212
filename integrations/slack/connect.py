"""Connecting a Slack team with a bot token, and finding the installation of an event."""

from __future__ import annotations

from typing import Any

import structlog
from django.conf import settings
from django.db import transaction

from accounts.models import Channel, User, Workspace
from integrations.models import Installation, Provider
from integrations.slack import channels, people
from integrations.slack.client import SlackError, call_with_token, pages

log = structlog.get_logger(__name__)

PAGES = 50
"""Of 200 people or channels each; more are learned as they speak."""


def connect(token: str) -> Installation:
    """Make or refresh the installation that the token is for: who we are there, our teammates, our channels.

    Raises SlackError when Slack doesn't take the token or doesn't answer.
    """
    identity = call_with_token(token, "auth.test")
    team_id, bot_id = str(identity.get("team_id") or ""), str(identity.get("bot_id") or "")
    app_id = str(identity.get("app_id") or "") or _app_id(token, bot_id)
    seen: dict[str, Any] = {
        "name": str(identity.get("team") or "")[:120],
        "url": str(identity.get("url") or "")[:200],
        "enterprise_id": str(identity.get("enterprise_id") or ""),
        "bot_id": bot_id,
        "bot_user_id": str(identity.get("user_id") or ""),
        "app_id": app_id,
        "credentials": {"bot_token": token},
        "revoked_at": None,
    }
    with transaction.atomic():
        known = Installation.objects.filter(provider=Provider.SLACK, external_id=team_id).first()
        workspace = known.workspace if known else _workspace(seen["name"] or team_id)
        installation, _ = Installation.objects.update_or_create(
            provider=Provider.SLACK, external_id=team_id, defaults=seen | {"workspace": workspace}
        )
    _learn_teammates(installation)
    _learn_channels(installation)
    return installation


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
                people.remember(installation, profile)
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
