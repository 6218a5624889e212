"""Pylon's own processes and those of its peer, started as in production."""

from __future__ import annotations

import sys

from benchmarks.surroundings import database_url, free_port, redis_url
from pylon.management.commands.up import Address, commands
from pylon.supervisor import Supervisor

PEER_DATABASE = "peer"


def start_pylon(processes: Supervisor, *names: str) -> str:
    """Some of the processes that `manage.py up` runs. Answers the web's address once it answers."""
    web = Address("127.0.0.1", free_port())
    every = commands(web)
    for name in names:
        processes.start(f"pylon {name}", sys.executable, "-m", *every[name])
    processes.wait_for(f"{web.local_url}/healthz")
    return web.local_url


def start_peer(processes: Supervisor, *, worker: bool = False) -> str:
    """slack-bolt under granian, and a Celery worker beside it. Answers the address once it answers."""
    port = free_port()
    granian = ["granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--no-ws"]
    # On two processors two workers of one thread did best for it, of 1 to 3 workers with 1 to 8 threads.
    size = ["--workers", "2", "--blocking-threads", "1", "--log-level", "warning"]
    processes.start("peer web", sys.executable, "-m", *granian, *size, "benchmarks.peers.web:application")
    if worker:
        celery = ["celery", "-A", "benchmarks.peers.worker", "--quiet", "worker", "--concurrency", "2"]
        quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        addresses = {"DATABASE_URL": database_url(PEER_DATABASE), "REDIS_URL": redis_url()}
        settings = {"DJANGO_SETTINGS_MODULE": "benchmarks.peers.settings"}
        processes.start("peer worker", sys.executable, "-m", *celery, *quiet, **addresses, **settings)
    address = f"http://127.0.0.1:{port}"
    processes.wait_for(f"{address}/healthz")
    return address
