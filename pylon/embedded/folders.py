"""Where embedded services keep their data and their sockets."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import pwd
import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

MARKER = "this-is-a-pylon-home.txt"
LONGEST_SOCKET_PATH = 100  # bytes; `sun_path` holds 104 on macOS and 108 on Linux, with its final zero


class EmbeddedError(Exception):
    """One sentence for the person at the terminal that says what to do."""


def home(configured: str, *, clone: Path) -> Path:
    """The folder that holds all data: what PYLON_HOME names (relative to the clone), else `.pylon` there.

    For root it is `/var/lib/pylon/<clone's name>-<hash of the clone's path>` instead: PostgreSQL refuses to
    run as root, and the user it runs as may not reach the clone. The hash keeps clones of one name apart.
    """
    if configured:
        return (clone / Path(configured).expanduser()).resolve()
    if os.geteuid() == 0:
        return Path("/var/lib/pylon") / f"{clone.name}-{_short_hash(clone)}"
    return clone / ".pylon"


def database_url(home: Path) -> str:
    # The port is part of the socket's name; naming it keeps a PGPORT in the environment from changing it.
    return f"postgresql://postgres@/pylon?host={quote(str(socket_folder(home)))}&port=5432"


def redis_url(home: Path) -> str:
    return f"unix://{quote(str(redis_socket(home)))}"


def postgres_socket(home: Path) -> Path:
    return socket_folder(home) / ".s.PGSQL.5432"


def redis_socket(home: Path) -> Path:
    return socket_folder(home) / "redis.sock"


def socket_folder(home: Path) -> Path:
    """`run` in the home; for a home whose path is too long for a socket, a private folder in /tmp.

    Not `tempfile.gettempdir()`: TMPDIR may differ between two processes that must find the same socket.
    """
    inside = home / "run"
    if len(os.fsencode(inside / ".s.PGSQL.5432")) <= LONGEST_SOCKET_PATH:
        return inside
    return Path("/tmp") / f"pylon-{_short_hash(home)}"  # noqa: S108 - made with 0700, its owner is checked


def is_home(folder: Path) -> bool:
    return (folder / MARKER).is_file()


def claim(home: Path) -> None:
    """Make the folder and mark it as Pylon's own. A folder that already holds someone's files is refused.

    As root it may be walked through by others, because PostgreSQL's user must reach its data; what lies
    inside is closed to them.
    """
    if is_home(home):
        return
    with explained(home):
        for folder in [*reversed(home.parents), home]:
            if not folder.exists():
                folder.mkdir(exist_ok=True)
                folder.chmod(0o755)
        strangers = {entry.name for entry in home.iterdir()} - {"secret_key", "static", MARKER}
        if strangers:
            raise EmbeddedError(
                f"{home} already holds other files ({min(strangers)}): name another folder with PYLON_HOME."
            )
        home.chmod(0o711 if os.geteuid() == 0 else 0o700)
        (home / MARKER).write_text("Pylon's data. `make reset` deletes this folder.\n", encoding="utf-8")


def make_socket_folder(home: Path) -> None:
    account = postgres_account()
    uid, gid = (account.pw_uid, account.pw_gid) if account else (os.geteuid(), os.getegid())
    private_folder(socket_folder(home), uid=uid, gid=gid)


def postgres_account() -> pwd.struct_passwd | None:
    """Whom PostgreSQL runs as when we are root; otherwise it runs as ourselves."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise EmbeddedError("PostgreSQL can't run as root, and there is no user postgres or nobody: add one.")


def private_folder(path: Path, *, uid: int, gid: int) -> Path:
    """`path`, made with mode 0700 for the user `uid` where absent; refused when others could read it."""
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=0o700)
        if uid != os.geteuid():
            os.chown(path, uid, gid)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != uid or stat.S_IMODE(found.st_mode) & 0o077:
        raise EmbeddedError(
            f"{path} must be a folder that only user {uid} may read: delete it, or name another PYLON_HOME."
        )
    return path


@contextlib.contextmanager
def explained(home: Path) -> Iterator[None]:
    """Turns the file system's errors into one sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise disk_full(home) from error
        raise EmbeddedError(
            f"{error.filename or home}: {error.strerror}: name a folder with PYLON_HOME that can be written."
        ) from error


def disk_full(home: Path) -> EmbeddedError:
    return EmbeddedError(f"The disk that holds {home} is full: free at least 1 GB, then start again.")


def _short_hash(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:8]
