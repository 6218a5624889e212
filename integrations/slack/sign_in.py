"""Sign in with Slack: OpenID Connect, and then the question whether this person is one of ours.

A customer from a shared channel owns a valid Slack login too, and may have any e-mail address: what counts is the
Slack team, which must have installed Pylon here, and the person's id in it.
https://docs.slack.dev/authentication/sign-in-with-slack
"""

from __future__ import annotations

import hmac
import secrets
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urljoin

import httpx
import jwt
import structlog
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.utils.translation import gettext as _

from accounts.models import User
from integrations.models import Installation, Provider
from integrations.slack.client import SlackError, call, call_with_token, is_direct
from integrations.slack.credentials import App, app_named
from integrations.slack.manifest import SIGN_IN_CALLBACK, SIGN_IN_SCOPES
from integrations.slack.profiles import person_of, remember

log = structlog.get_logger(__name__)

PENDING = "slack_sign_in"
LIFETIME = 600
"""Seconds that the way through Slack's page may take."""
TIMEOUT = 5
CLOCKS = 60
TEAM, PERSON = "https://slack.com/team_id", "https://slack.com/user_id"
TEAM_NAME = "https://slack.com/team_name"


class SignInRefused(Exception):  # noqa: N818 - it reads as what happened
    """The text says why, to the person who tried."""


@dataclass(frozen=True, slots=True)
class Arrival:
    seat: User
    next_page: str


def can_sign_in() -> bool:
    """Whether there is an app to ask and a team to come from."""
    return app_named("") is not None and Installation.objects.filter(provider=Provider.SLACK, revoked_at=None).exists()


def begin(app: App, session: SessionBase, *, next_page: str = "") -> str:
    """The address of Slack's page. It leads this browser back once, for ten minutes."""
    state, nonce = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    session[PENDING] = {"state": state, "nonce": nonce, "app": app.key, "next": next_page, "at": int(time.time())}
    asked = {
        "response_type": "code", "scope": " ".join(SIGN_IN_SCOPES), "client_id": app.client_id,
        "redirect_uri": redirect_uri(), "state": state, "nonce": nonce,
    }  # fmt: skip
    return f"{_address('openid/connect/authorize')}?{urlencode(asked)}"


def finish(session: SessionBase, *, state: str, code: str, error: str = "") -> Arrival:
    """Who came back from Slack's page. Raises SignInRefused."""
    pending = session.pop(PENDING, None)
    if not isinstance(pending, dict) or not hmac.compare_digest(pending["state"].encode(), state.encode()):
        raise SignInRefused(_("This did not begin in this browser, or was used already. Start again."))
    if time.time() - pending["at"] > LIFETIME:
        raise SignInRefused(_("This took longer than ten minutes. Start again."))
    if error:
        raise SignInRefused(_("You cancelled in Slack.") if error == "access_denied" else _refused_by_slack(error))
    app = app_named(pending["app"])
    if app is None or not app.can_install:
        raise SignInRefused(_("Sign-in with Slack was switched off meanwhile."))
    return Arrival(_teammate(_claims(app, code, pending["nonce"])), pending["next"])


def redirect_uri() -> str:
    return f"{settings.BASE_URL}{SIGN_IN_CALLBACK}"


def _claims(app: App, code: str, nonce: str) -> dict[str, Any]:
    """What Slack says of the person, once it is certain that Slack says it, to us, about this sign-in."""
    try:
        answer = call_with_token(
            "", "openid.connect.token", grant_type="authorization_code",
            client_id=app.client_id, client_secret=app.client_secret, code=code, redirect_uri=redirect_uri(),
        )  # fmt: skip
    except SlackError as refused:
        raise SignInRefused(_refused_by_slack(refused.code)) from refused
    try:
        token = str(answer.get("id_token") or "")
        claims: dict[str, Any] = jwt.decode(
            token, _key(token), algorithms=["RS256"], audience=app.client_id, issuer=_address("").rstrip("/"),
            leeway=CLOCKS, options={"require": ["iss", "aud", "exp", "iat", "nonce", TEAM, PERSON]},
        )  # fmt: skip
        if not hmac.compare_digest(str(claims["nonce"]).encode(), nonce.encode()):
            raise jwt.InvalidTokenError("the nonce is of another sign-in")
    except (jwt.PyJWTError, httpx.HTTPError, ValueError) as error:
        log.warning("a sign-in with slack is not proved", error=str(error))
        raise SignInRefused(_("What Slack answered does not prove who you are. Start again.")) from error
    return claims


def _key(token: str) -> jwt.PyJWK:
    """The one of Slack's public keys with which the token says it is signed."""
    address = _address("openid/connect/keys")
    answer = httpx.get(address, timeout=TIMEOUT, trust_env=not is_direct(address)).raise_for_status()
    return jwt.PyJWKSet.from_dict(answer.json())[str(jwt.get_unverified_header(token).get("kid"))]


def _teammate(claims: dict[str, Any]) -> User:
    """The seat of a full member of a Slack team that is ours."""
    team_id, user_id = str(claims[TEAM]), str(claims[PERSON])
    teams = Installation.objects.select_related("workspace").filter(provider=Provider.SLACK, revoked_at=None)
    installation = teams.filter(external_id=team_id).first()
    if installation is None:
        log.warning("somebody of a foreign slack team tried to sign in", team_id=team_id, user_id=user_id)
        name = str(claims.get(TEAM_NAME) or team_id)
        raise SignInRefused(
            _(
                "Your Slack workspace, %(team)s, is not the one of a team that works here. "
                "If we help you in a shared channel, just go on writing there."
            )
            % {"team": name}
        )
    mine = User.objects.select_related("workspace", "signs_in_as").filter(workspace=installation.workspace_id)
    known = mine.filter(external_id=user_id).first()
    if known is None and not installation.workspace.admits_slack_members:
        raise SignInRefused(
            _("Nobody of your name works in %(workspace)s here yet. Ask an admin for an invitation.")
            % {"workspace": installation.workspace.name}
        )
    _ask_slack(installation, user_id, is_known=known is not None)
    seat = mine.filter(external_id=user_id).first()
    if seat is None or seat.is_guest or not seat.is_active:
        raise SignInRefused(
            _("Only full, active members of %(team)s may sign in: guests and former members may not.")
            % {"team": installation.name}
        )
    return seat


def _ask_slack(installation: Installation, user_id: str, *, is_known: bool) -> None:
    """What they are today: somebody may have become a guest since we last looked. While Slack doesn't answer, what
    was known counts."""
    try:
        profile = call(installation, "users.info", user=user_id).get("user")
    except SlackError as error:
        if is_known and not error.permanent:
            return
        raise SignInRefused(_refused_by_slack(error.code)) from error
    if not isinstance(profile, dict):
        raise SignInRefused(_refused_by_slack("no profile"))
    email = person_of(profile).email
    if not is_known and email and User.objects.filter(email__iexact=email).exists():
        raise SignInRefused(_("There is a sign-in with your e-mail address already: use that one."))
    remember(installation, profile)


def _refused_by_slack(code: str) -> str:
    return _("Slack answered: %(code)s. Start again.") % {"code": code}


def _address(path: str) -> str:
    """Beside Slack's API, wherever that is."""
    return urljoin(urljoin(settings.SLACK_API_URL, "/"), path)
