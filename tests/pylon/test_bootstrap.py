from __future__ import annotations

import ast
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "bootstrap.py"
UNAVAILABLE = f"no-such-package==1.0 --hash=sha256:{'0' * 64}\n"


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all: making it is what takes the time."""
    made: Path = tmp_path_factory.mktemp("environment") / ".venv"
    subprocess.run([sys.executable, "-m", "venv", made], check=True, timeout=120)
    return made


@pytest.fixture
def clone(bare_clone: Path, environment: Path) -> Path:
    """With an environment in which nothing was installed."""
    shutil.copytree(environment, bare_clone / ".venv", symlinks=True, copy_function=os.link)
    return bare_clone


@pytest.fixture
def bare_clone(tmp_path: Path) -> Path:
    """A clone that needs no packages, so that nothing is downloaded."""
    for folder in ("scripts", "requirements", "node_modules"):
        (tmp_path / folder).mkdir()
    shutil.copy(SCRIPT, tmp_path / "scripts")
    for name in ("base", "dev", "node"):
        (tmp_path / "requirements" / f"{name}.txt").write_text(f"# nothing for {name}\n")
    for name in ("package.json", "package-lock.json"):
        (tmp_path / name).write_text("{}")
    (tmp_path / "node_modules" / ".installed-from").write_text(hashlib.sha256(b"{}{}").hexdigest())
    return tmp_path


def bootstrap(clone: Path, *arguments: str, first: str = "") -> subprocess.CompletedProcess[str]:
    """Run the script; `first` is executed before it, in the same interpreter."""
    script = str(clone / "scripts" / "bootstrap.py")
    program = f"import sys, runpy\n{first}\nrunpy.run_path({script!r}, run_name='__main__')"
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env={"PATH": os.environ["PATH"], "PIP_NO_INDEX": "1", "npm_config_offline": "true"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_installs_once(bare_clone: Path) -> None:
    first = bootstrap(bare_clone)
    assert first.returncode == 0, first.stderr
    assert [line.split(" ... ")[0] for line in first.stdout.splitlines()] == [
        "Making the virtual environment",
        "Installing 0 Python packages, once",
    ]
    second = bootstrap(bare_clone)
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")


def test_installs_again_when_the_pins_change(clone: Path) -> None:
    bootstrap(clone)
    (clone / "requirements" / "base.txt").write_text("# something else\n")
    assert bootstrap(clone).stdout.startswith("Installing 0 Python packages")


def test_what_is_installed_for_dev_serves_for_base(clone: Path) -> None:
    bootstrap(clone, "--dev")
    assert bootstrap(clone).stdout == ""


def test_what_is_installed_for_base_does_not_serve_for_dev(clone: Path) -> None:
    bootstrap(clone)
    assert bootstrap(clone, "--dev").stdout.startswith("Installing 0 Python packages")


def test_what_only_tests_need_may_be_missing(clone: Path) -> None:
    peers = clone / "tests" / "peers"
    peers.mkdir(parents=True)
    (peers / "package.json").write_text('{"dependencies": {"emulate": "1.0.0"}}')
    (peers / "package-lock.json").write_text('{"lockfileVersion": 3}')  # does not fit: npm installs nothing
    ended = bootstrap(clone, "--dev")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "left out: Installing the tests' peers, once failed" in ended.stdout


def test_a_failed_install_gets_a_sentence_and_is_continued(clone: Path) -> None:
    base = clone / "requirements" / "base.txt"
    nothing = base.read_text()
    base.write_text(UNAVAILABLE)
    failed = bootstrap(clone)
    assert failed.returncode == 1
    assert "A package can't be found" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert "no-such-package" in (clone / ".venv" / "install.log").read_text()
    assert bootstrap(clone).returncode == 1
    base.write_text(nothing)
    assert bootstrap(clone).returncode == 0


def test_half_an_environment_is_made_again(clone: Path) -> None:
    (clone / ".venv" / "bin" / "python").unlink()
    assert bootstrap(clone).stdout.startswith("Making the virtual environment")


@pytest.mark.parametrize(
    ("situation", "sentence"),
    [
        ("sys.version_info = (3, 9, 2)", "Pylon needs Python 3.11 or newer; this is "),
        (
            "import shutil; shutil.disk_usage = lambda path: type('', (), {'free': 10**9})",
            "The disk is full: free",
        ),
        ("import importlib.util as u; u.find_spec = lambda name: None", "apt install python3."),
    ],
)
def test_a_machine_that_can_not_gets_a_sentence(bare_clone: Path, situation: str, sentence: str) -> None:
    ended = bootstrap(bare_clone, "--goal", "test", first=situation)
    assert ended.returncode == 1
    assert sentence in ended.stderr
    assert "make test" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (bare_clone / ".venv").exists()


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("error: command 'gcc' failed: No such file or directory", "install a C compiler"),
        ("error: command '/usr/bin/x86_64-linux-gnu-gcc' failed with exit code 1", "install a C compiler"),
        (
            "WARNING: NewConnectionError(': [Errno -3] Temporary failure in name resolution')",
            "check the network",
        ),
        ("npm error code ENOTFOUND", "check the network"),
        (
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
            "isn't the one that was",
        ),
        ("ensurepip is not available", "venv module"),
        ("something new", "Installing failed"),
    ],
)
def test_the_reason_is_read_from_the_output(bare_clone: Path, output: str, sentence: str) -> None:
    (bare_clone / ".venv").mkdir()
    program = (
        "import runpy, sys\n"
        "script = runpy.run_path(sys.argv[1])\n"
        "fail = [sys.executable, '-c', 'import sys; sys.exit(sys.argv[1])', sys.argv[2]]\n"
        "script['run']('Installing', fail)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, bare_clone / "scripts" / "bootstrap.py", output],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert sentence in ended.stderr.splitlines()[-1]
    assert output in (bare_clone / ".venv" / "install.log").read_text()


def test_an_old_python_can_read_the_script() -> None:
    ast.parse(SCRIPT.read_text(), feature_version=(3, 8))
