from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pylon import supervisor
from pylon.supervisor import Supervisor, SupervisorError

CLONE = Path(__file__).resolve().parents[2]

# Holds a lock on the file named by its argument for as long as it lives.
HOLD = """
import fcntl, signal, subprocess, sys, time
file = open(sys.argv[1], "w")
fcntl.flock(file, fcntl.LOCK_EX)
"""
SLEEP = "print('up', flush=True)\ntime.sleep(300)\n"
STUBBORN = HOLD + "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + SLEEP
WITH_CHILD = f"""
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", {HOLD + SLEEP!r}, sys.argv[1]])
time.sleep(300)
"""
SUPERVISE = """
import sys
from pathlib import Path
from pylon.supervisor import Supervisor
with Supervisor(Path(".")) as processes:
    processes.start("child", sys.executable, "-c", sys.argv[1], sys.argv[2])
    processes.wait()
"""


def lives(file: Path) -> bool:
    """Whether the process that holds the lock on `file` exists."""
    if not file.exists():
        return False
    with file.open() as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def wait_for(file: Path, *, alive: bool) -> None:
    deadline = time.monotonic() + 30
    while lives(file) != alive:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def supervise(program: str, file: Path) -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, "-c", SUPERVISE, program, file], cwd=CLONE, stdout=subprocess.PIPE)
    wait_for(file, alive=True)
    return process


def test_shows_lines_with_the_name_of_the_process(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    held = tmp_path / "held"
    with Supervisor(tmp_path) as processes:
        processes.start("web", sys.executable, "-c", HOLD + "print('listening', flush=True)\n" + SLEEP, str(held))
        wait_for(held, alive=True)
        shown = ""
        while "up" not in shown:
            processes.pause(0.02)
            shown += capsys.readouterr().out
    assert shown == "web       | listening\nweb       | up\n"


def test_gives_its_children_what_it_was_told(tmp_path: Path) -> None:
    program = "import os, pathlib, time; pathlib.Path('port').write_text(os.environ['PORT']); time.sleep(300)"
    with Supervisor(tmp_path) as processes:
        processes.start("web", sys.executable, "-c", program, PORT="8123")
        while not ((tmp_path / "port").exists() and (tmp_path / "port").read_text()):
            processes.pause(0.02)
    assert (tmp_path / "port").read_text() == "8123"


def test_starts_again_what_dies(tmp_path: Path) -> None:
    held = tmp_path / "held"
    once = "import os, sys\nif not os.path.exists('died'):\n    open('died', 'w')\n    sys.exit(3)\n"
    with Supervisor(tmp_path) as processes:
        processes.start("worker", sys.executable, "-c", once + HOLD + SLEEP, str(held))
        wait_for(held, alive=True)
    assert not lives(held)


@pytest.mark.parametrize("command", [[sys.executable, "-c", "raise SystemExit(3)"], ["/no/such/program"]])
def test_gives_up_on_what_never_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    monkeypatch.setattr(supervisor, "LONGEST_PAUSE_SECONDS", 0)
    with Supervisor(tmp_path) as processes:
        processes.start("worker", *command)
        with pytest.raises(SupervisorError, match="worker failed 5 times in a row"):
            processes.wait()
    assert len(capsys.readouterr().out.splitlines()) == 5


def test_pauses_longer_after_each_failure() -> None:
    child = supervisor.Child("web", [], {})
    pauses = []
    for failures in range(1, 9):
        child.failures = failures
        pauses.append(child.pause())
    assert pauses == [1, 2, 4, 8, 16, 30, 30, 30]


def test_says_which_address_did_not_answer(tmp_path: Path) -> None:
    with Supervisor(tmp_path) as processes, pytest.raises(SupervisorError, match="did not answer"):
        processes.wait_for("http://127.0.0.1:9/healthz", seconds=0)


@pytest.mark.parametrize("program", [HOLD + SLEEP, WITH_CHILD, STUBBORN], ids=["plain", "grandchild", "stubborn"])
def test_leaving_stops_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    monkeypatch.setattr(supervisor, "GRACE_SECONDS", 1)
    held = tmp_path / "held"
    with contextlib.suppress(ZeroDivisionError), Supervisor(tmp_path) as processes:
        processes.start("child", sys.executable, "-c", program, str(held))
        wait_for(held, alive=True)
        raise ZeroDivisionError
    wait_for(held, alive=False)


def test_a_process_ends_what_it_started_itself(tmp_path: Path) -> None:
    """A worker whose pool died before it would report the pool's tasks as lost."""
    held, seen = tmp_path / "held", tmp_path / "seen"
    program = f"""
import pathlib, signal, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", {HOLD + SLEEP!r}, sys.argv[1]])
def end(number, frame):
    time.sleep(0.3)
    pathlib.Path(sys.argv[2]).write_text(f"{{child.poll()}}")
    raise SystemExit
signal.signal(signal.SIGTERM, end)
while True:
    time.sleep(1)
"""
    with Supervisor(tmp_path) as processes:
        processes.start("worker", sys.executable, "-c", program, str(held), str(seen))
        wait_for(held, alive=True)
    assert seen.read_text() == "None"
    assert not lives(held)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_all(tmp_path: Path, number: signal.Signals) -> None:
    held = tmp_path / "held"
    process = supervise(HOLD + SLEEP, held)
    process.send_signal(number)
    process.communicate()
    assert not lives(held)


def test_the_terminals_ctrl_c_does_not_reach_the_children(tmp_path: Path) -> None:
    held = tmp_path / "held"
    with Supervisor(tmp_path) as processes:
        processes.start(
            "child",
            sys.executable,
            "-c",
            f"import os; open('group', 'w').write(str(os.getpgrp()))\n{HOLD}{SLEEP}",
            str(held),
        )
        wait_for(held, alive=True)
        assert int((tmp_path / "group").read_text()) != os.getpgrp()


@pytest.mark.parametrize("program", [HOLD + SLEEP, WITH_CHILD], ids=["plain", "grandchild"])
def test_a_killed_supervisor_leaves_nobody_behind(tmp_path: Path, program: str) -> None:
    held = tmp_path / "held"
    process = supervise(program, held)
    process.kill()
    process.communicate()
    wait_for(held, alive=False)
