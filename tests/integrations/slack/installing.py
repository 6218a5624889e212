"""Going through the sandbox's consent page, as somebody's browser does."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from integrations.slack.manifest import BOT_SCOPES
from tests.sandbox_process import SandboxProcess

CLIENT = {"client_id": "1000000001.1000000002", "client_secret": "sandbox-client-secret"}
BACK = "http://127.0.0.1:8000/slack/oauth/callback"


def consent(address: str, **form: str) -> dict[str, str]:
    """Answer the consent page at the address; what it leads back with."""
    answer = httpx.post(address, data=form, trust_env=False)
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


def grant_of(sandbox: SandboxProcess, user_id: str) -> dict[str, Any]:
    """What Slack answers once somebody has agreed."""
    asked = {"client_id": CLIENT["client_id"], "scope": ",".join(BOT_SCOPES), "redirect_uri": BACK}
    code = consent(str(httpx.URL(f"{sandbox.url}/oauth/v2/authorize", params=asked)), user_id=user_id)["code"]
    return sandbox.web_api("oauth.v2.access", code=code, redirect_uri=BACK, **CLIENT)
