"""Sign in with Slack: a code for the signed word on who somebody is.

Sources: https://docs.slack.dev/authentication/sign-in-with-slack,
https://docs.slack.dev/reference/methods/openid.connect.token
"""

from __future__ import annotations

import time

from sandbox import openid
from sandbox.errors import SlackError
from sandbox.store import Json
from sandbox.webapi.oauth import CODE_LIFETIME_SECONDS
from sandbox.webapi.registry import Call, method


@method("openid.connect.token", caller="anyone")
def openid_connect_token(call: Call) -> Json:
    """A code works once."""
    app, store, code = call.world.app, call.world.store, call.args.get("code")
    if call.args.get("client_id") != app["client_id"]:
        raise SlackError("invalid_client_id")
    if call.args.get("client_secret") != app["client_secret"]:
        raise SlackError("bad_client_secret")
    if call.args.get("grant_type", "authorization_code") != "authorization_code":
        raise SlackError("unsupported_grant_type")
    if store.one("SELECT 1 FROM oauth_codes WHERE code = ?", code):
        raise SlackError("oauth_authorization_url_mismatch")
    found = store.one("SELECT * FROM openid_codes WHERE code = ?", code)
    if found is None or time.time() - found["created"] > CODE_LIFETIME_SECONDS:
        raise SlackError("invalid_code")
    if found["redirect_uri"] != (call.args.get("redirect_uri") or ""):
        raise SlackError("bad_redirect_uri")
    scopes = set(found["scopes"].split(","))
    with store.transaction():
        store.run("DELETE FROM openid_codes WHERE code = ?", code)
        token = store.next_id("xoxp-sandbox-")
        owner = {"team_id": found["team_id"], "user_id": found["user_id"], "scopes": found["scopes"]}
        store.add("tokens", token=token, kind="user", app_id=app["id"], **owner)
    said = openid.id_token(call.world, found["user_id"], scopes, found["nonce"])
    return {"access_token": token, "token_type": "Bearer", "id_token": said}


@method("openid.connect.userInfo", "openid", caller="user")
def openid_connect_user_info(call: Call) -> Json:
    return openid.claims(call.world, call.user_id, set(call.scopes))
