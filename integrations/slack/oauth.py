"""Through Slack's consent page and back: how a team is connected without anybody typing a token.

https://docs.slack.dev/authentication/installing-with-oauth
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from slack_sdk.oauth import AuthorizeUrlGenerator

from accounts.models import User
from integrations.models import Installation, InstallState
from integrations.slack.client import SlackError, call_with_token
from integrations.slack.connect import TeamTaken, join_team, learn_team_later
from integrations.slack.credentials import App, app_named
from integrations.slack.manifest import BOT_SCOPES, CALLBACK
from integrations.slack.rotation import kept

LIFETIME = timedelta(minutes=10)
KEPT = timedelta(days=1)
"""How long a used or expired state can still be told from one that never was."""

SAID = {
    "access_denied": gettext_lazy("You cancelled in Slack: nothing was installed."),
    "invalid_code": gettext_lazy("Slack’s code was used already or has expired. Start again from the settings."),
    "bad_client_secret": gettext_lazy(
        "Slack does not take the client secret: copy it once more from the app’s Basic Information."
    ),
    "invalid_client_id": gettext_lazy(
        "Slack does not know the client id: copy it once more from the app’s Basic Information."
    ),
    "bad_redirect_uri": gettext_lazy("Slack was not told of this address: it must be among the app’s Redirect URLs."),
    "invalid_team_for_non_distributed_app": (
        gettext_lazy(
            "The app belongs to another Slack workspace. Make an app in yours, or switch on its public distribution."
        )
    ),
}
"""What Slack's error codes say to people."""


class InstallRefused(Exception):  # noqa: N818 - it reads as what happened
    """The text says why, to the person who tried."""


def redirect_uri() -> str:
    return f"{settings.BASE_URL}{CALLBACK}"


def begin(*, user: User, app: App) -> str:
    """The consent page's address. It leads this person back once, for ten minutes."""
    now = timezone.now()
    InstallState.objects.filter(expires_at__lt=now - KEPT).delete()
    state = f"{app.key}.{secrets.token_urlsafe(32)}"
    InstallState.objects.create(digest=_digest(state), workspace=user.workspace, user=user, expires_at=now + LIFETIME)
    page = AuthorizeUrlGenerator(
        client_id=app.client_id,
        redirect_uri=redirect_uri(),
        scopes=sorted(BOT_SCOPES),
        authorization_url=urljoin(settings.SLACK_API_URL, "../oauth/v2/authorize"),
    )
    return page.generate(state)


def finish(*, user: User, state: str, code: str, error: str = "") -> Installation:
    """What the consent page led back with, for the workspace of whoever began. Raises InstallRefused."""
    app = _take(state, user)
    if error:
        raise InstallRefused(SAID.get(error, _("Slack refused: %(error)s.") % {"error": error}))
    try:
        answer = call_with_token(
            "", "oauth.v2.access",
            client_id=app.client_id, client_secret=app.client_secret, code=code, redirect_uri=redirect_uri(),
        )  # fmt: skip
        return _join(answer, user, app)
    except TeamTaken as taken:
        raise InstallRefused(taken_elsewhere(taken)) from taken
    except SlackError as refused:
        said = SAID.get(
            refused.code, _("Slack answered: %(code)s. Start again from the settings.") % {"code": refused.code}
        )
        raise InstallRefused(said) from refused


def taken_elsewhere(team: TeamTaken) -> str:
    return _(
        "The Slack workspace %(team)s is connected with another Pylon workspace here. "
        "It must be removed there before it can be connected with yours."
    ) % {"team": team}


def _take(state: str, user: User) -> App:
    """Use the state up, once: of two requests that bring it at the same time one wins."""
    now = timezone.now()
    found = InstallState.objects.filter(digest=_digest(state))
    if not found.filter(user=user, used_at=None, expires_at__gt=now).update(used_at=now):
        raise InstallRefused(_why_not(found.first(), user))
    app = app_named(state.partition(".")[0])
    if app is None or not app.can_install:
        raise InstallRefused(_("The app’s client id or secret was removed meanwhile. Start again from the settings."))
    return app


def _why_not(state: InstallState | None, user: User) -> str:
    if state is None:
        return _("This did not begin here: nothing was installed. Start again from the settings.")
    if state.user_id != user.pk:
        return _("Somebody else began this installation. To install Pylon yourself, start again from the settings.")
    if state.used_at:
        return _("This way back from Slack was used already. The settings show whether the installation worked.")
    return _("This took longer than ten minutes. Start again from the settings.")


def _join(answer: dict[str, Any], user: User, app: App) -> Installation:
    if answer.get("is_enterprise_install") or not answer.get("team"):
        raise InstallRefused(
            _(
                "Pylon was installed for the whole organisation. It works for single workspaces: "
                "remove it in the organisation’s settings, then install again and choose one workspace."
            )
        )
    credentials, ends_at = kept(answer)
    installation = join_team(
        credentials, workspace=user.workspace, credentials_expire_at=ends_at,
        slack_app_id=app.row_id, installed_by=user,
    )  # fmt: skip
    if installation.slack_app and not installation.slack_app.app_id:
        installation.slack_app.app_id = installation.app_id
        installation.slack_app.save(update_fields=["app_id"])
    learn_team_later(installation)
    return installation


def _digest(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
