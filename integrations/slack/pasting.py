"""What admins paste on the settings page: an app's credentials, a bot's token."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext

from accounts.models import User, Workspace
from accounts.roles import require_admin
from integrations.models import Installation, Provider, SlackApp
from integrations.slack.client import SlackError, call_with_token
from integrations.slack.connect import TeamTaken, join_team, learn_team_later
from integrations.slack.credentials import Pasted
from integrations.slack.oauth import SAID, InstallRefused, taken_elsewhere


def save_app(pasted: Pasted, *, by: User) -> SlackApp:
    """Keep an app's credentials, or replace them. Raises InstallRefused.

    Slack is asked whether client id and secret belong together: only who has an app's secret may say what else is
    its, and a slip of the hand is seen at once.
    """
    require_admin(by)
    _check_client(pasted)
    known = SlackApp.objects.filter(client_id=pasted.client_id).first()
    if known and not may_change(known, by.workspace):
        raise InstallRefused(gettext("Another workspace here uses this app. Its admins can change it."))
    secrets: dict[str, Any] = {"client_secret": pasted.client_secret, "signing_secret": pasted.signing_secret}
    app_token = pasted.app_token or (known.credentials.get("app_token") if known else "")
    if app_token:
        secrets["app_token"] = app_token
    app, _ = SlackApp.objects.update_or_create(client_id=pasted.client_id, defaults={"credentials": secrets})
    return app


def remove_app(app: SlackApp, *, by: User) -> None:
    """Forget its credentials. What it signs is refused from then on. Raises InstallRefused."""
    require_admin(by)
    if not may_change(app, by.workspace):
        raise InstallRefused(gettext("Another workspace here uses this app. Its admins can remove it."))
    app.delete()


def may_change(app: SlackApp, workspace: Workspace) -> bool:
    """Nobody else's teams were installed through it."""
    return not app.installations.exclude(workspace=workspace).exists()


def connect_by_token(token: str, *, by: User) -> Installation:
    """Connect the team of a bot token that Slack's own page has shown. Raises InstallRefused."""
    require_admin(by)
    try:
        installation = join_team({"bot_token": token}, workspace=by.workspace, installed_by=by)
    except TeamTaken as taken:
        raise InstallRefused(taken_elsewhere(taken)) from taken
    except SlackError as refused:
        raise InstallRefused(
            gettext("Slack does not take this token: %(error)s.") % {"error": refused.code}
        ) from refused
    _belong(installation)
    learn_team_later(installation)
    return installation


def _belong(installation: Installation) -> None:
    """To the pasted app that it is of, or to the one of which Slack has not told the id yet."""
    apps = SlackApp.objects.all()
    app = apps.filter(app_id=installation.app_id).first() or (
        apps.filter(app_id="").first() if apps.count() == 1 else None
    )
    if app is None or not installation.app_id:
        return
    app.app_id = installation.app_id
    app.save(update_fields=["app_id"])
    Installation.objects.filter(pk=installation.pk, provider=Provider.SLACK).update(slack_app=app)


def _check_client(pasted: Pasted) -> None:
    """With a code that never was: Slack looks at the client first."""
    try:
        call_with_token(
            "", "oauth.v2.access",
            client_id=pasted.client_id, client_secret=pasted.client_secret, code="only-to-check-the-secret",
        )  # fmt: skip
    except SlackError as error:
        if error.code == "invalid_code":
            return
        if error.permanent:
            raise InstallRefused(
                SAID.get(error.code, gettext("Slack does not take these: %(error)s.") % {"error": error.code})
            ) from error
        raise InstallRefused(
            gettext("Slack did not answer (%(error)s). Try again in a moment.") % {"error": error.code}
        ) from error
