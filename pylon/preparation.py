"""What must be done before Pylon's processes start, and takes no time when it is done already."""

from __future__ import annotations

import errno
import hashlib
import socket
from collections.abc import Callable

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from pylon.supervisor import SupervisorError


def check_port(host: str, port: int, *, setting: str, command: str) -> None:
    """Raises `SupervisorError` with a sentence that says which setting to change."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except PermissionError:
            reason = f"Port {port} needs root"
        except socket.gaierror:
            raise SupervisorError(f"HOST is {host}, which is no address of this machine.") from None
        except OSError as error:
            reason = f"Port {port} is taken" if error.errno == errno.EADDRINUSE else f"{host}: {error.strerror}"
        else:
            return
    raise SupervisorError(f"{reason}. Choose another: {setting}={port + 10} {command}")


def migrate(report: Callable[[str], None]) -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        report("Preparing the tables")
        call_command("migrate", interactive=False, verbosity=0)


def collect_static_files(report: Callable[[str], None]) -> None:
    """Copy, name and compress what browsers load, if any of it changed since the last time."""
    stamp = settings.STATIC_ROOT / ".collected-from"
    found = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            modified_at = storage.get_modified_time(path).timestamp()
            found.update(f"{path} {storage.size(path)} {modified_at}\n".encode())
    fingerprint = found.hexdigest()
    if stamp.exists() and stamp.read_text(encoding="ascii") == fingerprint:
        return
    report("Collecting static files")
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(fingerprint, encoding="ascii")
