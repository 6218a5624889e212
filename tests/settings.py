"""The product's settings, in a home of its own for each run and untouched by what the shell has exported."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path

from pylon import embedded

_worker = os.environ.get("PYTEST_XDIST_WORKER", "")  # "gw0", "gw1", …; they inherit the first process's home
if not _worker:
    for _name in list(os.environ):
        if _name.startswith(("SLACK_", "OPENAI_", "EMAIL_", "SECRET_KEY", "ALLOWED_HOSTS", "BASE_URL", "DEBUG")):
            del os.environ[_name]
    _folder = Path(tempfile.gettempdir()) / f"pylon-tests-{secrets.token_hex(4)}"
    os.environ |= {"PYLON_HOME": str(_folder), "SECRET_KEY": "only-for-tests"}
elif "REDIS_URL" not in os.environ:
    # What is published there reaches all databases of one Redis: each worker has a Redis of its own.
    REDIS_HOME = embedded.home(f"{os.environ['PYLON_HOME']}-{_worker}", clone=Path.cwd())
    os.environ["REDIS_URL"] = embedded.redis_url(REDIS_HOME)

from pylon.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
"""Quick: the real one takes a third of a second on purpose, for each sign-in."""
