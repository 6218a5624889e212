"""Adding the app to a workspace."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from tests.sandbox.listener import Listener
from tests.sandbox_process import Json, SandboxProcess

CLIENT = {"client_id": "1000000001.1000000002", "client_secret": "sandbox-client-secret"}
BACK = "http://127.0.0.1:8000/slack/oauth/callback"
ASKED = {"client_id": CLIENT["client_id"], "scope": "chat:write,users:read", "redirect_uri": BACK, "state": "s1"}


def consent(sandbox: SandboxProcess, **form: str) -> dict[str, str]:
    """Answer the consent page and return what it leads back with."""
    answer = httpx.post(f"{sandbox.url}/oauth/v2/authorize", params=ASKED, data=form)
    assert answer.status_code == 302
    assert answer.headers["location"].startswith(f"{BACK}?")
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


def test_a_second_workspace_installs_the_app(sandbox: SandboxProcess, listener: Listener) -> None:
    page = httpx.get(f"{sandbox.url}/oauth/v2/authorize", params=ASKED)
    assert "Ruth Adeyemi at Initech" in page.text
    given = consent(sandbox, user_id="U0RUTH0001")
    assert given["state"] == "s1"
    client = WebClient(base_url=f"{sandbox.url}/api/")
    access = client.oauth_v2_access(code=given["code"], redirect_uri=BACK, **CLIENT)
    assert (access["team"]["name"], access["authed_user"]["id"]) == ("Initech", "U0RUTH0001")
    assert access["scope"] == "chat:write,users:read"
    assert "bot_id" not in access
    test = WebClient(access["access_token"], base_url=f"{sandbox.url}/api/").auth_test()
    assert (test["team_id"], test["user_id"]) == ("T0INITECH", access["bot_user_id"])


def test_a_code_works_once_and_for_its_address(sandbox: SandboxProcess) -> None:
    code = consent(sandbox, user_id="U0DANA0001")["code"]
    elsewhere = sandbox.web_api("oauth.v2.access", code=code, redirect_uri="http://elsewhere", **CLIENT)
    assert elsewhere["error"] == "bad_redirect_uri"
    wrong = sandbox.web_api("oauth.v2.access", code=code, client_id="1.2", client_secret="x")
    assert wrong["error"] == "invalid_client_id"
    assert sandbox.web_api("oauth.v2.access", code=code, redirect_uri=BACK, **CLIENT)["ok"] is True
    assert sandbox.web_api("oauth.v2.access", code=code, redirect_uri=BACK, **CLIENT)["error"] == "invalid_code"


def test_a_refusal_leads_back_too(sandbox: SandboxProcess) -> None:
    assert consent(sandbox, deny="1") == {"state": "s1", "error": "access_denied"}


def test_tokens_that_rotate_are_exchanged_once_and_end(sandbox: SandboxProcess) -> None:
    sandbox.api("change-app", token_rotation_enabled=True, token_seconds=0)
    first = exchange(sandbox, code=consent(sandbox, user_id="U0DANA0001")["code"], redirect_uri=BACK)
    assert first["access_token"].startswith("xoxe.xoxb-")
    assert first["expires_in"] == 0
    client = WebClient(first["access_token"], base_url=f"{sandbox.url}/api/")
    with pytest.raises(SlackApiError, match="token_expired"):
        client.auth_test()
    sandbox.api("change-app", token_seconds=43200)
    second = exchange(sandbox, grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert second["expires_in"] == 43200
    answer = WebClient(second["access_token"], base_url=f"{sandbox.url}/api/").auth_test()
    assert answer["user_id"] == "U0PYLON001", "the bot stays the same"
    assert answer.headers["x-oauth-scopes"] == "chat:write,users:read"
    again = exchange(sandbox, grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert again["error"] == "invalid_refresh_token"
    shown = str(sandbox.log()["calls"])
    assert not any(kept["refresh_token"] in shown for kept in (first, second))


def test_an_app_for_a_whole_organisation_has_no_team(sandbox: SandboxProcess) -> None:
    sandbox.api("change-app", installs_org_wide=True)
    access = exchange(sandbox, code=consent(sandbox, user_id="U0DANA0001")["code"], redirect_uri=BACK)
    assert (access["team"], access["is_enterprise_install"]) == (None, True)


def exchange(sandbox: SandboxProcess, **args: str) -> Json:
    return sandbox.web_api("oauth.v2.access", **args, **CLIENT)


def test_the_page_escapes_what_it_is_given(sandbox: SandboxProcess) -> None:
    asked = ASKED | {"scope": "<script>alert(1)</script>"}
    assert "<script>alert" not in httpx.get(f"{sandbox.url}/oauth/v2/authorize", params=asked).text


def test_the_apps_page_shows_its_credentials_and_what_a_manifest_asks(sandbox: SandboxProcess) -> None:
    manifest = '{"oauth_config": {"scopes": {"bot": ["<b>"]}}, "settings": {"event_subscriptions": {"bot_events": []}}}'
    page = httpx.get(f"{sandbox.url}/apps", params={"new_app": "1", "manifest_json": manifest}).text
    assert CLIENT["client_secret"] in page
    assert "these permissions (&lt;b&gt;)" in page
    assert httpx.get(f"{sandbox.url}/apps", params={"manifest_json": "[]"}).status_code == 200
