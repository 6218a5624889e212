"""What the demo sets before the settings are read: it talks to the Slack sandbox only."""

from __future__ import annotations

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from pylon import embedded, env

CLONE = Path(__file__).resolve().parent.parent
REAL = ("SLACK_", "OPENAI_", "EMAIL_", "BASE_URL", "ALLOWED_HOSTS", "SECRET_KEY")
HERE = {"localhost", "127.0.0.1", "::1"}


def prepare_environment() -> None:
    """Settings of a real workspace that the shell happens to hold are replaced or removed.

    Raises `ImproperlyConfigured` where DATABASE_URL names another machine: the demo writes invented
    conversations.
    """
    if not _is_on_this_machine(env.text("DATABASE_URL")):
        raise ImproperlyConfigured(
            "make demo writes invented conversations, and DATABASE_URL names another machine: "
            "unset it, or run `manage.py up` for a Pylon without demo data."
        )
    home = embedded.home(env.text("PYLON_HOME"), clone=CLONE)
    embedded.claim(home)
    port, sandbox_port = env.integer("PORT", 8000), env.integer("SANDBOX_PORT", 8001)
    for name in [name for name in os.environ if name.startswith(REAL)]:
        del os.environ[name]
    os.environ |= {
        "SECRET_KEY": env.kept_secret(home / "secret_key"),
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "BASE_URL": f"http://127.0.0.1:{port}",
        "SLACK_API_URL": f"http://127.0.0.1:{sandbox_port}/api/",
        "SLACK_BOT_TOKEN": "xoxb-sandbox-acme",
        "SLACK_SIGNING_SECRET": "sandbox-signing-secret",
        "SLACK_CLIENT_ID": "1000000001.1000000002",
        "SLACK_CLIENT_SECRET": "sandbox-client-secret",
        "EMAIL_URL": "console://",
    }
    if env.boolean("DEMO_SOCKET_MODE"):
        os.environ["SLACK_APP_TOKEN"] = "xapp-sandbox"  # noqa: S105 - the sandbox's


def _is_on_this_machine(database_url: str) -> bool:
    try:
        parts = conninfo_to_dict(database_url)
    except ProgrammingError as error:
        raise ImproperlyConfigured(f"DATABASE_URL can't be read: {error}.") from None
    hosts = str(parts.get("host") or "").split(",")
    return all(not host or host in HERE or host.startswith("/") for host in hosts)
