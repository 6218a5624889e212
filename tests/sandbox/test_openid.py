"""Sign in with Slack."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from tests.sandbox_process import Json, SandboxProcess

CLIENT = {"client_id": "1000000001.1000000002", "client_secret": "sandbox-client-secret"}
BACK = "http://127.0.0.1:8000/sign-in/slack/callback"
ASKED = {
    "response_type": "code", "scope": "openid email profile", "client_id": CLIENT["client_id"],
    "redirect_uri": BACK, "state": "s1", "nonce": "n1",
}  # fmt: skip


def agree(sandbox: SandboxProcess, user_id: str) -> str:
    answer = httpx.post(f"{sandbox.url}/openid/connect/authorize", params=ASKED, data={"user_id": user_id})
    given = parse_qs(urlsplit(answer.headers["location"]).query)
    assert given["state"] == ["s1"]
    return given["code"][0]


def verified(sandbox: SandboxProcess, token: str) -> Json:
    """The claims, after the checks that Slack's page tells apps to make."""
    published = httpx.get(f"{sandbox.url}/.well-known/openid-configuration").json()
    keys = jwt.PyJWKSet.from_dict(httpx.get(published["jwks_uri"]).json())
    key = keys[jwt.get_unverified_header(token)["kid"]]
    claims: Json = jwt.decode(
        token, key, algorithms=["RS256"], audience=CLIENT["client_id"], issuer=published["issuer"]
    )
    return claims


def test_who_somebody_is_and_of_which_team(sandbox: SandboxProcess) -> None:
    client = WebClient(base_url=f"{sandbox.url}/api/")
    answer = client.openid_connect_token(code=agree(sandbox, "U0MIA00001"), redirect_uri=BACK, **CLIENT)
    claims = verified(sandbox, answer["id_token"])
    assert (claims["sub"], claims["nonce"], claims["email"]) == ("U0MIA00001", "n1", "mia@globex.example")
    assert (claims["https://slack.com/team_id"], claims["https://slack.com/team_name"]) == ("T0GLOBEX1", "Globex")
    info = WebClient(answer["access_token"], base_url=f"{sandbox.url}/api/").openid_connect_userInfo()
    assert (info["https://slack.com/user_id"], info["name"]) == ("U0MIA00001", "Mia Tanaka")
    shown = str(sandbox.log()["calls"])
    assert answer["id_token"] not in shown
    assert answer["access_token"] not in shown


def test_a_code_works_once_here_and_for_its_address(sandbox: SandboxProcess) -> None:
    code = agree(sandbox, "U0DANA0001")
    assert exchange(sandbox, code=code, redirect_uri="http://elsewhere")["error"] == "bad_redirect_uri"
    assert exchange(sandbox, code=code, redirect_uri=BACK)["ok"] is True
    assert exchange(sandbox, code=code, redirect_uri=BACK)["error"] == "invalid_code"
    wrong = sandbox.web_api("openid.connect.token", code=code, client_id=CLIENT["client_id"], client_secret="x")
    assert wrong["error"] == "bad_client_secret"


def test_the_bots_token_tells_nobody_who_they_are(sandbox: SandboxProcess) -> None:
    with pytest.raises(SlackApiError, match="not_allowed_token_type"):
        WebClient(sandbox.token, base_url=f"{sandbox.url}/api/").openid_connect_userInfo()


def test_claims_can_be_changed_to_try_an_apps_checks(sandbox: SandboxProcess) -> None:
    sandbox.api("change-app", openid_claims={"nonce": "another"})
    answer = exchange(sandbox, code=agree(sandbox, "U0DANA0001"), redirect_uri=BACK)
    assert verified(sandbox, answer["id_token"])["nonce"] == "another"


def exchange(sandbox: SandboxProcess, **args: str) -> Json:
    return sandbox.web_api("openid.connect.token", **args, **CLIENT)
