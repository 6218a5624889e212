"""What every benchmark runs in: embedded services in a home of their own, thrown away at the end."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from pylon import embedded

CLONE = Path(__file__).resolve().parent.parent
SIGNING_SECRET = "only-for-benchmarks"
OURS = ("SLACK_", "OPENAI_", "DATABASE_", "REDIS_", "SECRET_KEY", "ALLOWED_HOSTS", "BASE_URL", "DEBUG", "HOST")


@contextmanager
def surroundings(report: Callable[[str], None]) -> Iterator[None]:
    """Sets the environment before Django's settings are read; nothing that the shell has exported reaches them."""
    for name in [name for name in os.environ if name.startswith(OURS)]:
        del os.environ[name]
    home = _folder_on_disk() / f"pylon-benchmarks-{secrets.token_hex(4)}"
    os.environ |= {
        "PYLON_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "pylon.settings",
        "SECRET_KEY": "only-for-benchmarks",
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "SLACK_API_URL": "http://127.0.0.1:9/api/",  # nobody listens there: nothing is to be asked
        "LOG_LEVEL": "WARNING",
    }
    try:
        # Durable, as where it counts: an acknowledgement means that the event is on the disk.
        with embedded.services(home, report=report):
            yield
    finally:
        shutil.rmtree(home, ignore_errors=True)


def new_database(name: str, *, template: str = "template0") -> str:
    """Make it, as a copy of `template`, which nobody may be connected to. Answers its address."""
    with psycopg.connect(database_url("postgres"), autocommit=True) as connection:
        parts = sql.Identifier(name), sql.Identifier(template)
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*parts))
    return database_url(name)


@contextmanager
def connected_to(name: str) -> Iterator[None]:
    """The default connection leads to this database meanwhile."""
    from django.db import connection  # noqa: PLC0415 - the settings are read here for the first time

    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before


def database_url(name: str) -> str:
    return embedded.database_url(Path(os.environ["PYLON_HOME"])).replace("/pylon?", f"/{name}?", 1)


def redis_url() -> str:
    return embedded.redis_url(Path(os.environ["PYLON_HOME"]))


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def _folder_on_disk() -> Path:
    """Not the folder for temporary files: it may be memory, where a commit costs nothing."""
    lasting = Path("/var/tmp")  # noqa: S108 - the home's name in it is random, and it is made with 0700
    return lasting if lasting.is_dir() else Path(tempfile.gettempdir())
