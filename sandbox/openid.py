"""What Slack publishes for "Sign in with Slack": its addresses, its keys, and the signed word on who somebody is."""

from __future__ import annotations

import time
from functools import cache

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox import people
from sandbox.store import Json
from sandbox.world import World

KEY_ID = f"sandbox-{int(time.time())}"
LIFETIME_SECONDS = 300


async def configuration(request: Request) -> Response:
    world: World = request.app.state.world
    base = world.config.base_url
    return JSONResponse({
        "issuer": base,
        "authorization_endpoint": f"{base}/openid/connect/authorize",
        "token_endpoint": f"{base}/api/openid.connect.token",
        "userinfo_endpoint": f"{base}/api/openid.connect.userInfo",
        "jwks_uri": f"{base}/openid/connect/keys",
        "scopes_supported": ["openid", "profile", "email"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["form_post"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "claims_supported": ["sub", "auth_time", "iss"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
    })  # fmt: skip


async def keys(_request: Request) -> Response:
    public = RSAAlgorithm.to_jwk(_key().public_key(), as_dict=True)
    return JSONResponse({"keys": [public | {"kid": KEY_ID, "use": "sig", "alg": "RS256"}]})


def id_token(world: World, user_id: str, scopes: set[str], nonce: str) -> str:
    """``openid_claims`` of the app replace claims, so that an app's checks can be tried out."""
    now = int(time.time())
    said: Json = {
        "iss": world.config.base_url,
        "aud": world.app["client_id"],
        "exp": now + LIFETIME_SECONDS,
        "iat": now,
        "auth_time": now,
        "nonce": nonce,
        **claims(world, user_id, scopes),
        **world.app.get("openid_claims", {}),
    }
    return jwt.encode(said, _key(), algorithm="RS256", headers={"kid": KEY_ID})


def claims(world: World, user_id: str, scopes: set[str]) -> Json:
    user = people.get_user(world.store, user_id)
    team = people.get_team(world.store, user["team_id"])
    told: Json = {"sub": user["id"], "https://slack.com/user_id": user["id"], "https://slack.com/team_id": team["id"]}
    if "email" in scopes and user["email"]:
        told |= {"email": user["email"], "email_verified": True, "date_email_verified": 1622128723}
    if "profile" in scopes:
        first, _, last = user["real_name"].partition(" ")
        told |= {
            "name": user["real_name"], "given_name": first, "family_name": last, "locale": "en-US",
            "picture": people.avatar_url(world.config.base_url, user["id"]),
            "https://slack.com/team_name": team["name"], "https://slack.com/team_domain": team["domain"],
        }  # fmt: skip
    return told


@cache
def _key() -> rsa.RSAPrivateKey:
    """Another one for each start, as Slack changes its own from time to time."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)
